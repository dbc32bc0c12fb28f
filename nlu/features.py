"""What the classifier sees of a message, and where in the message it saw it.

Character n-grams, jieba words and lexicon tags, weighted by TF-IDF. People put the request at
the end of a letter and the subject at its beginning, so in long texts the first and the last
characters count more, and both ends also give features of their own.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from nlu.cues import Cues
from nlu.lexicon import Hit, Lexicon
from nlu.segment import Segmenter, Word
from nlu.severity import SeverityRules

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Occurrence = tuple[str, int, int]
"""A feature name with the start and end of what it was seen on."""

MAX_GRAM = 4
_LONG = 3
HEAD_CHARS = 60
TAIL_CHARS = 120
_FIRST_CHARS = 12
_LAST_CHARS = 24
_END_WEIGHT = 2.0
_DIGITS = str.maketrans("123456789", "000000000")
_WORD, _TAG, _FIRST, _LAST, _CUE = "\x01", "\x02", "\x03", "\x04", "\x05"
_BLOCK_WEIGHTS = {"": 1.0, _WORD: 0.7, _TAG: 0.4, _FIRST: 0.25, _LAST: 0.2, _CUE: 0.35}
"""Each kind of feature forms a vector of this length, whatever the number of its members.

Chosen by cross-validation: heavier hints help neither our sentences nor other people's.
"""
_PLACED = (_FIRST, _LAST)
_BLOCKS = tuple(_BLOCK_WEIGHTS)
_CLOSING_CHARS = 30
_TAG_KINDS = ("product", "venue", "hazard", "symptom", "request")


@dataclass(frozen=True, slots=True)
class Vector:
    """A sparse text vector, each block of fixed length, and the occurrences it was summed from.

    `ids` are sorted and unique; occurrence j belongs to `ids[members[j]]`, covers
    [`starts[j]`, `ends[j]`) of the normalised text and brought `shares[j]` of its value.
    """

    ids: Ints
    values: Floats
    members: Ints
    starts: Ints
    ends: Ints
    shares: Floats


class FeatureReader:
    """Turns normalised text into occurrences of features."""

    def __init__(
        self, segmenter: Segmenter, lexicon: Lexicon, cues: Cues, severity: SeverityRules
    ) -> None:
        self._segmenter = segmenter
        self._lexicon = lexicon
        self._cues = cues
        self._severity = severity

    def occurrences(self, text: str, known: Container[str] | None = None) -> Iterator[Occurrence]:
        """Every feature of a normalised text.

        With `known`, the unknown character n-grams are not all given: what begins with an
        unknown one is unknown too.
        """
        folded = fold(text)
        for signal, start, end in self._severity.signals(text):
            yield f"{_CUE}:{signal}", start, end
        yield from _grams(folded, "", 0, len(folded), MAX_GRAM, known)
        yield from _grams(folded, _FIRST, 0, _FIRST_CHARS, 3, known)
        yield from _grams(folded, _LAST, len(folded) - _LAST_CHARS, len(folded), 3, known)
        for word, start, end in self.words(folded):
            yield _WORD + word, start, end
        tags = list(self.tags(folded))
        for tag, start, end in tags:
            yield _TAG + tag, start, end
        yield from self._turns(folded, {tag.partition(".")[0] for tag, _, _ in tags})

    def _turns(self, folded: str, kinds: set[str]) -> Iterator[Occurrence]:
        """Cues, those near the end once more, and what is missing altogether."""
        found = list(self._cues.hits(folded))
        for name, start, end in found:
            yield _CUE + name, start, end
            if end > len(folded) - _CLOSING_CHARS:
                yield f"{_CUE}${name}", start, end
        seen = {name for name, _, _ in found}
        missing = [*(set(self._cues.patterns) - seen), *(set(_TAG_KINDS) - kinds)]
        for name in missing:
            yield f"{_CUE}!{name}", 0, 0
        yield f"{_CUE}length{len(folded).bit_length()}", 0, 0

    def words(self, folded: str) -> Sequence[Word]:
        """Words of a folded text."""
        return self._segmenter.words(folded)

    def tags(self, folded: str) -> Iterator[Hit]:
        """Lexicon tags of a folded text."""
        return self._lexicon.hits(folded)


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Known features with their inverse document frequencies."""

    index: dict[str, int]
    idf: Floats
    blocks: NDArray[np.int8]

    def names(self) -> list[str]:
        """Feature names in index order."""
        return list(self.index)


def fold(text: str) -> str:
    """Lower case and digits alike, keeping the length."""
    lowered = text.lower()
    return (lowered if len(lowered) == len(text) else text).translate(_DIGITS)


def build_vocabulary(documents: Iterable[Sequence[Occurrence]]) -> Vocabulary:
    """Features seen in enough documents, in a stable order.

    A feature's beginnings are seen at least as often, so `occurrences` may stop at an unknown one.
    """
    frequency: Counter[str] = Counter()
    total = 0
    for document in documents:
        total += 1
        frequency.update({name for name, _, _ in document})
    kept = sorted(name for name, count in frequency.items() if count >= _least(name))
    counts = np.array([frequency[name] for name in kept], dtype=np.float32)
    idf = np.log((1 + total) / (1 + counts)) + 1
    return vocabulary_of(kept, idf.astype(np.float32))


def _least(name: str) -> int:
    """Documents a feature must be seen in: long and placed n-grams are many and say little."""
    many = name[0] in _PLACED or (len(name) >= _LONG and name[0] not in _BLOCK_WEIGHTS)
    return 3 if many else 2


def vocabulary_of(names: Sequence[str], idf: Floats) -> Vocabulary:
    """A vocabulary from its parts, as they are stored."""
    blocks = [_BLOCKS.index(name[0]) if name[0] in _BLOCK_WEIGHTS else 0 for name in names]
    return Vocabulary(
        {name: i for i, name in enumerate(names)}, idf, np.array(blocks, dtype=np.int8)
    )


def vectorise(document: Iterable[Occurrence], length: int, vocabulary: Vocabulary) -> Vector:
    """The TF-IDF vector of a document of `length` characters."""
    index = vocabulary.index
    known = [(index[name], start, end) for name, start, end in document if name in index]
    table = np.fromiter(chain.from_iterable(known), np.int64, 3 * len(known)).reshape(-1, 3)
    ids, members = np.unique(table[:, 0], return_inverse=True)
    weights = _position_weights(length)[table[:, 1]]
    mass = np.bincount(members, weights=weights, minlength=len(ids))
    values = (1 + np.log(np.maximum(mass, 1.0))) * vocabulary.idf[ids]
    values = values * _block_scales(values, vocabulary.blocks[ids])
    shares = weights * (values / np.maximum(mass, 1e-9))[members]
    return Vector(
        ids, values.astype(np.float32), members, table[:, 1], table[:, 2], shares.astype(np.float32)
    )


def _grams(
    text: str, prefix: str, first: int, last: int, longest: int, known: Container[str] | None
) -> Iterator[Occurrence]:
    first, last = max(first, 0), min(last, len(text))
    for start in range(first, last):
        for end in range(start + 1, min(start + longest, last) + 1):
            gram = prefix + text[start:end]
            if known is not None and gram not in known:
                break
            yield gram, start, end


def _block_scales(values: Floats, blocks: NDArray[np.int8]) -> Floats:
    norms = np.sqrt(np.bincount(blocks, weights=np.square(values), minlength=len(_BLOCKS)))
    targets = np.array(list(_BLOCK_WEIGHTS.values()))
    return np.asarray((targets / np.maximum(norms, 1e-9))[blocks], dtype=np.float32)


def _position_weights(length: int) -> Floats:
    weights = np.ones(length + 1, dtype=np.float32)
    if length > HEAD_CHARS + TAIL_CHARS:
        weights[:HEAD_CHARS] = _END_WEIGHT
        weights[-TAIL_CHARS - 1 :] = _END_WEIGHT
    return weights
