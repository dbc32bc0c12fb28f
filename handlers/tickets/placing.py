"""What a new ticket gets from where it happened and from where it came in."""

from __future__ import annotations

from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

PLACED_BY = ("address", "place", "merchant")  # fields that may name a street or a village


def attach_grid(turn: Turn, ticket: Ticket) -> None:
    """抄送: copy in the grid's unit and its 包保干部, so that they know of it on the same day."""
    told = " ".join([*(ticket.fields.get(name, "") for name in PLACED_BY), ticket.summary])
    grid = turn.services.jurisdiction.grid_of(told)
    if grid is None or ticket.secrecy == "insider":
        return
    ticket.grid = grid.id
    if grid.unit and grid.unit != ticket.lead:
        ticket.assist = tuple(dict.fromkeys([*ticket.assist, grid.unit]))
    if grid.cadre:
        ticket.watchers = (*ticket.watchers, grid.cadre)
    said = turn.services.phrases.text("officer.grid", grid=grid.name, cadre=grid.cadre or "—")
    ticket.note(turn.now, "bot", "grid", "unit", said, grid=grid.id)


def receive_at_intake(turn: Turn, ticket: Ticket) -> None:
    """In a published 12315 channel coming in here is the formal receipt (Order 121 art. 8)."""
    place = turn.services.jurisdiction
    if not place.published_12315_channel or ticket.kind not in ("complaint", "report"):
        return
    on = turn.now.date().isoformat()
    ticket.received = {"channel": place.office_name, "number": ticket.number, "on": on}
    said = turn.services.phrases.text(
        "officer.received", channel=place.office_name, number=ticket.number, on=on
    )
    ticket.note(turn.now, "bot", "received", "unit", said, on=on)
