"""为什么在这里: what a ticket's routing looks like to the officer who got it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from content.jurisdiction import Jurisdiction
from handlers.receipts import DECIDING
from handlers.tickets.ticket import Ticket

MOST_WORDS = 8
SECTIONS = {"hazards": "hazard", "crime": "hazard"}  # label kind → section of the phrase file


@dataclass(frozen=True)
class Why:
    """The reasons. `standing` is confirmed, suggested (建议默认), triage or unrouted.

    `words` are (label kind, the citizen's words); `labels` what they were understood as;
    `percent` is the probability of the labels that decided, 0..100.
    """

    standing: str
    words: Sequence[tuple[str, str]]
    labels: Sequence[tuple[str, str]]
    duty: str
    item: str
    basis: str
    percent: int | None
    candidates: Sequence[str]
    moved_from: str


def explain(ticket: Ticket, jurisdiction: Jurisdiction) -> Why:
    """The reasons stored with a ticket, in words a person can check."""
    routing = ticket.routing
    duty = str(routing.get("duty") or "")
    probability = routing.get("probability")
    return Why(
        standing=_standing(routing),
        words=_words(ticket.labels),
        labels=_labels(ticket.labels),
        duty=duty,
        item=next((d.duty for d in jurisdiction.duties if d.id == duty), ""),
        basis=str(routing.get("basis") or ""),
        percent=round(probability * 100) if duty and probability is not None else None,
        candidates=[jurisdiction.unit_name(unit) for unit in routing.get("candidates") or ()],
        moved_from=str(routing.get("moved_from") or ""),
    )


def _standing(routing: Mapping[str, Any]) -> str:
    if routing.get("abstained"):
        return "triage"
    if not routing.get("duty"):
        return "unrouted"
    return "confirmed" if routing.get("confirmed") else "suggested"


def _words(labels: Mapping[str, Any]) -> list[tuple[str, str]]:
    rows = [e for e in labels.get("evidence") or () if e[0] in DECIDING and e[1].strip()]
    rows.sort(key=lambda e: -float(e[2]))
    return list(dict.fromkeys((str(e[0]), str(e[1])) for e in rows))[:MOST_WORDS]


def _labels(labels: Mapping[str, Any]) -> list[tuple[str, str]]:
    single = [(k, str(labels[k])) for k in ("stage", "venue", "product") if labels.get(k)]
    heard = [("intent", str(labels["heard"]))] if labels.get("heard") else []
    return heard + single + [("hazard", str(h)) for h in labels.get("hazards") or ()]
