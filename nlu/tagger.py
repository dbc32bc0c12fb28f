"""Names things in a text: a linear-chain tagger that labels every character.

CRFsuite decodes and, in `tagger_fit`, trains it; what it sees of a character is ours.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from threading import Lock

import pycrfsuite

from nlu.features import FeatureReader, fold
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

    def __init__(self, reader: FeatureReader) -> None:
        self._reader = reader

    def rows(self, text: str) -> list[list[str]]:
        """Feature names, one list per character."""
        folded = fold(text)
        words = self._word_marks(folded)
        tags = self._tag_marks(folded)
        shapes = _shape_marks(text)
        padded = _EDGE + folded + _EDGE
        return [
            [
                *_local(padded, i + len(_EDGE)),
                *_around(words, i, "w"),
                *_around(tags, i, "t"),
                *shapes[i],
                *_suffixes(folded, i),
            ]
            for i in range(len(folded))
        ]

    def _word_marks(self, text: str) -> list[str]:
        marks = [""] * len(text)
        for word, start, end in self._reader.words(text):
            for i in range(start, end):
                marks[i] = _place(i, start, end) + word
        return marks

    def _tag_marks(self, text: str) -> list[str]:
        marks = [""] * len(text)
        for tag, start, end in self._reader.tags(text):
            for i in range(start, end):
                marks[i] = _place(i, start, end) + tag
        return marks


class Tagger:
    """A trained CRFsuite model. `model` is its file as bytes: plain tables, no code.

    Raises ValueError for bytes that are no such model.
    """

    def __init__(self, model: bytes) -> None:
        self.model = model
        self._tagger = pycrfsuite.Tagger()
        if not model.startswith(_MAGIC) or len(model) != _stated_size(model):
            raise ValueError("not a CRFsuite model")
        self._tagger.open_inmemory(model)
        self._alone = Lock()  # CRFsuite keeps the text it is tagging in the tagger

    def spans(self, rows: Sequence[Sequence[str]]) -> list[Span]:
        """The most probable spans of a text, given its feature rows."""
        if not rows:
            return []
        with self._alone:
            return spans_of(self._tagger.tag(rows))


def _stated_size(model: bytes) -> int:
    """The size a CRFsuite file states in its header; C code would read beyond a cut file."""
    return int.from_bytes(model[4:8], "little")


def spans_of(tags: Sequence[str]) -> list[Span]:
    """Spans of a B-/I- sequence; an I- that continues nothing starts a span."""
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
    """The B-/I-/O sequence of spans that do not overlap."""
    tags = [OUTSIDE] * length
    for kind, start, end in spans:
        tags[start:end] = [f"B-{kind}", *[f"I-{kind}"] * (end - start - 1)]
    return tags


def _local(padded: str, i: int) -> Iterator[str]:
    yield _ALWAYS
    for offset in _OFFSETS:
        yield f"c{offset}{padded[i + offset]}"
    for first, second in _PAIRS:
        yield f"p{first}{second}{padded[i + first]}{padded[i + second]}"
    for first, last in _TRIPLES:
        yield f"q{first}{padded[i + first : i + last]}"


def _around(marks: list[str], i: int, prefix: str) -> Iterator[str]:
    if marks[i]:
        yield f"{prefix}0{marks[i]}"
    if i and marks[i - 1]:
        yield f"{prefix}-{marks[i - 1]}"
    if i + 1 < len(marks) and marks[i + 1]:
        yield f"{prefix}+{marks[i + 1]}"


def _shape_marks(text: str) -> list[list[str]]:
    marks: list[list[str]] = [[] for _ in text]
    for kind, start, end in shaped(text):
        for i in range(start, end):
            marks[i].append(f"s{_place(i, start, end)}{kind}")
        if start:
            marks[start - 1].append(f"s<{kind}")
        if end < len(text):
            marks[end].append(f"s>{kind}")
    return marks


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
