"""不满意: a resolved matter is reopened, an open one is put before the supervisors."""

from __future__ import annotations

from handlers.intents.choosing import one_ticket
from handlers.privacy import mask
from handlers.tickets.ticket import MOVES, Ticket
from handlers.turn import Turn


async def dissatisfied(turn: Turn) -> None:
    """Find the matter and raise it again."""
    ticket = await one_ticket(turn, "dissatisfied")
    if ticket is not None:
        await raise_again(turn, ticket)


async def raise_again(turn: Turn, ticket: Ticket) -> None:
    """Reopen where the table allows it; else the supervisors read what is wrong."""
    said = mask(turn.text)
    if "reopened" in MOVES[ticket.kind].get(ticket.state, frozenset()):
        text = turn.services.phrases.text("timeline.reopened", text=said)
        ticket.move("reopened", turn.now, "citizen", "citizen", text)
        ticket.move("dispatched", turn.now, "bot", "unit", turn.unit_name(ticket.lead))
        turn.record("ticket.reopened", ticket.number)
        turn.say("dissatisfied.reopened", number=ticket.number, unit=turn.unit_name(ticket.lead))
    else:
        ticket.note(turn.now, "citizen", "dissatisfied", "supervisors", said)
        turn.record("ticket.supplemented", ticket.number)
        turn.say("dissatisfied.passed_on", number=ticket.number)
    await turn.work.tickets.save(ticket)
