"""Which words decided: contributions of features, gathered on the words they were seen in."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from nlu.classify import Gains
from nlu.features import Floats
from nlu.normalise import Normalised
from nlu.segment import Word
from nlu.understanding import Evidence

_MAX_SPANS = 3
_LEAST_SHARE = 0.08


def gather(
    task: str,
    gains: Gains,
    words: Sequence[Word],
    message: str,
    text: Normalised,
) -> list[Evidence]:
    """The words that spoke most for a decision, heaviest first, as spans of the message."""
    saliency = _by_character(gains, len(text.text))
    # Words cover the text without gaps, so their weights are sums between their starts.
    weights = np.maximum(np.add.reduceat(saliency, [start for _, start, _ in words]), 0)
    shares = weights / (float(weights.sum()) or 1.0)
    ranked = np.argsort(-shares, kind="stable")[:_MAX_SPANS]
    kept = [i for i in ranked if shares[i] >= _LEAST_SHARE and _speaks(words[i])]
    return [span_evidence(task, words[i][1:], float(shares[i]), message, text) for i in kept]


def span_evidence(
    task: str, span: tuple[int, int], weight: float, message: str, text: Normalised
) -> Evidence:
    """Evidence on a span of the normalised text."""
    start, end = text.span(*span)
    return Evidence(task, start, end, message[start:end], round(weight, 4))


def _by_character(gains: Gains, length: int) -> Floats:
    seen = gains.ends > gains.starts
    starts, ends = gains.starts[seen], gains.ends[seen]
    spread = gains.amounts[seen] / (ends - starts)
    steps = np.bincount(starts, weights=spread, minlength=length + 1)
    steps -= np.bincount(ends, weights=spread, minlength=length + 1)
    return np.cumsum(steps)[:length].astype(np.float32)


def _speaks(word: Word) -> bool:
    return any(char.isalnum() for char in word[0])
