"""Danger to health: first aid is the first line, the alert goes out before any form is filled."""

from __future__ import annotations

from handlers import filing
from handlers.dialog import Draft
from handlers.drafting import begin, listen, proceed
from handlers.turn import Turn

NOT_A_MATTER = frozenset({"smalltalk", "out_of_scope", "unsubscribe", "subscribe", "quiz", "poll"})


async def first_aid(turn: Turn) -> bool:
    """Answer a message that names danger; False when there is none, or it is already known."""
    if turn.understanding.severity != "urgent" or not turn.text:
        return False
    if turn.dialog.draft is not None and turn.dialog.draft.urgent:
        return False
    turn.say(_first_line(turn))
    if turn.understanding.intent in NOT_A_MATTER:
        return False
    draft = _draft(turn)
    ticket = await filing.alert(turn, draft)
    turn.say(
        "emergency.alerted", number=ticket.number, units=_names(turn, ticket.lead, *ticket.assist)
    )
    await proceed(turn)
    return True


def _first_line(turn: Turn) -> str:
    clue_only = "poisoning_crime" in turn.understanding.hazards
    return "emergency.poisoning_clue" if clue_only else "emergency.first_aid"


def _draft(turn: Turn) -> Draft:
    """The open matter, now urgent, or a new one; 投诉 is asked about after the emergency."""
    draft = turn.dialog.draft
    if draft is not None and draft.kind != "contact" and not turn.dialog.stale(turn.now):
        listen(turn, draft)
        return draft
    draft = begin(turn, "report")
    draft.labels["intent"] = turn.understanding.intent
    return draft


def _names(turn: Turn, *units: str) -> str:
    return "、".join(turn.unit_name(unit) for unit in units)
