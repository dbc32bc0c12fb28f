"""One file per thing a citizen can ask, and the table that leads there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers.intents import (
    consult,
    contest,
    dissatisfied,
    elsewhere,
    human,
    learn,
    matter,
    poll,
    smalltalk,
    supplement,
    track,
    withdraw,
)
from handlers.turn import Turn

MIN_CONFIDENCE = 0.40
"""Below this the citizen is asked what they mean; a wrong guess costs more than a question."""

Handler = Callable[[Turn], Awaitable[None]]
INTENTS: dict[str, Handler] = {
    "complaint": matter.complaint,
    "report": matter.report,
    "complaint_and_report": matter.both,
    "consult": consult.consult,
    "suggestion": consult.suggestion,
    "track": track.track,
    "supplement": supplement.supplement,
    "withdraw": withdraw.withdraw,
    "dissatisfied": dissatisfied.dissatisfied,
    "ask_tip": learn.ask_tip,
    "check_rumor": learn.check_rumour,
    "quiz": contest.offer,
    "poll": poll.show,
    "subscribe": learn.subscribe,
    "unsubscribe": learn.unsubscribe,
    "human": human.human,
    "smalltalk": smalltalk.smalltalk,
    "out_of_scope": elsewhere.point_elsewhere,
}
