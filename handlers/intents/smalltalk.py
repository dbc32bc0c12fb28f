"""Greetings and thanks: short, and with the ways on."""

from __future__ import annotations

import re

from handlers import offers
from handlers.turn import Turn
from handlers.words import GREETING, THANKS, is_one_of

THANKING = re.compile(r"谢|謝|辛苦|再见|再見|拜拜")


async def smalltalk(turn: Turn) -> None:
    """Greet back, say you're welcome, or say what this is."""
    if is_one_of(turn.text, GREETING):
        office = turn.services.jurisdiction.office_name
        turn.say("greeting.start", offers.START, office=office)
    elif is_one_of(turn.text, THANKS) or THANKING.search(turn.text):
        turn.say("greeting.thanks")
    else:
        turn.say("greeting.about", offers.START)
