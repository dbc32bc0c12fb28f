"""What pressing a button means. A label typed by hand counts as pressing it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import another, choices, clarify, contact, drafting, resume
from handlers.campaigns import answering, subscribing
from handlers.intents import (
    INTENTS,
    book,
    contest,
    learn,
    poll,
    rate,
    reopen,
    supplement,
    track,
    withdraw,
)
from handlers.knowledge import quiz
from handlers.steps import step_named
from handlers.turn import Turn

Press = Callable[[Turn, str], Awaitable[None]]


async def press(turn: Turn) -> bool:
    """Answer a pressed button, or a message that is exactly the label of an offered one."""
    value = turn.incoming.button or _typed(turn)
    if value is None:
        return False
    turn.dialog.offered = []
    turn.dialog.reopening = turn.dialog.booking = turn.dialog.naming = None
    prefix, _, rest = value.partition(":")
    handler = PREFIXES.get(prefix)
    if handler is not None and rest in CHOICES.get(prefix, {rest}) and rest:
        await handler(turn, rest)
    elif _belongs(turn, value):
        await drafting.take(turn, value) if value != "cancel" else await drafting.cancel(turn)
    else:
        turn.say("bad.old_button")
        await drafting.proceed(turn)
    return True


def _typed(turn: Turn) -> str | None:
    offered = {row[0]: row[1] for row in turn.dialog.offered}
    return offered.get(turn.text)


def _belongs(turn: Turn, value: str) -> bool:
    """Whether a bare value answers what is being asked now, not something long past."""
    if turn.dialog.draft is None or turn.dialog.asked is None:
        return False
    return value in {v for _, v in step_named(turn.dialog.asked).buttons}


async def _begin(turn: Turn, what: str) -> None:
    turn.hear(turn.phrase(f"say.{what}"))
    if what in ("complaint", "report"):
        drafting.begin_empty(turn, what)
        await drafting.proceed(turn)
    elif what == "ill":
        turn.say("emergency.first_aid")
        drafting.begin_empty(turn, "report", chosen=False)
        await drafting.proceed(turn)
    elif what == "consult":
        turn.say("consult.ask")
    elif what == "quiz":
        await quiz.ask(turn)
    else:
        await INTENTS[what](turn)


async def _resume(turn: Turn, choice: str) -> None:
    await {"go": resume.go, "new": resume.start_anew, "drop": resume.drop}[choice](turn)


async def _track(turn: Turn, number: str) -> None:
    await choices.run(turn, "track", number)


PREFIXES: dict[str, Press] = {
    "begin": _begin,
    "mean": clarify.chosen,
    "resume": _resume,
    "another": another.chosen,
    "track": _track,
    "pick": choices.picked,
    "add": choices.add_to,
    "contact": contact.begin,
    "withdraw": withdraw.confirmed,
    "reopen": reopen.pressed,
    "rate": rate.rated,
    "why": rate.explained,
    "facts": supplement.new_facts,
    "paper": track.papers,
    "expert": learn.not_answered,
    "quiz": quiz.answered,
    "sub": subscribing.pressed,
    "cp": answering.pressed,
    "poll": poll.pressed,
    "book": book.pressed,
    "contest": contest.pressed,
}
# What may follow a prefix; a value made up by hand is treated like a button long past.
CHOICES: dict[str, frozenset[str] | set[str]] = {
    "begin": frozenset(
        {"complaint", "report", "ill", "track", "consult", "quiz", "subscribe", "poll"}
    ),
    "mean": frozenset({"complaint", "report", "consult", "out_of_scope"}),
    "expert": frozenset({"ask"}),
    "resume": frozenset({"go", "new", "drop"}),
}
