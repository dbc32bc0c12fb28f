"""撤回: a complaint ends there; the verification of a report does not (design §6)."""

from __future__ import annotations

from handlers.intents.choosing import one_ticket, own_ticket
from handlers.tickets import acting
from handlers.tickets.moves import allowed
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn


async def withdraw(turn: Turn) -> None:
    """Find the matter and ask once more."""
    ticket = await one_ticket(turn, "withdraw", open_first=True)
    if ticket is not None:
        await ask(turn, ticket)


async def ask(turn: Turn, ticket: Ticket) -> None:
    """Withdrawing cannot be undone, so it takes a second tap."""
    if not await _possible(turn, ticket):
        return
    buttons = (
        ("button.withdraw", f"withdraw:yes:{ticket.number}"),
        ("button.keep", f"withdraw:no:{ticket.number}"),
    )
    key = "withdraw.confirm_report" if ticket.kind == "report" else "withdraw.confirm"
    turn.say(key, buttons, number=ticket.number)


async def confirmed(turn: Turn, rest: str) -> None:
    """A button; `rest` is yes|no|ask:number."""
    choice, _, number = rest.partition(":")
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    if choice == "ask":
        await ask(turn, ticket)
    elif choice != "yes":
        turn.say("withdraw.kept", number=number)
    elif await _possible(turn, ticket):
        await _withdraw(turn, ticket)


def withdrawable(ticket: Ticket) -> bool:
    """Whether taking it back still means something; a report is only noted as taken back."""
    if ticket.kind == "report":
        return not ticket.done
    return allowed(ticket.kind, ticket.state, "withdrawn")


async def _possible(turn: Turn, ticket: Ticket) -> bool:
    """Whether it can be withdrawn; says so when not."""
    number = ticket.number
    if not withdrawable(ticket):
        turn.say("withdraw.too_late", number=number, state=turn.phrase(f"state.{ticket.state}"))
        return False
    if ticket.kind == "report" and await _noted(turn, ticket):
        turn.say("withdraw.already", number=number)
        return False
    return True


async def _noted(turn: Turn, ticket: Ticket) -> bool:
    entries = await turn.work.tickets.timeline(ticket.number)
    return any(entry.type == "withdrawal" for entry in entries)


async def _withdraw(turn: Turn, ticket: Ticket) -> None:
    report = ticket.kind == "report"
    key = "timeline.withdrawn_report" if report else "timeline.withdrawn"
    text = turn.services.phrases.text(key)
    if report:
        ticket.note(turn.now, "citizen", "withdrawal", "citizen", text)
    else:
        ticket.move("withdrawn", turn.now, "citizen", "citizen", text)
    await acting.keep(turn.services, turn.work, ticket)
    turn.record("ticket.withdrawn", ticket.number)
    turn.say(f"withdraw.done_{'report' if report else 'other'}", number=ticket.number)
    await _offer_linked(turn, ticket)


async def _offer_linked(turn: Turn, ticket: Ticket) -> None:
    """The other half of a matter filed as 投诉 and 举报 goes on unless it is withdrawn too."""
    other = await _linked(turn, ticket)
    if other is None or not withdrawable(other) or await _noted(turn, other):
        return
    turn.say(
        "withdraw.linked",
        (("button.withdraw_linked", f"withdraw:ask:{other.number}"),),
        number=other.number,
        kind=turn.phrase(f"kind.{other.kind}"),
    )


async def _linked(turn: Turn, ticket: Ticket) -> Ticket | None:
    """The ticket of the same citizen that belongs to this one; either may name the other."""
    mine = await turn.work.tickets.of_citizen(turn.citizen.id)
    pairs = (t for t in mine if t.number == ticket.linked or t.linked == ticket.number)
    return next(pairs, None)
