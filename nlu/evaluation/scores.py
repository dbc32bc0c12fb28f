"""Figures of merit: accuracy, F1, coverage at a precision, calibration error, confusion."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

_BINS = 10
PRECISIONS = (0.95, 0.98, 0.99)


@dataclass(frozen=True, slots=True)
class Rates:
    """Precision, recall and F1 of found against gold items, with their counts."""

    gold: int
    found: int
    both: int

    @property
    def precision(self) -> float:
        """Share of the found that is gold; 0 where nothing was found."""
        return self.both / self.found if self.found else 0.0

    @property
    def recall(self) -> float:
        """Share of the gold that was found; 0 where there is none."""
        return self.both / self.gold if self.gold else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall."""
        total = self.gold + self.found
        return 2 * self.both / total if total else 0.0


@dataclass(frozen=True, slots=True)
class TaskScore:
    """How well one single-label task was answered."""

    accuracy: float
    macro_f1: float
    per_label: dict[str, Rates]
    calibration_error: float
    coverage: dict[float, float]
    """Largest share of messages that can be answered at each precision."""
    confusion: dict[tuple[str, str], int]
    """(gold, found) -> count, mistakes only."""


def score_task(gold: Sequence[str], found: Sequence[str], confidence: Sequence[float]) -> TaskScore:
    """Score one answer per message. Raises ValueError for sequences of unequal length."""
    pairs = list(zip(gold, found, strict=True))
    correct = np.array([a == b for a, b in pairs], dtype=bool)
    chances = np.array(confidence, dtype=np.float64)
    per_label = rates_by_label([{a} for a in gold], [{b} for b in found])
    present = [per_label[label].f1 for label in sorted(set(gold) | set(found))]
    return TaskScore(
        accuracy=float(correct.mean()) if pairs else 0.0,
        macro_f1=float(np.mean(present)) if present else 0.0,
        per_label=per_label,
        calibration_error=calibration_error(chances, correct),
        coverage={target: coverage_at(chances, correct, target) for target in PRECISIONS},
        confusion=dict(Counter(pair for pair in pairs if pair[0] != pair[1])),
    )


def rates_by_label(
    gold: Sequence[Iterable[str]], found: Sequence[Iterable[str]]
) -> dict[str, Rates]:
    """Rates of every label over messages that may have any number of labels."""
    sets = [(set(a), set(b)) for a, b in zip(gold, found, strict=True)]
    labels = sorted({label for pair in sets for one in pair for label in one})
    return {
        label: Rates(
            gold=sum(label in a for a, _ in sets),
            found=sum(label in b for _, b in sets),
            both=sum(label in a and label in b for a, b in sets),
        )
        for label in labels
    }


def overall(gold: Sequence[Iterable[Hashable]], found: Sequence[Iterable[Hashable]]) -> Rates:
    """Rates over all items of all messages together (micro average)."""
    sets = [(set(a), set(b)) for a, b in zip(gold, found, strict=True)]
    return Rates(
        sum(len(a) for a, _ in sets), sum(len(b) for _, b in sets), sum(len(a & b) for a, b in sets)
    )


def macro_f1(rates: dict[str, Rates]) -> float:
    """Mean F1 over the labels that occur in the gold."""
    values = [one.f1 for one in rates.values() if one.gold]
    return float(np.mean(values)) if values else 0.0


def calibration_error(confidence: NDArray[np.float64], correct: NDArray[np.bool_]) -> float:
    """Expected calibration error over ten equal bins."""
    if not len(confidence):
        return 0.0
    bins = np.minimum((confidence * _BINS).astype(int), _BINS - 1)
    gaps = [
        abs(float(confidence[bins == b].mean() - correct[bins == b].mean())) * (bins == b).mean()
        for b in range(_BINS)
        if (bins == b).any()
    ]
    return float(sum(gaps))


def coverage_at(
    confidence: NDArray[np.float64], correct: NDArray[np.bool_], precision: float
) -> float:
    """Largest share of answers, most confident first, that holds the precision."""
    if not len(confidence):
        return 0.0
    order = np.argsort(-confidence, kind="stable")
    running = np.cumsum(correct[order]) / np.arange(1, len(order) + 1)
    reached = np.flatnonzero(running >= precision)
    return float((reached[-1] + 1) / len(order)) if len(reached) else 0.0
