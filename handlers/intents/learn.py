"""Tips, rumours, quizzes: answered from the library, or passed on to the experts."""

from __future__ import annotations

from handlers.campaigns import subscribing
from handlers.intents import poll
from handlers.intents.questions import open_question
from handlers.knowledge import answering
from handlers.turn import Turn


async def ask_tip(turn: Turn) -> None:
    """What the library knows; else pass the question to 食安办 and say so."""
    if not await answering.answer(turn):
        await _to_experts(turn, "consult", "learn.tip")


async def check_rumour(turn: Turn) -> None:
    """Never a verdict of our own (law.md §11.5): a checked item, or 暂无权威结论 and a ticket."""
    if not await answering.answer(turn):
        await _to_experts(turn, "rumour_check", "learn.rumour")


async def not_answered(turn: Turn, _: str) -> None:
    """The item was not what the citizen wanted to know: the question goes to the experts."""
    asked, turn.dialog.wondering = turn.dialog.wondering, None
    if asked is None:
        turn.say("bad.old_button")
        return
    turn.hear(asked)
    await _to_experts(turn, "consult", "learn.tip")


async def subscribe(turn: Turn) -> None:
    """Offer what can be subscribed to."""
    await subscribing.offer(turn)


async def unsubscribe(turn: Turn) -> None:
    """Stop everything that is pushed; news of one's own matters still come."""
    await poll.stop(turn)
    await subscribing.stop(turn)


async def _to_experts(turn: Turn, kind: str, phrase: str) -> None:
    ticket = await open_question(turn, kind, turn.text)
    turn.record("check.opened", ticket.number, kind=kind)
    turn.say(phrase, number=ticket.number)
