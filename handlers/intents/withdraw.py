"""撤回: a complaint ends there; the verification of a report does not (design §6)."""

from __future__ import annotations

from handlers.intents.choosing import one_ticket, own_ticket
from handlers.tickets.ticket import MOVES, Ticket
from handlers.turn import Turn


async def withdraw(turn: Turn) -> None:
    """Find the matter and ask once more."""
    ticket = await one_ticket(turn, "withdraw", open_only=True)
    if ticket is not None:
        await ask(turn, ticket)


async def ask(turn: Turn, ticket: Ticket) -> None:
    """Withdrawing cannot be undone, so it takes a second tap."""
    if ticket.done:
        turn.say(
            "withdraw.too_late", number=ticket.number, state=turn.phrase(f"state.{ticket.state}")
        )
        return
    buttons = (
        ("button.withdraw", f"withdraw:yes:{ticket.number}"),
        ("button.keep", f"withdraw:no:{ticket.number}"),
    )
    turn.say("withdraw.confirm", buttons, number=ticket.number)


async def confirmed(turn: Turn, rest: str) -> None:
    """The second tap; `rest` is yes|no:number."""
    choice, _, number = rest.partition(":")
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    if choice != "yes" or ticket.done:
        turn.say("withdraw.kept", number=number)
        return
    ends = "withdrawn" in MOVES[ticket.kind].get(ticket.state, frozenset())
    text = turn.services.phrases.text("timeline.withdrawn")
    if ends:
        ticket.move("withdrawn", turn.now, "citizen", "citizen", text)
    else:
        ticket.note(turn.now, "citizen", "withdrawn", "citizen", text)
    await turn.work.tickets.save(ticket)
    turn.record("ticket.withdrawn", number)
    turn.say(f"withdraw.done_{ticket.kind if ticket.kind == 'report' else 'other'}", number=number)
