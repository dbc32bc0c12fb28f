"""查进度: where a matter stands, in the citizen's words and with nothing hidden."""

from __future__ import annotations

import re

from handlers import offers
from handlers.intents.choosing import one_ticket
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn
from handlers.words import QUESTION

_MINE = re.compile(r"我的|我那|我[上前昨]|上次|上回|之前|前几天|那件|这件|已经|还没|怎么还|SA\d{8}")


async def track(turn: Turn) -> None:
    """Show the one matter, or ask which; how long it takes in general is a question of its own."""
    general = turn.services.faq.find(turn.text)
    if general and QUESTION.search(turn.text) and not _MINE.search(turn.text):
        turn.say(f"faq.{general}")
        return
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
