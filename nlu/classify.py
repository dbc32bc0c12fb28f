"""Linear classifiers over one shared vocabulary, with calibrated probabilities.

A head answers one task: one label out of several (softmax), or any number of labels
(sigmoid). Training lives in `classify_fit`; this half needs NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.features import Floats, Vector


@dataclass(frozen=True, slots=True)
class Head:
    """Columns of the weight table that answer one task.

    The probability is softmax or sigmoid of `slope * score + shift` (one shift per label).
    """

    task: str
    labels: tuple[str, ...]
    first: int
    many: bool
    slope: float
    shift: tuple[float, ...]

    @property
    def columns(self) -> slice:
        """The columns of this head."""
        return slice(self.first, self.first + len(self.labels))

    def probabilities(self, scores: Floats) -> Floats:
        """Calibrated probabilities of scores (labels in the last axis)."""
        logits = self.slope * scores + np.asarray(self.shift, dtype=np.float32)
        return sigmoid(logits) if self.many else softmax(logits)


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights (features x all labels of all heads), biases, and the heads."""

    weights: NDArray[np.float16]
    bias: Floats
    heads: Mapping[str, Head]

    def classify(self, vector: Vector) -> dict[str, dict[str, float]]:
        """Probability of every label of every task."""
        scores = vector.values @ self.weights[vector.ids].astype(np.float32) + self.bias
        return {task: _answer(head, scores) for task, head in self.heads.items()}

    def contributions(self, vector: Vector, task: str, label: str) -> Floats:
        """What each occurrence of the vector added to a label, against the mean of its rivals."""
        head = self.heads[task]
        columns = self.weights[vector.ids, head.columns].astype(np.float32)
        chosen = columns[:, head.labels.index(label)]
        rivals = 0.0 if head.many else columns.mean(axis=1)
        margins: Floats = (chosen - rivals)[vector.members] * vector.shares
        return margins


def best(probabilities: Mapping[str, float]) -> tuple[str, float]:
    """The most probable label and its probability."""
    label = max(probabilities, key=lambda name: probabilities[name])
    return label, probabilities[label]


def softmax(logits: Floats) -> Floats:
    """Softmax over the last axis."""
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    result: Floats = powers / powers.sum(axis=-1, keepdims=True)
    return result


def sigmoid(logits: Floats) -> Floats:
    """Logistic function."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -30, 30))), dtype=np.float32)


def _answer(head: Head, scores: Floats) -> dict[str, float]:
    found = head.probabilities(scores[head.columns])
    return dict(zip(head.labels, found.tolist(), strict=True))
