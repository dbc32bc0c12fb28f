"""Keeps us under Telegram's limits, so that 429 is rare: per chat, and over all chats."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

MANY = 2000  # chats remembered before those at rest are forgotten


@dataclass(frozen=True)
class Limit:
    """`rate` messages per second in the long run, `burst` of them at once."""

    rate: float
    burst: int


SECOND = 1.03  # in which Telegram counts, and what one message may be quicker than another
SHARE = 0.965  # of what Telegram allows: room for messages that overtake each other on the way
CATCH_UP = 0.02  # seconds' worth of messages that a held-up process may send at once
PRIVATE = Limit(rate=1, burst=3)
GROUP = Limit(rate=18 / 60, burst=2)  # never more than 20 in any minute


def overall_limit(allowed: float) -> Limit:
    """Over all chats, evenly spaced, so that no second holds more than `allowed`.

    A process that sends a thousand a second cannot sleep for each: it may catch up on a fiftieth of a
    second. What left within the last second is counted besides (`Pacing._depart`).
    """
    return Limit(rate=allowed * SHARE, burst=max(1, int(allowed * CATCH_UP)))


@dataclass
class Bucket:
    """A token bucket, kept as the moment at which it will be full again."""

    limit: Limit
    full_at: float = 0.0

    def reserve(self, now: float) -> float:
        """Take a token; gives the seconds to wait until it is there."""
        start = max(self.full_at, now)
        self.full_at = start + 1 / self.limit.rate
        return max(0.0, self.full_at - self.limit.burst / self.limit.rate - now)


@dataclass
class Pacing:
    """Hands out the moments at which messages may leave.

    Replies take the next moment at once. Broadcasts stand in line, only one of them has taken a moment
    in advance, so a reply never waits for more than that one.
    """

    overall: Limit = field(default_factory=lambda: overall_limit(30))
    now: Callable[[], float] = time.monotonic
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    _chats: dict[str, Bucket] = field(default_factory=dict)
    _line: asyncio.Lock = field(default_factory=asyncio.Lock)
    _held_until: float = 0.0
    _departed: deque[float] = field(default_factory=deque)

    def __post_init__(self) -> None:
        self._overall = Bucket(self.overall)
        self._departed = deque(maxlen=max(1, round(self.overall.rate / SHARE)))

    async def wait(self, chat: str) -> None:
        """Wait until one more message may go to `chat` (groups have negative ids)."""
        await self._pause(self._bucket(chat))
        await self._depart()

    async def wait_in_line(self, chat: str) -> None:
        """The same for one of many messages: behind all replies, and not while on hold."""
        await self._pause(self._bucket(chat))
        async with self._line:
            while (held := self._held_until - self.now()) > 0:
                await self.sleep(held)
            await self._depart()

    def hold(self, seconds: float) -> None:
        """Telegram asked for a rest: no broadcast leaves before it is over."""
        self._held_until = max(self._held_until, self.now() + seconds)

    async def _depart(self) -> None:
        """Wait for the next moment; a process that was held up does not make up for it at once."""
        await self._pause(self._overall)
        if len(self._departed) == self._departed.maxlen:
            early = self._departed[0] + SECOND - self.now()
            if early > 0:
                await self.sleep(early)
        self._departed.append(self.now())

    async def _pause(self, bucket: Bucket) -> None:
        seconds = bucket.reserve(self.now())
        if seconds > 0:
            await self.sleep(seconds)

    def _bucket(self, chat: str) -> Bucket:
        bucket = self._chats.get(chat)
        if bucket is None:
            if len(self._chats) >= MANY:
                self._forget()
            bucket = self._chats[chat] = Bucket(GROUP if chat.startswith("-") else PRIVATE)
        return bucket

    def _forget(self) -> None:
        now = self.now()
        self._chats = {chat: b for chat, b in self._chats.items() if b.full_at > now}
