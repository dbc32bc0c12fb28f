from __future__ import annotations

from datetime import datetime

from nlu.engines.fallback import UNAVAILABLE, CircuitBreaker, FallbackInterpreter, State
from nlu.engines.rasa_client import RasaUnavailable
from nlu.understanding import Understanding


class Seconds:
    """A clock the test moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


class Rasa:
    """Answers, or is away."""

    def __init__(self) -> None:
        self.away = False
        self.asked = 0

    def understand(self, text: str, now: datetime) -> Understanding:
        self.asked += 1
        if self.away:
            raise RasaUnavailable("ConnectionRefusedError")
        return Understanding("report", engine="rasa", model_version="r1")


class Local:
    def understand(self, text: str, now: datetime) -> Understanding:
        return Understanding("consult", engine="local", model_version="l1")


def test_opens_after_failures_in_a_row_only() -> None:
    breaker = CircuitBreaker(failures=2, pause=10, clock=Seconds())
    breaker.failed()
    breaker.succeeded()
    breaker.failed()
    assert breaker.state is State.CLOSED and breaker.allows()
    breaker.failed()
    assert breaker.state is State.OPEN and not breaker.allows()


def test_one_question_probes_after_the_pause() -> None:
    clock = Seconds()
    breaker = CircuitBreaker(failures=1, pause=10, clock=clock)
    breaker.failed()
    clock.now += 9.9
    assert not breaker.allows()
    clock.now += 0.1
    assert breaker.allows()
    assert breaker.state is State.HALF_OPEN and not breaker.allows()
    breaker.succeeded()
    assert breaker.state is State.CLOSED and breaker.allows()


def test_a_failed_probe_starts_a_new_pause() -> None:
    clock = Seconds()
    breaker = CircuitBreaker(failures=3, pause=10, clock=clock)
    for _ in range(3):
        breaker.failed()
    clock.now += 10
    assert breaker.allows()
    breaker.failed()
    clock.now += 9
    assert breaker.state is State.OPEN and not breaker.allows()
    clock.now += 1
    assert breaker.allows()


def test_the_local_engine_stands_in_and_says_so(now: datetime) -> None:
    rasa, clock, told = Rasa(), Seconds(), []
    breaker = CircuitBreaker(failures=2, pause=10, clock=clock)
    engine = FallbackInterpreter(rasa, Local(), breaker, lambda *event: told.append(event))
    assert engine.understand("x", now).engine == "rasa"
    rasa.away = True
    heard = [engine.understand("x", now) for _ in range(5)]
    assert {one.engine for one in heard} == {UNAVAILABLE}
    assert heard[0].model_version == "l1" and heard[0].intent == "consult"
    assert rasa.asked == 3, "an open breaker leaves Rasa alone"
    rasa.away = False
    clock.now += 10
    assert engine.understand("x", now).engine == "rasa"
    assert told == [("rasa_unavailable", "ConnectionRefusedError")] * 2 + [("rasa_back", "")]
