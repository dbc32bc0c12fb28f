"""Tips, rumours, quizzes, polls, subscriptions: what can honestly be done before the library."""

from __future__ import annotations

from handlers.intents.questions import open_question
from handlers.turn import Turn


async def ask_tip(turn: Turn) -> None:
    """No reviewed answer is at hand: pass the question to 食安办 and say so."""
    await _to_experts(turn, "consult", "learn.tip")


async def check_rumour(turn: Turn) -> None:
    """Never a verdict of our own (law.md §11.5): 暂无权威结论, and a check ticket."""
    await _to_experts(turn, "rumour_check", "learn.rumour")


async def not_yet(turn: Turn) -> None:
    """Say plainly that this service is not open yet."""
    turn.say("learn.not_yet")


async def unsubscribe(turn: Turn) -> None:
    """Nothing is pushed to anybody yet, so nothing has to be stopped."""
    turn.say("learn.unsubscribed")
    turn.record("unsubscribed")


async def _to_experts(turn: Turn, kind: str, phrase: str) -> None:
    ticket = await open_question(turn, kind, turn.text)
    turn.record("check.opened", ticket.number, kind=kind)
    turn.say(phrase, number=ticket.number)
