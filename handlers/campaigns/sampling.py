"""From votes to a sampling plan: pure arithmetic, the same every time.

A vote counts one for a combination of product, item and place; a choice left to the office is shared
out evenly. The samples are then divided by largest remainder, ties by the order of the poll's lists.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from handlers.campaigns.sampling_ports import Choice

Cell = tuple[int, int, int]
Sizes = tuple[int, int, int]
BAR = 8  # blocks of the longest bar


@dataclass(frozen=True)
class Count:
    """How many votes one label has; `part` is its share of the largest one, 0 to 1."""

    label: str
    votes: int
    part: float


def plan(votes: Mapping[Choice, int], sizes: Sizes, samples: int) -> list[Cell]:
    """The cells to be sampled, one for each sample, in the order of the poll's lists."""
    weights = _weights(votes, sizes)
    total = sum(weights.values(), Fraction(0))
    quotas = {cell: weight * samples / total for cell, weight in weights.items()}
    given = {cell: int(quota) for cell, quota in quotas.items()}
    rest = samples - sum(given.values())
    by_remainder = sorted(quotas, key=lambda cell: (given[cell] - quotas[cell], cell))
    for cell in by_remainder[:rest]:
        given[cell] += 1
    return [cell for cell in sorted(given) for _ in range(given[cell])]


def _weights(votes: Mapping[Choice, int], sizes: Sizes) -> dict[Cell, Fraction]:
    """What each combination weighs; without any vote all weigh the same."""
    weights: dict[Cell, Fraction] = {}
    for choice, count in (votes or {(None, None, None): 1}).items():
        cells = list(_cells(choice, sizes))
        for cell in cells:
            weights[cell] = weights.get(cell, Fraction(0)) + Fraction(count, len(cells))
    return weights


def _cells(choice: Choice, sizes: Sizes) -> Iterator[Cell]:
    pairs = zip(choice, sizes, strict=True)
    product, item, place = (range(size) if one is None else (one,) for one, size in pairs)
    return itertools.product(product, item, place)


def tally(votes: Mapping[Choice, int], part: int, labels: Sequence[str]) -> list[Count]:
    """Votes of each label of one part of the choice (0 product, 1 item, 2 place), most first."""
    counts = [0] * len(labels)
    for choice, count in votes.items():
        chosen = choice[part]
        if chosen is not None:
            counts[chosen] += count
    most = max(counts, default=0) or 1
    order = sorted(range(len(labels)), key=lambda n: (-counts[n], n))
    return [Count(labels[n], counts[n], counts[n] / most) for n in order]


def bar(count: Count) -> str:
    """A bar of plain text; whatever has a vote has a block."""
    return "▇" * max(round(count.part * BAR), 1 if count.votes else 0)
