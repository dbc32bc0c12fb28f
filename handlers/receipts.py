"""The receipt: number, unit, why, what happens next, the legal notice, how to follow it.

Wording keeps to law.md §11: registered, never accepted; a period, never a promised date.
"""

from __future__ import annotations

import re

from handlers.tickets.routing import Routing
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

DECIDING = ("stage", "venue", "product", "hazard", "hazards", "severity")
EMPTY = re.compile(
    r"投诉|举报|投訴|舉報|匿名|要求|发现|我们|他们|这个|那个|就是|自己|东西|一家|威胁|消费|态度|〔|\d"
)


def receipt(turn: Turn, ticket: Ticket, routing: Routing) -> str:
    """What the citizen gets the moment a matter is filed."""
    parts = [
        turn.phrase(f"receipt.{ticket.kind}", number=ticket.number),
        turn.phrase("receipt.unit", unit=turn.unit_name(ticket.lead), mark=_mark(turn, routing)),
        why(turn, ticket, routing),
        _next(turn, ticket),
        turn.phrase("receipt.follow", number=ticket.number),
    ]
    if not turn.services.jurisdiction.published_12315_channel:
        parts.append(turn.phrase("receipt.notice"))
    return "\n".join(part for part in parts if part)


def why(turn: Turn, ticket: Ticket, routing: Routing) -> str:
    """Why this unit: the citizen's own words that decided, and the row of the duty list."""
    if routing.abstained:
        return turn.phrase("receipt.why_triage")
    if ticket.secrecy == "insider":
        return turn.phrase("receipt.why_insider")
    words = quoted_words(ticket.labels)
    said = turn.phrase("receipt.why_words", words="”“".join(words)) if words else ""
    return said + turn.phrase("receipt.why_duty", duty=routing.duty, basis=routing.basis)


def quoted_words(labels: dict[str, object], most: int = 4) -> list[str]:
    """The words of the message that carried the decision, heaviest first."""
    evidence = labels.get("evidence") or []
    assert isinstance(evidence, list)
    rows = sorted((e for e in evidence if e[0] in DECIDING), key=lambda e: -float(e[2]))
    words = dict.fromkeys(e[1].strip() for e in rows if len(e[1].strip()) > 1)
    telling = [w for w in words if not EMPTY.search(w)]
    return [w for w in telling if not any(w != other and w in other for other in telling)][:most]


def _mark(turn: Turn, routing: Routing) -> str:
    suggested = not routing.confirmed and not routing.abstained
    return turn.phrase("receipt.suggested") if suggested else ""


def _next(turn: Turn, ticket: Ticket) -> str:
    market = turn.services.jurisdiction.role("market")
    who = "market" if ticket.lead == market else "other"
    return turn.phrase(f"receipt.next_{ticket.kind}_{who}", unit=turn.unit_name(ticket.lead))
