"""Classifiers of a message: a linear model over characters and words beside a small network.

A head answers one task: one label out of several (softmax), or any number of labels
(sigmoid). Its probability weighs what both models say. Training lives in `classify_fit`; this
half needs NumPy only.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nlu.eight_bits import EightBits
from nlu.features import Floats, Vector
from nlu.neural import Heard, Network
from nlu.vectors import Located, WordVectors

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Head:
    """Columns of both models that answer one task.

    The probability is softmax or sigmoid of `slope * linear + neural * network + shift`.
    """

    task: str
    labels: tuple[str, ...]
    first: int
    many: bool
    slope: float
    neural: float
    shift: float

    @property
    def columns(self) -> slice:
        """The columns of this head."""
        return slice(self.first, self.first + len(self.labels))

    def column(self, label: str) -> int:
        """The column of a label. Raises ValueError for an unknown one."""
        return self.first + self.labels.index(label)

    def probabilities(self, linear: Floats, network: Floats) -> Floats:
        """Calibrated probabilities of scores (labels in the last axis)."""
        mixed = self.slope * linear + self.neural * network + self.shift
        logits = np.asarray(mixed, dtype=np.float32)
        return sigmoid(logits) if self.many else softmax(logits)


@dataclass(frozen=True, slots=True)
class Look:
    """A message as both models see it; `weights` are the linear ones of its features."""

    vector: Vector
    weights: Floats
    located: Located
    heard: Heard


@dataclass(frozen=True, slots=True)
class Gains:
    """What stretches [start, end) of the normalised text gave to decisions.

    `amounts`: stretches x decisions.
    """

    starts: Ints
    ends: Ints
    amounts: Floats


@dataclass(frozen=True, slots=True)
class Classifier:
    """Weights (features x all labels of all heads), biases, the network, and the heads.

    The columns of a head with one label out of several sum to zero: what is left of a weight
    speaks for its label and against the others.
    """

    weights: EightBits
    bias: Floats
    network: Network
    heads: Mapping[str, Head]

    def look(self, vector: Vector, located: Located, vectors: WordVectors) -> Look:
        """Let the network read a message once, for all that is asked about it."""
        weights = self.weights.rows(vector.ids)
        return Look(vector, weights, located, self.network.read(vectors.of(located.rows)))

    def classify(self, look: Look) -> dict[str, dict[str, float]]:
        """Probability of every label of every task."""
        linear = look.vector.values @ look.weights + self.bias
        network = self.network.scores(look.heard)
        return {task: _answer(head, linear, network) for task, head in self.heads.items()}

    def gains(self, look: Look, decisions: Sequence[tuple[str, str]]) -> Gains:
        """What each occurrence and each word gave to decisions, each a task and its label."""
        heads, vector = [self.heads[task] for task, _ in decisions], look.vector
        columns = [self.heads[task].column(label) for task, label in decisions]
        slopes = np.array([head.slope for head in heads], dtype=np.float32)
        shares = np.array([head.neural for head in heads], dtype=np.float32)
        linear = look.weights[:, columns][vector.members] * vector.shares[:, None] * slopes
        network = look.heard.by_word(self.network.head[:, columns] * shares, look.located)
        spans = np.array(look.located.spans, dtype=np.int64).reshape(-1, 2)
        return Gains(
            np.concatenate([vector.starts, spans[:, 0]]),
            np.concatenate([vector.ends, spans[:, 1]]),
            np.concatenate([linear, network]),
        )


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


def _answer(head: Head, linear: Floats, network: Floats) -> dict[str, float]:
    found = head.probabilities(linear[head.columns], network[head.columns])
    return dict(zip(head.labels, found.tolist(), strict=True))
