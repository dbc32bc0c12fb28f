"""Leaving a way to be reached after an anonymous report: optional, with consent, any time."""

from __future__ import annotations

from handlers import drafting
from handlers.dialog import Draft
from handlers.intents.choosing import own_ticket
from handlers.turn import Turn


async def begin(turn: Turn, number: str) -> None:
    """Ask for consent, then name and telephone, for ticket `number` of this citizen."""
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    draft = Draft("contact", registered=[number])
    draft.labels.update(intent="contact", probabilities={}, evidence=[], hazards=[])
    turn.dialog.draft = draft
    await drafting.proceed(turn)
