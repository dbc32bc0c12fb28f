"""查进度: where a matter stands, like a parcel; the written notices; never anybody else's matter."""

from __future__ import annotations

import re

from handlers import parcel
from handlers.intents import reopen, withdraw
from handlers.intents.choosing import one_ticket, own_ticket
from handlers.tickets.ports import Written
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn
from handlers.words import QUESTION

_MINE = re.compile(r"我的|我那|我[上前昨]|上次|上回|之前|前几天|那件|这件|已经|还没|怎么还|SA\d{8}")
CLOSED = frozenset({"withdrawn", "closed"})
# Forms written for the citizen; the others are for the file and the parties to the matter.
FOR_CITIZEN = frozenset({"accepted", "declined", "terminated", "settled", "handed_over", "result"})


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
    """The timeline meant for the citizen, and what can be done from here."""
    entries = await turn.work.tickets.timeline(ticket.number)
    buttons = await _buttons(turn, ticket)
    turn.say_text(parcel.view(turn, ticket, entries), buttons)
    turn.record("status.shown", ticket.number, state=ticket.state)


async def papers(turn: Turn, number: str) -> None:
    """Say the written notices of ticket `number` once more, in full."""
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    written = await _written(turn, ticket)
    if not written:
        turn.say("track.no_papers", number=number)
    for paper in written:
        turn.say_text(paper.content)


async def _buttons(turn: Turn, ticket: Ticket) -> list[tuple[str, str]]:
    number = ticket.number
    made = [] if ticket.state in CLOSED else [("button.supplement", f"add:{number}")]
    made += await reopen.buttons(turn, ticket)
    if await _written(turn, ticket):
        made.append(("button.papers", f"paper:{number}"))
    if withdraw.withdrawable(ticket):
        made.append(("button.begin_withdraw", f"withdraw:ask:{number}"))
    return made


async def _written(turn: Turn, ticket: Ticket) -> list[Written]:
    assert ticket.id is not None
    made = await turn.work.documents.of_ticket(ticket.id)
    return [paper for paper in made if paper.form in FOR_CITIZEN]
