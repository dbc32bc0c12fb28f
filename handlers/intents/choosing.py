"""Which of my matters? Finding the ticket a message is about, or asking by buttons."""

from __future__ import annotations

import re

from handlers.errors import NoSuchTicket
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

NUMBER = re.compile(r"SA\d{8}-\d{4,}", re.IGNORECASE)
MOST = 6
KIND_WORDS = {"投诉": "complaint", "投訴": "complaint", "举报": "report", "舉報": "report"}


async def one_ticket(turn: Turn, purpose: str, *, open_first: bool = False) -> Ticket | None:
    """The ticket meant, or None after having said why (none, not theirs, or several to pick).

    `open_first` leaves out finished ones as long as there are others.
    """
    named = NUMBER.search(turn.text)
    if named:
        return await own_ticket(turn, named.group().upper())
    mine = await turn.work.tickets.of_citizen(turn.citizen.id)
    unfinished = [t for t in mine if open_first and not t.done]
    fitting = _named_kind(turn.text, unfinished or mine)
    if not fitting:
        turn.say("choose.none")
    elif len(fitting) == 1:
        return fitting[0]
    else:
        turn.dialog.parked = [turn.text]
        offered = [(_label(turn, t), f"pick:{purpose}:{t.number}") for t in fitting[:MOST]]
        turn.say("choose.which", offered)
    return None


async def own_ticket(turn: Turn, number: str) -> Ticket | None:
    """The citizen's ticket of that number; says so and gives None when it is not theirs."""
    try:
        ticket = await turn.work.tickets.get(number)
    except NoSuchTicket:
        turn.say("choose.unknown", number=number)
        return None
    if ticket.citizen_id != turn.citizen.id:
        turn.say("choose.unknown", number=number)
        return None
    return ticket


def _named_kind(text: str, tickets: list[Ticket]) -> list[Ticket]:
    """Those of the kind the words name (撤回举报), where there are such."""
    named = [kind for word, kind in KIND_WORDS.items() if word in text]
    return [t for t in tickets if t.kind in named] or tickets


def _label(turn: Turn, ticket: Ticket) -> str:
    return f"{ticket.number} {turn.phrase(f'kind.{ticket.kind}')} {turn.phrase(f'state.{ticket.state}')}"
