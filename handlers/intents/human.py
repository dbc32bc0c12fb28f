"""人工: hand the conversation to people at 食安办, with what was told so far."""

from __future__ import annotations

from handlers.intents.questions import open_question
from handlers.turn import Turn


async def human(turn: Turn) -> None:
    """Register the wish for a person; the matter being told goes on meanwhile."""
    draft = turn.dialog.draft
    told = f"{turn.text}\n{draft.story()}" if draft else turn.text
    ticket = await open_question(turn, "consult", told)
    turn.record("human.requested", ticket.number)
    turn.say("human.requested", number=ticket.number, unit=turn.unit_name(ticket.lead))
