"""A matter was picked by button: do with it what was wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.intents import dissatisfied, supplement, track, withdraw
from handlers.intents.choosing import own_ticket
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

PURPOSES: dict[str, Callable[[Turn, Ticket], Awaitable[None]]] = {
    "track": track.show,
    "withdraw": withdraw.ask,
    "supplement": supplement.add,
    "dissatisfied": dissatisfied.raise_again,
}


async def picked(turn: Turn, rest: str) -> None:
    """A ticket was chosen by button; `rest` is purpose:number."""
    purpose, _, number = rest.partition(":")
    if turn.dialog.parked and turn.dialog.parked[0]:
        turn.hear(turn.dialog.parked[0])
    turn.dialog.parked = None
    await run(turn, purpose, number)


async def run(turn: Turn, purpose: str, number: str) -> None:
    """Do what was wanted with ticket `number`."""
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    await PURPOSES[purpose](turn, ticket)


async def add_to(turn: Turn, number: str) -> None:
    """Wait for material for ticket `number`."""
    ticket = await own_ticket(turn, number)
    if ticket is not None:
        turn.dialog.choosing = number
        turn.say("supplement.ask", number=number)
