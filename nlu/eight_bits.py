"""Matrices whose rows are kept in 8 bits with a scale each: a quarter of the memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class EightBits:
    """A matrix: row i is `table[i] * scale[i]`."""

    table: NDArray[np.int8]
    scale: Floats

    def rows(self, chosen: Ints | Sequence[int]) -> Floats:
        """The rows named (chosen x columns)."""
        places = np.asarray(chosen, dtype=np.int64)
        result: Floats = self.table[places] * self.scale[places, None]
        return result


def eight_bits(matrix: Floats) -> EightBits:
    """Round each row to 127 steps of its largest number."""
    scale = np.maximum(np.abs(matrix).max(axis=1), 1e-9) / 127
    table = np.rint(matrix / scale[:, None]).astype(np.int8)
    return EightBits(table, scale.astype(np.float32))
