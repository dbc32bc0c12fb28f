"""Greetings and thanks: short, and with the ways on."""

from __future__ import annotations

from handlers import offers
from handlers.turn import Turn
from handlers.words import GREETING, is_one_of


async def smalltalk(turn: Turn) -> None:
    """Greet back, or say you're welcome."""
    if is_one_of(turn.text, GREETING):
        office = turn.services.jurisdiction.office_name
        turn.say("greeting.start", offers.START, office=office)
    else:
        turn.say("greeting.thanks", offers.START)
