"""Trains the tagger: a linear-chain conditional random field, by L-BFGS.

All texts are stepped through together, longest first, so that the forward-backward pass is a
few matrix products per character position. Imports SciPy; never imported at run time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize

from nlu.tagger import ALWAYS, OUTSIDE, Tagger, start_mask, transition_mask

Doubles = NDArray[np.float64]
Rows = Sequence[Sequence[str]]

_MIN_COUNT = 2
_LEAST_WEIGHT = 0.03
"""Features no tag gives this much say little and fill more than half of the memory."""
_TINY = 1e-300


@dataclass(frozen=True)
class _Batch:
    """All characters of all texts, by position and then by text (longest text first)."""

    features: sparse.csr_matrix
    gold: NDArray[np.int64]
    widths: NDArray[np.int64]
    """How many texts are still running at each position."""
    begins: NDArray[np.int64]
    """Row of the first character of each position."""


def fit_tagger(
    texts: Sequence[Rows],
    tags: Sequence[Sequence[str]],
    l2: float = 0.1,
    iterations: int = 70,
    outside_bias: float = 0.0,
) -> Tagger:
    """Train on feature rows and their tags, text by text.

    `outside_bias` is taken from the score of the outside tag after training: above zero, more
    spans are found, some of them wrong.

    Raises ValueError when there is nothing to learn from.
    """
    kept = [(rows, gold) for rows, gold in zip(texts, tags, strict=True) if rows]
    if not kept:
        raise ValueError("no text to train the tagger on")
    names = [OUTSIDE, *sorted({tag for _, gold in kept for tag in gold} - {OUTSIDE})]
    index = _index([rows for rows, _ in kept])
    objective = _Objective(_batch(kept, index, names), names, l2)
    start = np.zeros(objective.size)
    found = minimize(
        objective,
        start,
        jac=True,
        method="L-BFGS-B",
        options={"maxiter": iterations, "maxcor": 6},
    )
    return _tagger(found.x, objective, names, index, outside_bias)


def _index(texts: Sequence[Rows]) -> dict[str, int]:
    counts = Counter(name for rows in texts for row in rows for name in row)
    kept = sorted(name for name, count in counts.items() if count >= _MIN_COUNT)
    return {name: i for i, name in enumerate(kept)}


def _batch(
    kept: Sequence[tuple[Rows, Sequence[str]]], index: dict[str, int], names: Sequence[str]
) -> _Batch:
    ordered = sorted(kept, key=lambda pair: -len(pair[0]))
    places = {name: i for i, name in enumerate(names)}
    columns: list[int] = []
    pointers, gold, widths = [0], [], []
    for position in range(len(ordered[0][0])):
        running = [pair for pair in ordered if len(pair[0]) > position]
        widths.append(len(running))
        for rows, tags in running:
            columns += [index[name] for name in rows[position] if name in index]
            pointers.append(len(columns))
            gold.append(places[tags[position]])
    shape = (len(gold), len(index))
    ones = np.ones(len(columns), dtype=np.float32)
    features = sparse.csr_matrix((ones, np.array(columns), np.array(pointers)), shape=shape)
    begins = np.concatenate([[0], np.cumsum(widths)])
    return _Batch(features, np.array(gold), np.array(widths), begins)


class _Objective:
    """Negative log-likelihood with L2, and its gradient, over one flat parameter vector."""

    def __init__(self, batch: _Batch, names: Sequence[str], l2: float) -> None:
        self._batch = batch
        self._l2 = l2
        self._tags = len(names)
        self._transition_mask = transition_mask(names).astype(np.float64)
        self._start_mask = start_mask(names).astype(np.float64)
        self._transposed = batch.features.T.tocsr()
        self._observed = self._observe()

    @property
    def size(self) -> int:
        """Length of the parameter vector."""
        features = int(self._batch.features.shape[1])
        return (features + self._tags + 1) * self._tags

    def split(self, flat: Doubles) -> tuple[Doubles, Doubles, Doubles]:
        """Emission, transition and start weights of a parameter vector."""
        table = flat.reshape(-1, self._tags)
        return table[: -self._tags - 1], table[-self._tags - 1 : -1], table[-1]

    def __call__(self, flat: Doubles) -> tuple[float, Doubles]:
        emission, transition, start = self.split(flat)
        scores = self._batch.features @ emission.astype(np.float32)
        total, marginals, pairs = self._expect(scores.astype(np.float64), transition, start)
        gradient = self._gradient(marginals, pairs) + self._l2 * flat
        loss = total - float(self._observed @ flat) + 0.5 * self._l2 * float(flat @ flat)
        return loss, gradient

    def _gradient(self, marginals: Doubles, pairs: Doubles) -> Doubles:
        by_feature = self._transposed @ marginals.astype(np.float32)
        first = marginals[: self._batch.widths[0]].sum(axis=0, keepdims=True)
        return np.vstack([by_feature, pairs, first]).ravel() - self._observed

    def _observe(self) -> Doubles:
        batch = self._batch
        gold = np.eye(self._tags, dtype=np.float32)[batch.gold]
        pairs = np.zeros((self._tags, self._tags))
        for t in range(1, len(batch.widths)):
            width = batch.widths[t]
            before = batch.gold[batch.begins[t - 1] : batch.begins[t - 1] + width]
            np.add.at(pairs, (before, batch.gold[batch.begins[t] : batch.begins[t] + width]), 1)
        first = gold[: batch.widths[0]].sum(axis=0, keepdims=True)
        return np.vstack([self._transposed @ gold, pairs, first]).ravel().astype(np.float64)

    def _expect(
        self, scores: Doubles, transition: Doubles, start: Doubles
    ) -> tuple[float, Doubles, Doubles]:
        """Log partition, tag marginals and summed pair marginals, in scaled probabilities."""
        peaks = scores.max(axis=1, keepdims=True)
        local = np.exp(scores - peaks)
        moves = np.exp(transition + self._transition_mask)
        begin = np.exp(start + self._start_mask)
        alphas, norms = self._forward(local, moves, begin)
        marginals, pairs = self._backward(local, moves, alphas, norms)
        return float(np.log(norms).sum() + peaks.sum()), marginals, pairs

    def _forward(self, local: Doubles, moves: Doubles, begin: Doubles) -> tuple[Doubles, Doubles]:
        alphas, norms = np.empty_like(local), np.empty((len(local), 1))
        for t in range(len(self._batch.widths)):
            here = self._rows(t)
            width = self._batch.widths[t]
            prior = begin if t == 0 else alphas[self._rows(t - 1)][:width] @ moves
            alpha = local[here] * prior
            norms[here] = alpha.sum(axis=1, keepdims=True) + _TINY
            alphas[here] = alpha / norms[here]
        return alphas, norms

    def _backward(
        self, local: Doubles, moves: Doubles, alphas: Doubles, norms: Doubles
    ) -> tuple[Doubles, Doubles]:
        marginals = np.empty_like(local)
        pairs = np.zeros((self._tags, self._tags))
        beta = np.empty((0, self._tags))
        for t in range(len(self._batch.widths) - 1, -1, -1):
            here, width = self._rows(t), self._batch.widths[t]
            beta = np.vstack([beta, np.ones((width - len(beta), self._tags))])
            marginals[here] = alphas[here] * beta
            if t:
                arriving = local[here] * beta / norms[here]
                pairs += (alphas[self._rows(t - 1)][:width].T @ arriving) * moves
                beta = arriving @ moves.T
        return marginals, pairs

    def _rows(self, t: int) -> slice:
        return slice(int(self._batch.begins[t]), int(self._batch.begins[t + 1]))


def _tagger(
    flat: Doubles,
    objective: _Objective,
    names: Sequence[str],
    index: dict[str, int],
    outside_bias: float,
) -> Tagger:
    emission, transition, start = objective.split(flat)
    heavy = {name: i for name, i in index.items() if np.abs(emission[i]).max() >= _LEAST_WEIGHT}
    kept = {name: place for place, name in enumerate(heavy)}
    weights = emission[list(heavy.values())]
    if ALWAYS in kept:
        weights[kept[ALWAYS], names.index(OUTSIDE)] -= outside_bias
    return Tagger(
        tags=tuple(names),
        index=kept,
        emission=weights.astype(np.float16),
        transition=(transition + transition_mask(names)).astype(np.float32),
        start=(start + start_mask(names)).astype(np.float32),
    )
