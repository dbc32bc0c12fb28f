"""查进度: where a matter stands, in the citizen's words and with nothing hidden."""

from __future__ import annotations

from handlers import offers
from handlers.intents.choosing import one_ticket
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn


async def track(turn: Turn) -> None:
    """Show the one matter, or ask which."""
    ticket = await one_ticket(turn, "track")
    if ticket is not None:
        await show(turn, ticket)


async def show(turn: Turn, ticket: Ticket) -> None:
    """State, unit and the timeline entries meant for the citizen."""
    entries = await turn.work.tickets.timeline(ticket.number)
    lines = [
        f"{entry.at:%m-%d %H:%M} {entry.text}" for entry in entries if entry.audience == "citizen"
    ]
    turn.say(
        "track.status",
        offers.after_filing(ticket.number, anonymous=ticket.identity_id is None)[:1],
        number=ticket.number,
        kind=turn.phrase(f"kind.{ticket.kind}"),
        state=turn.phrase(f"state.{ticket.state}"),
        unit=turn.unit_name(ticket.lead),
        timeline="\n".join(lines[-8:]),
    )
    turn.record("status.shown", ticket.number, state=ticket.state)
