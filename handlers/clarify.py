"""When it is not clear what a message is about: ask, keep the words, lose nothing."""

from __future__ import annotations

from handlers import drafting, offers
from handlers.filing import FILED
from handlers.intents import INTENTS, MIN_CONFIDENCE
from handlers.intents.questions import open_question
from handlers.turn import Turn

SUBSTANTIAL = 8  # code points of a message worth asking about once more


async def read(turn: Turn) -> None:
    """Do what the message asks for; ask first when that is not clear."""
    if _sure(turn):
        await INTENTS[turn.understanding.intent](turn)
    else:
        await ask(turn)


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
    aside = _sure(turn) and turn.understanding.intent not in FILED
    sure_alone = _sure(turn) and turn.understanding.intent
    if not aside and before:
        turn.hear(f"{before}\n{turn.text}")
    if aside or _sure(turn):
        await INTENTS[turn.understanding.intent](turn)
        _still_open(turn, before, aside=aside)
    elif sure_alone:
        await INTENTS[sure_alone](turn)
    else:
        ticket = await open_question(turn, "consult", turn.text)
        turn.record("human.requested", ticket.number)
        turn.say("clarify.to_people", number=ticket.number)
    return True


def _still_open(turn: Turn, before: str, *, aside: bool) -> None:
    """Something else was answered in between: what was not understood is asked about again."""
    if aside and len(before) >= SUBSTANTIAL and turn.dialog.draft is None:
        turn.dialog.parked = [before]
        turn.say("clarify.still", offers.CLARIFY, story=before[:30])


def _sure(turn: Turn) -> bool:
    heard = turn.understanding
    return not heard.abstained and heard.confidence >= MIN_CONFIDENCE
