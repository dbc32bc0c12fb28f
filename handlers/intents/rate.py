"""满意度: one tap, and one more for what was not good; then the offer to have it done again."""

from __future__ import annotations

from handlers.intents import reopen
from handlers.intents.choosing import own_ticket
from handlers.tickets import reviewing
from handlers.tickets.reviewing import REASONS, SCORES
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn


async def rated(turn: Turn, rest: str) -> None:
    """One of 满意, 一般, 不满意; `rest` is good|fair|bad:number."""
    name, _, number = rest.partition(":")
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    if name not in SCORES:
        turn.say("bad.old_button")
    elif await reviewing.rate(turn.work, ticket, SCORES[name], turn.now, turn.services.phrases):
        await turn.work.tickets.save(ticket)
        turn.record("ticket.rated", number, score=SCORES[name])
        await _thank(turn, ticket, SCORES[name])
    else:
        await _already(turn, ticket)


async def explained(turn: Turn, rest: str) -> None:
    """What was not good; `rest` is attitude|speed|result|not_in_remit:number."""
    reason, _, number = rest.partition(":")
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    if reason not in REASONS:
        turn.say("bad.old_button")
    elif await reviewing.explain(turn.work, ticket, reason, turn.now, turn.services.phrases):
        await turn.work.tickets.save(ticket)
        turn.record("ticket.rated", number, score=-1, reason=reason)
        await _after_reason(turn, ticket, reason)
    else:
        await _already(turn, ticket)


async def _thank(turn: Turn, ticket: Ticket, score: int) -> None:
    if score >= 0:
        turn.say("rate.thanks", number=ticket.number)
        return
    turn.say("rate.why", _reasons(ticket), number=ticket.number)


async def _after_reason(turn: Turn, ticket: Ticket, reason: str) -> None:
    buttons = await reopen.buttons(turn, ticket, reason)
    key = "rate.noted_reopen" if buttons else "rate.noted"
    turn.say(
        key,
        buttons,
        number=ticket.number,
        reason=turn.phrase(f"reason.{reason}"),
        days=turn.services.rules.reopen_days,
    )


async def _already(turn: Turn, ticket: Ticket) -> None:
    """A second tap, or one on a question that was never asked: say what holds."""
    assert ticket.id is not None
    review = await turn.work.reviews.get(ticket.id)
    if review is None or review.score is None:
        turn.say("bad.old_button")
        return
    missing = review.score < 0 and review.reason is None
    turn.say(
        "rate.already_why" if missing else "rate.already",
        _reasons(ticket) if missing else (),
        number=ticket.number,
        score=turn.phrase(f"score.{reviewing.score_name(review.score)}"),
    )


def _reasons(ticket: Ticket) -> list[tuple[str, str]]:
    return [(f"reason.{reason}", f"why:{reason}:{ticket.number}") for reason in REASONS]
