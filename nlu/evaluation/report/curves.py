"""Accuracy against coverage, and stated against observed accuracy.

Messages of equal confidence cannot be told apart by a threshold: they are answered together.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlu.evaluation.report.results import Bin, Curve, Point

BINS = 10
_ROUNDING = 1e-9


def curve(confidence: Sequence[float], correct: Sequence[bool]) -> Curve:
    """Every threshold worth setting. Raises ValueError for sequences of unequal length."""
    pairs = sorted(zip(confidence, correct, strict=True), key=lambda pair: -pair[0])
    points: list[Point] = []
    right = 0
    for number, (chance, good) in enumerate(pairs, 1):
        right += good
        if number == len(pairs) or pairs[number][0] < chance:
            points.append(Point(chance, number / len(pairs), right / number))
    return tuple(points)


def accuracy_at(points: Curve, coverage: float) -> float:
    """Accuracy of the most confident answers that make up at least this share; 0 for no points."""
    return next((p.accuracy for p in points if p.coverage >= coverage - _ROUNDING), 0.0)


def coverage_at(points: Curve, accuracy: float) -> float:
    """The largest share that can be answered this well; 0 where none can."""
    reached = [p.coverage for p in points if p.accuracy >= accuracy - _ROUNDING]
    return max(reached, default=0.0)


def reliability(confidence: Sequence[float], correct: Sequence[bool]) -> tuple[Bin, ...]:
    """Ten equal bins of confidence; empty ones have a count of 0."""
    chances, right = np.array(confidence, dtype=np.float64), np.array(correct, dtype=bool)
    numbers = np.minimum((chances * BINS).astype(int), BINS - 1)
    return tuple(_bin(chances[numbers == b], right[numbers == b]) for b in range(BINS))


def _bin(chances: np.ndarray, right: np.ndarray) -> Bin:
    if not len(chances):
        return Bin(0, 0.0, 0.0)
    return Bin(len(chances), float(chances.mean()), float(right.mean()))
