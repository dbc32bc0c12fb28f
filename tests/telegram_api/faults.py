"""What can go wrong on the way to Telegram, on request, and the record of what did.

A fault is chosen per method (and, if wanted, per chat), for a number of calls or with a
probability under a fixed seed, so that a run can be repeated exactly.
"""

from __future__ import annotations

import math
import random
import time
from collections import deque
from dataclasses import asdict, dataclass, field
from http import HTTPStatus
from typing import Any, Literal, get_args

from .errors import ApiError, too_many_requests

Kind = Literal["flood", "error", "error_after", "drop_before", "drop_after", "slow"]
AFTER = frozenset({"error_after", "drop_after", "slow"})
"""Faults that strike once the call has taken effect."""


@dataclass(slots=True)
class Fault:
    """One rule.

    kind: ``flood`` 429 with ``retry_after`` seconds; ``error`` answers ``status`` and has no
    effect; ``error_after`` the same but the call took effect; ``drop_before``/``drop_after``
    close the connection before/after the effect; ``slow`` answers ``delay`` seconds late.
    """

    kind: Kind
    method: str = "*"
    count: int | None = 1
    probability: float = 1.0
    seed: int = 0
    chat_id: int | None = None
    skip: int = 0
    retry_after: int = 1
    status: int = 500
    delay: float = 1.0
    html: bool = False
    fault_id: int = 0
    rng: random.Random = field(default_factory=random.Random, repr=False)

    def __post_init__(self) -> None:
        if self.kind not in get_args(Kind):
            raise ValueError(f"unknown kind of fault: {self.kind}")
        self.rng = random.Random(self.seed)  # repeatable, not secret

    def strikes(self, method: str, chat_id: str) -> bool:
        """Whether this call is hit; uses up one of ``skip`` or ``count``."""
        if self.method not in ("*", method) or self.count == 0:
            return False
        if self.chat_id is not None and str(self.chat_id) != chat_id:
            return False
        if self.skip > 0:
            self.skip -= 1
            return False
        if self.probability < 1.0 and self.rng.random() >= self.probability:
            return False
        if self.count is not None:
            self.count -= 1
        return True

    def give_back(self) -> None:
        """The call it hit was refused anyway, so the fault has not happened."""
        if self.count is not None:
            self.count += 1

    def error(self) -> ApiError:
        """The answer of ``flood``, ``error`` and ``error_after``."""
        if self.kind == "flood":
            return too_many_requests(self.retry_after)
        error = ApiError(self.status, HTTPStatus(self.status).phrase)
        error.html = self.html
        return error


@dataclass(slots=True, frozen=True)
class Struck:
    """One fault that happened. ``took_effect``: the call was carried out nevertheless."""

    fault_id: int
    kind: str
    method: str
    chat_id: str
    at: float
    took_effect: bool
    message_ids: tuple[int, ...] = ()


class Faults:
    """The rules in force and the log of what they did."""

    def __init__(self) -> None:
        self._rules: list[Fault] = []
        self._next = 1
        self.log: list[Struck] = []

    def add(self, kind: Kind, method: str = "*", **options: Any) -> int:
        """Puts a fault in force (see `Fault` for the options) and returns its id."""
        fault = Fault(kind=kind, method=method, **options)
        fault.fault_id = self._next
        self._next += 1
        self._rules.append(fault)
        return fault.fault_id

    def clear(self) -> None:
        """Lifts all faults; the log stays."""
        self._rules.clear()

    def take(self, method: str, chat_id: str = "") -> Fault | None:
        """The fault that hits this call, if any; the first rule that fits wins."""
        if not self._rules:
            return None
        self._rules = [rule for rule in self._rules if rule.count != 0]
        return next((rule for rule in self._rules if rule.strikes(method, chat_id)), None)

    def record(self, fault: Fault, method: str, chat_id: str, message_ids: tuple[int, ...]) -> None:
        """Writes down that a fault struck."""
        took_effect = fault.kind in AFTER
        self.log.append(
            Struck(
                fault.fault_id,
                fault.kind,
                method,
                chat_id,
                time.time(),
                took_effect,
                message_ids,
            )
        )

    def entries(self, kind: str | None = None) -> list[dict[str, Any]]:
        """The log as plain data, oldest first."""
        return [asdict(entry) for entry in self.log if kind in (None, entry.kind)]


@dataclass(slots=True)
class Window:
    """At most ``limit`` events in any ``seconds``."""

    limit: int
    seconds: float
    times: deque[float] = field(default_factory=deque)

    def wait(self, now: float, events: int) -> float:
        """Seconds until ``events`` more are allowed; 0 when they are now."""
        while self.times and self.times[0] <= now - self.seconds:
            self.times.popleft()
        over = len(self.times) + events - self.limit
        if over <= 0 or not self.times:
            return 0.0
        return self.times[min(over, len(self.times)) - 1] + self.seconds - now


@dataclass(slots=True)
class RateLimit:
    """Telegram's published limits, enforced only when switched on.

    Messages per second to one chat, per second over all chats, per minute to one group.
    ``slack`` seconds are forgiven, so that a sender on the exact beat is not hit by jitter.
    """

    enabled: bool = False
    per_chat: int = 1
    overall: int = 30
    per_group_minute: int = 20
    slack: float = 0.05
    refused: int = 0
    _all: Window = field(default_factory=lambda: Window(30, 1.0))
    _chats: dict[int, list[Window]] = field(default_factory=dict)

    def enable(self, per_chat: int = 1, overall: int = 30, per_group_minute: int = 20) -> None:
        """Starts to enforce, with fresh windows."""
        self.enabled = True
        self.per_chat, self.overall = per_chat, overall
        self.per_group_minute = per_group_minute
        self._all = Window(overall, 1.0 - self.slack)
        self._chats.clear()

    def disable(self) -> None:
        """Stops to enforce."""
        self.enabled = False

    def admit(self, chat_id: int, group: bool, messages: int = 1) -> None:
        """Counts messages to a chat. Raises ApiError 429 when they are too many."""
        if not self.enabled:
            return
        windows = [self._all, *self._windows(chat_id, group)]
        now = time.monotonic()
        wait = max(window.wait(now, messages) for window in windows)
        if wait > 0:
            self.refused += 1
            raise too_many_requests(max(1, math.ceil(wait)))
        for window in windows:
            window.times.extend([now] * messages)

    def _windows(self, chat_id: int, group: bool) -> list[Window]:
        windows = self._chats.get(chat_id)
        if windows is None:
            windows = [Window(self.per_chat, 1.0 - self.slack)]
            if group:
                windows.append(Window(self.per_group_minute, 60.0))
            self._chats[chat_id] = windows
        return windows
