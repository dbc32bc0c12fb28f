"""Small pieces of Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from nlu.evaluation.scores import Rates

NOTHING = "–"
"""Where a number would mean nothing: a recall without gold, a precision without finds."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A table; the first column is text, the others are numbers."""
    marks = ["---"] + ["---:"] * (len(head) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in (head, marks, *rows))


def share(value: float) -> str:
    """A share of one."""
    return f"{value:.3f}"


def listed(things: Sequence[str]) -> str:
    """Things in a sentence."""
    return ", ".join(things[:-1]) + (" and " if things[:-1] else "") + things[-1] if things else ""


def rate_cells(rates: Rates) -> list[str]:
    """Precision, recall and F1, where they mean something."""
    return [
        share(rates.precision) if rates.found else NOTHING,
        share(rates.recall) if rates.gold else NOTHING,
        share(rates.f1) if rates.gold else NOTHING,
    ]
