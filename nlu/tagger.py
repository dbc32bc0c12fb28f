"""Names things in a text: a linear-chain tagger that labels every character.

CRFsuite decodes and, in `tagger_fit`, trains it; what it sees of a character is ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from threading import Lock

import pycrfsuite

from nlu.features import FeatureReader, fold
from nlu.lexicon import Lexicon
from nlu.patterns import shaped

Span = tuple[str, int, int]
"""A type with start and end."""

OUTSIDE = "O"
_ALWAYS = "b"
"""The feature that every character has."""
_MAGIC = b"lCRF"
_OFFSETS = (-2, -1, 0, 1, 2)
_PAIRS = ((-2, 0), (-1, 1), (-1, 0), (0, 1), (0, 2), (-2, -1), (1, 2))
_TRIPLES = ((-2, 1), (-1, 2), (0, 3))
_LOOK_AHEAD = 9
_NAME_ENDS = dict.fromkeys("店馆铺厂坊楼院校园场超司社摊档行屋吧轩阁记", "m") | dict.fromkeys(
    "路街道巷镇村区县市乡里弄苑口站桥", "a"
)
_EDGE = "\x00\x00\x00"


class TaggingReader:
    """What the tagger sees of each character of a normalised text."""

    def __init__(self, reader: FeatureReader, places: Lexicon) -> None:
        self._reader = reader
        self._places = places

    def rows(self, text: str) -> list[list[str]]:
        """Feature names, one list per character."""
        folded = fold(text)
        words = _marks(self._reader.words(folded), len(folded))
        tags = _marks(self._reader.tags(folded), len(folded))
        places = _marks(self._places.hits(folded), len(folded))
        columns = [
            *_local(folded),
            *_around(words, "w"),
            *_around(tags, "t"),
            *_around(places, "g"),
        ]
        rows = [[name for name in row if name] for row in zip(*columns, strict=True)]
        _add_shapes(rows, shaped(text))
        for i, row in enumerate(rows):
            row.extend(_suffixes(folded, i))
        return rows


class Tagger:
    """A trained CRFsuite model, made of its file as bytes: plain tables, no code.

    Raises ValueError for bytes that are no such model.
    """

    def __init__(self, model: bytes) -> None:
        check_model(model)
        self._model = model  # CRFsuite reads it where it lies and does not hold on to it
        self._tagger = pycrfsuite.Tagger()
        self._tagger.open_inmemory(model)
        self._alone = Lock()  # CRFsuite keeps the text it is tagging in the tagger

    def spans(self, rows: Sequence[Sequence[str]]) -> list[Span]:
        """The most probable spans of a text, given its feature rows."""
        if not rows:
            return []
        with self._alone:
            return spans_of(self._tagger.tag(rows))


def check_model(model: bytes) -> None:
    """Raises ValueError unless bytes begin as a CRFsuite file and have the size it states.

    C code would read beyond a cut file.
    """
    if not model.startswith(_MAGIC) or len(model) != int.from_bytes(model[4:8], "little"):
        raise ValueError("not a CRFsuite model")


def spans_of(tags: Sequence[str]) -> list[Span]:
    """Spans of a sequence of tags; an I- or E- that continues nothing starts a span."""
    spans: list[Span] = []
    for i, tag in enumerate(tags):
        mark, _, kind = tag.partition("-")
        if not kind:
            continue
        continues = mark in "IE" and spans and spans[-1][0] == kind and spans[-1][2] == i
        if continues:
            spans[-1] = (kind, spans[-1][1], i + 1)
        else:
            spans.append((kind, i, i + 1))
    return spans


def tags_of(spans: Sequence[Span], length: int) -> list[str]:
    """The tags of spans that do not overlap: B- and E- at the ends, S- alone, I- inside."""
    tags = [OUTSIDE] * length
    for kind, start, end in spans:
        inside = [f"I-{kind}"] * (end - start - 2)
        tags[start:end] = [f"S-{kind}"] if end - start == 1 else [f"B-{kind}", *inside, f"E-{kind}"]
    return tags


def _local(text: str) -> Iterator[list[str]]:
    """Characters around each place, one column for each kind of feature."""
    edge, count = len(_EDGE), len(text)
    padded = _EDGE + text + _EDGE
    at = {
        offset: padded[edge + offset : edge + offset + count] for offset in range(-edge, edge + 1)
    }
    yield [_ALWAYS] * count
    for offset in _OFFSETS:
        yield [f"c{offset}{char}" for char in at[offset]]
    for first, second in _PAIRS:
        mark = f"p{first}{second}"
        yield [mark + a + b for a, b in zip(at[first], at[second], strict=True)]
    for first, last in _TRIPLES:
        mark, begin = f"q{first}", edge + first
        yield [mark + padded[begin + i : begin + i + last - first] for i in range(count)]


def _around(marks: list[str], prefix: str) -> Iterator[list[str]]:
    """What marks stand at, before and behind each place."""
    here = [mark and prefix + mark for mark in marks]
    yield here
    yield ["", *(mark and "-" + mark for mark in here[:-1])]
    yield [*(mark and "+" + mark for mark in here[1:]), ""]


def _marks(found: Iterable[tuple[str, int, int]], length: int) -> list[str]:
    """At each character what covers it and where in it the character stands."""
    marks = [""] * length
    for name, start, end in found:
        for i in range(start, end):
            marks[i] = _place(i, start, end) + name
    return marks


def _add_shapes(rows: Sequence[list[str]], shapes: Iterable[Span]) -> None:
    for kind, start, end in shapes:
        for i in range(start, end):
            rows[i].append(f"s{_place(i, start, end)}{kind}")
        if start:
            rows[start - 1].append(f"s<{kind}")
        if end < len(rows):
            rows[end].append(f"s>{kind}")


def _suffixes(text: str, i: int) -> Iterator[str]:
    """Characters ahead that end the names of shops, roads and villages."""
    for distance, char in enumerate(text[i : i + _LOOK_AHEAD]):
        if char in _NAME_ENDS:
            yield f"n{char}"
            yield f"n{min(distance, 4)}{_NAME_ENDS[char]}"
            return
        if not char.isalnum():
            return


def _place(i: int, start: int, end: int) -> str:
    if end - start == 1:
        return "S"
    return "B" if i == start else "E" if i == end - 1 else "M"
