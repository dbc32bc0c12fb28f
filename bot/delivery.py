"""Drains the outbox: order per chat, at least once, outcome on the row (design §3.3).

`sending` is written before the call leaves, so a crash leaves a row whose outcome is unknown.
An interactive reply of unknown outcome is sent again: repeats are bounded by the sends in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog

from bot.channels import Channel, Sent
from bot.db import tables as t
from bot.db.engine import Database
from bot.vault import Vault
from handlers.messages import Button, Reply
from handlers.ports import Clock

log = structlog.get_logger()
BATCH = 64
ABREAST = 16  # sends in flight
POLL = 1.0  # seconds
MAX_ATTEMPTS = 12
LONGEST_WAIT = 300.0  # seconds between tries


@dataclass
class Delivery:
    """Sends what the outbox holds."""

    database: Database
    vault: Vault
    channels: Mapping[str, Channel]
    clock: Clock
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop."""
        await self.recover()
        while not stop.is_set():
            self._wake.clear()
            if not await self.drain_once():
                await self._sleep(stop)

    async def recover(self) -> int:
        """Rows a crash left in `sending` go out again; gives how many (each may be a repeat)."""
        where = sa.and_(t.outbox.c.state == "sending", t.outbox.c.channel.in_(list(self.channels)))
        async with self.database.write() as connection:
            change = sa.update(t.outbox).where(where).values(state="pending", error="outcome unknown")
            left = (await connection.execute(change)).rowcount
        if left:
            log.warning("outbox_recovered", rows=left)
        return left

    async def drain_once(self) -> int:
        """Send one batch: the oldest open row of each chat; gives how many were tried."""
        rows = await self._claim()
        if not rows:
            return 0
        limit = asyncio.Semaphore(ABREAST)
        outcomes = await asyncio.gather(*(self._send(row, limit) for row in rows))
        await self._record(list(zip(rows, outcomes, strict=True)))
        return len(rows)

    async def _sleep(self, stop: asyncio.Event) -> None:
        waits = [asyncio.ensure_future(self._wake.wait()), asyncio.ensure_future(stop.wait())]
        try:
            await asyncio.wait(waits, timeout=POLL, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()

    async def _claim(self) -> Sequence[sa.RowMapping]:
        """The heads of the chats that may send now, marked `sending` before anything leaves."""
        columns, now = t.outbox.c, self.clock.now()
        open_rows = columns.state.in_(["pending", "sending"])
        heads = (
            sa.select(sa.func.min(columns.id))
            .where(open_rows, columns.channel.in_(list(self.channels)))
            .group_by(columns.channel, columns.address)
        )
        due = sa.or_(columns.not_before.is_(None), columns.not_before <= now)
        statement = (
            sa.select(t.outbox)
            .where(columns.id.in_(heads), columns.state == "pending", due)
            .order_by(columns.priority, columns.id)
            .limit(BATCH)
        )
        async with self.database.write() as connection:
            rows = (await connection.execute(statement)).mappings().all()
            if rows:
                ids = [row["id"] for row in rows]
                change = sa.update(t.outbox).where(columns.id.in_(ids)).values(state="sending")
                await connection.execute(change)
        return rows

    async def _send(self, row: sa.RowMapping, limit: asyncio.Semaphore) -> Sent:
        async with limit:
            raw = self.vault.open_json(f"outbox.payload|{row['dedup_key']}", row["payload"])
            return await self.channels[row["channel"]].send(row["address"], reply_from(raw), row["id"])

    async def _record(self, results: Sequence[tuple[sa.RowMapping, Sent]]) -> None:
        async with self.database.write() as connection:
            for row, sent in results:
                values = self._values(row, sent)
                await connection.execute(
                    sa.update(t.outbox).where(t.outbox.c.id == row["id"]).values(**values)
                )
                if sent.state == "blocked":
                    unreachable = sa.update(t.citizens).where(t.citizens.c.id == row["citizen_id"])
                    await connection.execute(unreachable.values(reachable=False))

    def _values(self, row: sa.RowMapping, sent: Sent) -> dict[str, Any]:
        now, attempts = self.clock.now(), row["attempts"] + 1
        if sent.state not in ("retry", "unknown"):
            done = {"state": sent.state, "external_id": sent.external_id, "error": sent.error}
            return {**done, "attempts": attempts, "sent_at": now}
        if attempts >= MAX_ATTEMPTS:
            log.error("outbox_given_up", row=row["id"], error=sent.error)
            return {"state": "failed", "attempts": attempts, "error": sent.error}
        wait = sent.retry_after or min(LONGEST_WAIT, 0.5 * 2**attempts)
        later = now + timedelta(seconds=wait)
        return {"state": "pending", "attempts": attempts, "error": sent.error, "not_before": later}


def reply_from(raw: dict[str, Any]) -> Reply:
    """A reply from its stored form."""
    buttons = tuple(Button(**button) for button in raw["buttons"])
    return Reply(raw["text"], buttons, raw.get("sender_name"))
