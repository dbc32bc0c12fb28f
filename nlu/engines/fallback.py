"""When the first engine is away, the second answers, and says so."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from enum import StrEnum
from threading import Lock

from nlu.engines.rasa_client import RasaUnavailable
from nlu.interpreter import Interpreter
from nlu.understanding import Understanding

UNAVAILABLE = "local (rasa unavailable)"
"""What `Understanding.engine` says of an answer the second engine gave for the first."""

Told = Callable[[str, str], None]
"""Hears of an event and its cause; never of what was asked."""


class State(StrEnum):
    """Closed: the first engine is asked. Open: it is left alone. Half-open: one question probes."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half-open"


class CircuitBreaker:
    """Opens after `failures` in a row, lets one question through after `pause` seconds.

    `clock` gives seconds that only grow. Safe between threads.
    """

    def __init__(
        self,
        failures: int = 3,
        pause: float = 30.0,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._limit = failures
        self._pause = pause
        self._clock = clock
        self._lock = Lock()
        self._failed = 0
        self._retry_at = 0.0
        self._state = State.CLOSED

    @property
    def state(self) -> State:
        """The present state."""
        return self._state

    def allows(self) -> bool:
        """Whether a question may be asked now; who is told yes has to report how it went."""
        with self._lock:
            if self._state is State.OPEN and self._clock() >= self._retry_at:
                self._state = State.HALF_OPEN
                return True
            return self._state is State.CLOSED

    def succeeded(self) -> None:
        """A question was answered."""
        with self._lock:
            self._failed, self._state = 0, State.CLOSED

    def failed(self) -> None:
        """A question was not answered."""
        with self._lock:
            self._failed += 1
            if self._state is State.HALF_OPEN or self._failed >= self._limit:
                self._state = State.OPEN
                self._retry_at = self._clock() + self._pause


class FallbackInterpreter:
    """Asks Rasa while the breaker allows it, the local engine otherwise."""

    def __init__(
        self,
        first: Interpreter,
        second: Interpreter,
        breaker: CircuitBreaker,
        told: Told = lambda *_: None,
    ) -> None:
        self._first = first
        self._second = second
        self._breaker = breaker
        self._told = told

    def understand(self, text: str, now: datetime) -> Understanding:
        """What a message means, by the engine that answers; never raises RasaUnavailable."""
        heard = self._asked(text, now) if self._breaker.allows() else None
        return heard or replace(self._second.understand(text, now), engine=UNAVAILABLE)

    def _asked(self, text: str, now: datetime) -> Understanding | None:
        before = self._breaker.state
        try:
            heard = self._first.understand(text, now)
        except RasaUnavailable as error:
            self._breaker.failed()
            self._told("rasa_unavailable", str(error))
            return None
        self._breaker.succeeded()
        if before is not State.CLOSED:
            self._told("rasa_back", "")
        return heard
