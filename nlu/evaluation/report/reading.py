"""Lets an engine read texts one at a time, and takes the time of each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter

from nlu.engines.rasa_client import RasaUnavailable
from nlu.interpreter import Interpreter
from nlu.understanding import Understanding

UNANSWERED = "unanswered"
"""Stands for every label where an engine gave no answer in time; never a gold label."""

_WARM_UP = 20
_TELL_EVERY = 100
_NO_ANSWER = Understanding(
    UNANSWERED,
    severity=UNANSWERED,
    stage=UNANSWERED,
    venue=UNANSWERED,
    product=UNANSWERED,
    confidence=0.0,
    abstained=True,
)

Progress = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Read:
    """What was understood, text by text, and the seconds each took."""

    found: tuple[Understanding, ...]
    seconds: tuple[float, ...]

    @property
    def unanswered(self) -> int:
        """Texts without an answer."""
        return sum(one.intent == UNANSWERED for one in self.found)

    @property
    def version(self) -> str:
        """Version of the model that answered, '' when none did."""
        return next((one.model_version for one in self.found if one.model_version), "")


def read(texts: Sequence[str], interpreter: Interpreter, now: datetime, progress: Progress) -> Read:
    """Read every text once, after some to warm up.

    Raises RasaUnavailable when none of those is answered; later, a text without an answer counts
    as read wrongly.
    """
    _warm_up(texts[:_WARM_UP], interpreter, now)
    found: list[Understanding] = []
    seconds: list[float] = []
    for text in texts:
        begun = perf_counter()
        found.append(_answer(text, interpreter, now))
        seconds.append(perf_counter() - begun)
        if len(found) % _TELL_EVERY == 0:
            progress(f"{len(found)} of {len(texts)}")
    return Read(tuple(found), tuple(seconds))


def _warm_up(texts: Sequence[str], interpreter: Interpreter, now: datetime) -> None:
    heard = [_answer(text, interpreter, now) for text in texts]
    if all(one is _NO_ANSWER for one in heard):
        raise RasaUnavailable("none of the first messages was answered")


def _answer(text: str, interpreter: Interpreter, now: datetime) -> Understanding:
    try:
        return interpreter.understand(text, now)
    except RasaUnavailable:
        return _NO_ANSWER
