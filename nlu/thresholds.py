"""Where to stop believing a probability, chosen on examples the model has not seen."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.float64]


def for_precision(confidence: Numbers, correct: NDArray[np.bool_], target: float) -> float:
    """The lowest threshold above which at least `target` of the answers are right.

    1.0 where no threshold reaches the target.
    """
    order = np.argsort(-confidence, kind="stable")
    precision = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(precision >= target)
    return float(confidence[order[reached[-1]]]) if len(reached) else 1.0


def for_f1(chances: Numbers, gold: NDArray[np.bool_]) -> float:
    """The threshold of best micro-F1 over all labels."""
    grid = np.linspace(0.1, 0.8, 71)
    return float(max(grid, key=lambda edge: _f1(chances >= edge, gold)))


def _f1(found: NDArray[np.bool_], gold: NDArray[np.bool_]) -> float:
    both = float((found & gold).sum())
    return 2 * both / max(float(found.sum() + gold.sum()), 1.0)
