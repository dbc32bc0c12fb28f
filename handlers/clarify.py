"""When it is not clear what a message is about: ask, keep the words, lose nothing."""

from __future__ import annotations

from handlers import drafting, offers
from handlers.intents import INTENTS, MIN_CONFIDENCE
from handlers.intents.questions import open_question
from handlers.turn import Turn


async def ask(turn: Turn) -> None:
    """Keep the message and offer the readings."""
    turn.dialog.parked = [turn.text]
    turn.say("clarify.ask", offers.CLARIFY)


async def chosen(turn: Turn, intent: str) -> None:
    """The citizen said what they mean; the kept message is read that way."""
    parked, turn.dialog.parked = turn.dialog.parked, None
    if not parked or not parked[0]:
        turn.say("clarify.again")
        return
    turn.hear(parked[0])
    if intent in ("complaint", "report"):
        drafting.begin(turn, intent)
        await drafting.proceed(turn)
    else:
        await INTENTS[intent](turn)


async def add(turn: Turn) -> bool:
    """More words instead of a button: read both together; still unclear goes to people."""
    parked, turn.dialog.parked = turn.dialog.parked, None
    before = parked[0] if parked else ""
    sure_alone = _sure(turn, MIN_CONFIDENCE)
    if not sure_alone and before:
        turn.hear(f"{before}\n{turn.text}")
    if sure_alone or _sure(turn, MIN_CONFIDENCE):
        await INTENTS[turn.understanding.intent](turn)
        return True
    ticket = await open_question(turn, "consult", turn.text)
    turn.record("human.requested", ticket.number)
    turn.say("clarify.to_people", number=ticket.number)
    return True


def _sure(turn: Turn, least: float) -> bool:
    return not turn.understanding.abstained and turn.understanding.confidence >= least
