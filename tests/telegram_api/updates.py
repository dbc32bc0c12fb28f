"""The queue of updates of one bot: ids, confirmation by offset, long poll, redelivery."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any

from .errors import ApiError, conflict

ON_REQUEST = frozenset({"chat_member", "message_reaction", "message_reaction_count"})
"""Kinds of update that a bot gets only when it names them."""
KEPT_SECONDS = 24 * 3600
OTHER_POLLER = (
    "terminated by other getUpdates request; make sure that only one bot instance is running"
)
SHUTTING_DOWN = "Internal Server Error: restart"


@dataclass(slots=True)
class Entry:
    """One update on its way to the bot."""

    update_id: int
    lane: int
    body: dict[str, Any]
    at: float
    again: bool = False
    handed_out: int = 0


class UpdateQueue:
    """Updates not yet confirmed. `on_push` is called for each new entry (webhook)."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._next_id = 100_000_001
        self._pending: OrderedDict[int, Entry] = OrderedDict()
        self._again: list[Entry] = []
        self._history: dict[int, Entry] = {}
        self._poller: asyncio.Future[None] | None = None
        self.allowed: list[str] = []
        self.on_push: Callable[[Entry], None] | None = None
        self.on_change: Callable[[], None] = lambda: None
        self.closing = False

    def wanted(self, kind: str) -> bool:
        """Whether the bot has asked for this kind of update."""
        return kind in self.allowed if self.allowed else kind not in ON_REQUEST

    def push(self, kind: str, payload: dict[str, Any], lane: int) -> dict[str, Any]:
        """Queues an update and returns it; its ``update_id`` is None when it is not wanted."""
        if not self.wanted(kind):
            return {"update_id": None, kind: payload}
        entry = Entry(
            self._next_id,
            lane,
            {"update_id": self._next_id, kind: payload},
            self._now(),
        )
        self._next_id += 1
        self._pending[entry.update_id] = self._history[entry.update_id] = entry
        self._announce(entry)
        return entry.body

    def push_again(self, update_id: int) -> dict[str, Any]:
        """Delivers an update once more, confirmed or not. Raises KeyError when unknown."""
        known = self._history[update_id]
        entry = Entry(update_id, known.lane, known.body, self._now(), again=True)
        self._again.append(entry)
        self._again.sort(key=lambda item: item.update_id)
        self._announce(entry)
        return entry.body

    def _now(self) -> float:
        return self._clock()

    def _announce(self, entry: Entry) -> None:
        if self.on_push is not None:
            self.on_push(entry)
        if self._poller is not None and not self._poller.done():
            self._poller.set_result(None)

    def waiting(self) -> list[Entry]:
        """All unconfirmed entries, oldest id first, after dropping those over 24 hours old."""
        self._expire()
        return [*self._again, *self._pending.values()]

    def _expire(self) -> None:
        horizon = self._now() - KEPT_SECONDS
        while self._pending and next(iter(self._pending.values())).at < horizon:
            self._pending.popitem(last=False)

    def __len__(self) -> int:
        return len(self._pending) + len(self._again)

    def done(self, entry: Entry) -> None:
        """Takes a delivered (or given up) entry out."""
        if entry.again:
            self._again = [item for item in self._again if item is not entry]
        else:
            self._pending.pop(entry.update_id, None)
        self.on_change()

    def clear(self) -> None:
        """Forgets all that waits."""
        self._pending.clear()
        self._again.clear()
        self.on_change()

    def confirm(self, offset: int) -> None:
        """Everything below the offset has been received; a negative one keeps the last ones."""
        if offset < 0:
            keep = list(self._pending)[offset:]
            offset = keep[0] if keep else 0
        while self._pending and next(iter(self._pending)) < offset:
            self._pending.popitem(last=False)
        self._again = [e for e in self._again if not e.handed_out or e.update_id >= offset]
        self.on_change()

    def _batch(self, limit: int) -> list[dict[str, Any]]:
        self._expire()
        entries: Iterator[Entry] = islice(chain(self._again, self._pending.values()), limit)
        batch = list(entries)
        for entry in batch:
            entry.handed_out += 1
        return [entry.body for entry in sorted(batch, key=lambda item: item.update_id)]

    async def poll(self, offset: int, limit: int, timeout: float) -> list[dict[str, Any]]:
        """One getUpdates. Raises ApiError 409 when another poll arrives during the wait."""
        self.interrupt(conflict(OTHER_POLLER))
        self.confirm(offset)
        batch = self._batch(limit)
        if batch or timeout <= 0:
            return batch
        await self._wait(timeout)
        return self._batch(limit)

    async def _wait(self, timeout: float) -> None:
        if self.closing:
            raise ApiError(500, SHUTTING_DOWN)
        poller = self._poller = asyncio.get_running_loop().create_future()
        try:
            async with asyncio.timeout(timeout):
                await poller
        except TimeoutError:
            return
        finally:
            if self._poller is poller:
                self._poller = None

    def interrupt(self, error: ApiError) -> None:
        """Ends a waiting poll with an error."""
        if self._poller is not None and not self._poller.done():
            self._poller.set_exception(error)
        self._poller = None

    def close(self) -> None:
        """The emulator shuts down: a waiting poll is told so, new ones do not wait."""
        self.closing = True
        self.interrupt(ApiError(500, SHUTTING_DOWN))
