"""咨询 and 建议: answered at once from the reviewed answers, else passed on to 食安办."""

from __future__ import annotations

from handlers.intents.questions import open_question
from handlers.knowledge import answering
from handlers.turn import Turn


async def consult(turn: Turn) -> None:
    """Answer from law, procedure or the library, with the source; open a question ticket otherwise."""
    answer = turn.services.faq.find(turn.text)
    if answer is not None:
        turn.say(f"faq.{answer}")
        return
    if await answering.answer(turn):
        return
    ticket = await open_question(turn, "consult", turn.text)
    _registered(turn, ticket.number, "consult", ticket.lead)
    turn.say("consult.passed_on", number=ticket.number, unit=turn.unit_name(ticket.lead))


async def suggestion(turn: Turn) -> None:
    """Register a suggestion or praise with 食安办."""
    ticket = await open_question(turn, "suggestion", turn.text)
    _registered(turn, ticket.number, "suggestion", ticket.lead)
    turn.say("consult.suggestion", number=ticket.number)


def _registered(turn: Turn, number: str, kind: str, lead: str) -> None:
    severity = turn.understanding.severity
    turn.record("ticket.registered", number, kind=kind, lead=lead, assist=[], severity=severity)
