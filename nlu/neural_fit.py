"""Trains the convolutional network: plain NumPy, Adam, about a minute for ten thousand texts.

The word vectors stay as they are; only filters and heads learn. Because a filter passes on
nothing but its loudest place, the way back is one sparse matrix and one product.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nlu.classify import sigmoid, softmax
from nlu.neural import MARGIN, WIDTHS, Network, convolve, starts
from nlu.vectors import WordVectors

Floats = NDArray[np.float32]
Ints = NDArray[np.int64]

_FILTERS = 160
_EPOCHS = 12
_BATCH = 32
_RATE = 2e-3
_WARM_UP = 200
_DECAY = 1e-2
_DROP_WORD, _DROP_VALUE, _DROP_HIDDEN = 0.08, 0.25, 0.5
_SMOOTHING = 0.05
_SEED = 20_260
_FIRST, _SECOND, _EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Target:
    """What one task wants: `gold` is texts x labels, zero or one; `weight` its say."""

    gold: Floats
    many: bool
    weight: float


@dataclass(slots=True)
class _Parameter:
    """Weights with the running moments Adam keeps of their gradient."""

    value: Floats
    decay: float = 0.0
    first: Floats = field(init=False)
    second: Floats = field(init=False)

    def __post_init__(self) -> None:
        self.first, self.second = np.zeros_like(self.value), np.zeros_like(self.value)

    def step(self, gradient: Floats, rate: float, number: int) -> None:
        """One step of Adam with decoupled weight decay."""
        self.first += (1 - _FIRST) * (gradient - self.first)
        self.second += (1 - _SECOND) * (np.square(gradient) - self.second)
        slope = self.first / (1 - _FIRST**number)
        spread = np.sqrt(self.second / (1 - _SECOND**number)) + _EPSILON
        self.value -= rate * (slope / spread + self.decay * self.value)


def fit_network(
    texts: Sequence[Sequence[int]],
    targets: Sequence[Target],
    vectors: WordVectors,
    epochs: int = _EPOCHS,
) -> Network:
    """Train on texts given as rows of the vector table.

    Raises ValueError when there is no text.
    """
    if not texts:
        raise ValueError("no text to train the network on")
    trainer = _Trainer(vectors.size, targets)
    table = np.vstack([np.zeros((1, vectors.size)), vectors.of(range(len(vectors.index)))])
    random = np.random.default_rng(_SEED)
    total = epochs * -(-len(texts) // _BATCH)
    for number, chosen in enumerate(_batches(texts, epochs, random), 1):
        words = table.astype(np.float32)[_padded([texts[i] for i in chosen])]
        rate = _RATE * min(1.0, number / _WARM_UP) * (1 - number / (total + 1))
        trainer.step(words, chosen, rate, random)
    return trainer.network()


class _Trainer:
    """The parameters of a network on their way."""

    def __init__(self, size: int, targets: Sequence[Target]) -> None:
        random = np.random.default_rng(_SEED)
        labels = sum(target.gold.shape[1] for target in targets)
        hidden = _FILTERS * len(WIDTHS)
        self._targets = targets
        self._steps = 0
        self._filters = _Parameter(
            _normal(random, (size, _FILTERS * sum(WIDTHS)), size**-0.5), _DECAY
        )
        self._offsets = _Parameter(np.zeros(hidden, dtype=np.float32))
        self._head = _Parameter(_normal(random, (hidden + size, labels), 0.02), _DECAY)
        self._bias = _Parameter(np.zeros(labels, dtype=np.float32))

    def network(self) -> Network:
        """The network as it is now."""
        parts = (self._filters, self._offsets, self._head, self._bias)
        return Network(*(part.value for part in parts))

    def step(self, words: Floats, chosen: Ints, rate: float, random: np.random.Generator) -> None:
        """Learn from one batch (texts x words x size)."""
        seen = _dropped(words, random)
        peaks, places = convolve(seen, self._filters.value, _FILTERS)
        peaks = peaks + self._offsets.value
        hidden = np.hstack([np.maximum(peaks, 0), _means(seen, words)])
        kept = _mask(random, hidden.shape, _DROP_HIDDEN)
        errors = self._errors(hidden * kept, chosen)
        back = (errors @ self._head.value.T * kept)[:, : peaks.shape[1]] * (peaks > 0)
        gradients = (
            (self._head, (hidden * kept).T @ errors),
            (self._bias, errors.sum(axis=0)),
            (self._offsets, back.sum(axis=0)),
            (self._filters, _filter_gradient(seen, back, places)),
        )
        self._steps += 1
        for parameter, gradient in gradients:
            parameter.step(gradient.astype(np.float32), rate, self._steps)

    def _errors(self, hidden: Floats, chosen: Ints) -> Floats:
        """What each score should have been less of, averaged over the batch."""
        scores = hidden @ self._head.value + self._bias.value
        columns = np.cumsum([0, *(target.gold.shape[1] for target in self._targets)])
        parts = [
            _error(scores[:, first:last], target, target.gold[chosen])
            for target, first, last in zip(self._targets, columns, columns[1:], strict=False)
        ]
        return np.asarray(np.hstack(parts) / len(chosen), dtype=np.float32)


def _error(scores: Floats, target: Target, gold: Floats) -> Floats:
    if target.many:
        return np.asarray(target.weight * (sigmoid(scores) - gold), dtype=np.float32)
    softened = gold * (1 - _SMOOTHING) + _SMOOTHING / gold.shape[1]
    return np.asarray(target.weight * (softmax(scores) - softened), dtype=np.float32)


def _filter_gradient(seen: Floats, back: Floats, places: Ints) -> Floats:
    """Gradient of the filters: each error goes to the words its filter was loudest on."""
    texts, length, size = seen.shape
    errors = np.zeros((texts, length, _FILTERS * sum(WIDTHS)), dtype=np.float32)
    rows = np.arange(texts)[:, None]
    for number, (width, first) in enumerate(starts(_FILTERS)):
        part = slice(number * _FILTERS, (number + 1) * _FILTERS)
        for step in range(width):
            columns = np.arange(first + step * _FILTERS, first + (step + 1) * _FILTERS)
            errors[rows, places[:, part] + step, columns] = back[:, part]
    flat: Floats = seen.reshape(-1, size).T @ errors.reshape(texts * length, -1)
    return flat


def _batches(
    texts: Sequence[Sequence[int]], epochs: int, random: np.random.Generator
) -> Iterator[Ints]:
    """Batches of texts of like length, in another order each time."""
    lengths = np.array([len(text) for text in texts])
    for _ in range(epochs):
        order = random.permutation(len(texts))
        pools = [order[i : i + _BATCH * 32] for i in range(0, len(order), _BATCH * 32)]
        sorted_pools = [pool[np.argsort(lengths[pool], kind="stable")] for pool in pools]
        batches = [p[i : i + _BATCH] for p in sorted_pools for i in range(0, len(p), _BATCH)]
        yield from (batches[i] for i in random.permutation(len(batches)))


def _padded(texts: Sequence[Sequence[int]]) -> Ints:
    """Rows of the table, counted from one, with empty words (0) around."""
    longest = max(max(len(text) for text in texts), max(WIDTHS)) + 2 * MARGIN
    rows = np.zeros((len(texts), longest), dtype=np.int64)
    for i, text in enumerate(texts):
        rows[i, MARGIN : MARGIN + len(text)] = np.asarray(text, dtype=np.int64) + 1
    return rows


def _dropped(words: Floats, random: np.random.Generator) -> Floats:
    return (
        words
        * _mask(random, words.shape, _DROP_VALUE)
        * (random.random((*words.shape[:2], 1), dtype=np.float32) > _DROP_WORD)
    )


def _means(seen: Floats, words: Floats) -> Floats:
    lengths = words.any(axis=2).sum(axis=1, keepdims=True)
    return np.asarray(seen.sum(axis=1) / np.maximum(lengths, 1), dtype=np.float32)


def _mask(random: np.random.Generator, shape: tuple[int, ...], share: float) -> Floats:
    kept = random.random(shape, dtype=np.float32) > share
    return kept.astype(np.float32) / np.float32(1 - share)


def _normal(random: np.random.Generator, shape: tuple[int, int], scale: float) -> Floats:
    return (random.standard_normal(shape) * scale).astype(np.float32)
