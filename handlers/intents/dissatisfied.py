"""不满意: a resolved matter is reopened, an open one is put before the supervisors."""

from __future__ import annotations

from handlers.intents import reopen
from handlers.intents.choosing import one_ticket
from handlers.privacy import mask
from handlers.tickets.acting import keep
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn


async def dissatisfied(turn: Turn) -> None:
    """Find the matter and raise it again."""
    ticket = await one_ticket(turn, "dissatisfied")
    if ticket is not None:
        await raise_again(turn, ticket)


async def raise_again(turn: Turn, ticket: Ticket) -> None:
    """Reopen within the limits; else the supervisors read what is wrong."""
    said = mask(turn.text)
    hindered = await reopen.hindrance(turn, ticket)
    if hindered is None:
        await reopen.reopen(turn, ticket, said)
        return
    ticket.note(turn.now, "citizen", "dissatisfied", "supervisors", said)
    await keep(turn.services, turn.work, ticket)
    turn.record("ticket.supplemented", ticket.number)
    if hindered == "state":
        key = "dissatisfied.noted" if ticket.done else "dissatisfied.passed_on"
        turn.say(key, number=ticket.number)
    else:
        await reopen.refuse(turn, ticket, hindered)
