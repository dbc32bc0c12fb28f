"""Which words decided: contributions of features, gathered on the words they were seen in."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from nlu.classify import Gains
from nlu.features import Floats
from nlu.neural import sums
from nlu.normalise import Normalised
from nlu.segment import Word
from nlu.understanding import Evidence

_MAX_SPANS = 3
_LEAST_SHARE = 0.08


def gather(
    tasks: Sequence[str],
    gains: Gains,
    words: Sequence[Word],
    message: str,
    text: Normalised,
) -> Iterator[Evidence]:
    """The words that spoke most for each decision, heaviest first, as spans of the message.

    `tasks` names what each column of the gains decided.
    """
    saliency = _by_character(gains, len(text.text))
    # Words cover the text without gaps, so their weights are sums between their starts.
    weights = np.maximum(np.add.reduceat(saliency, [start for _, start, _ in words]), 0)
    shares = weights / np.maximum(weights.sum(axis=0), 1e-9)
    ranked = np.argsort(-shares, axis=0, kind="stable")[:_MAX_SPANS]
    for task, order, share in zip(tasks, ranked.T.tolist(), shares.T, strict=True):
        for i in order:
            if share[i] >= _LEAST_SHARE and _speaks(words[i]):
                yield span_evidence(task, words[i][1:], float(share[i]), message, text)


def span_evidence(
    task: str, span: tuple[int, int], weight: float, message: str, text: Normalised
) -> Evidence:
    """Evidence on a span of the normalised text."""
    start, end = text.span(*span)
    return Evidence(task, start, end, message[start:end], round(weight, 4))


def _by_character(gains: Gains, length: int) -> Floats:
    seen = gains.ends > gains.starts
    starts, ends = gains.starts[seen], gains.ends[seen]
    spread = gains.amounts[seen] / (ends - starts)[:, None]
    steps = sums(starts, spread, length + 1) - sums(ends, spread, length + 1)
    return np.cumsum(steps, axis=0)[:length]


def _speaks(word: Word) -> bool:
    return any(char.isalnum() for char in word[0])
