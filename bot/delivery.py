"""Drains the outbox: order per chat, at least once, outcome on the row (design §3.3).

`sending` is written before the call leaves, and the outcome as soon as it is known: a crash leaves
at most ABREAST rows of a channel whose outcome is unknown. An interactive reply of unknown outcome
is sent again, so repeats are bounded by the sends in flight.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Channel, Sent
from bot.db import tables as t
from bot.db.engine import Database
from bot.vault import Vault
from bot.waiting import rest
from handlers.messages import Button, Reply
from handlers.ports import Clock

log = structlog.get_logger()
ABREAST = 16  # sends in flight on one channel; a slow one holds up no other chat or channel
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
    _flying: dict[int, str] = field(default_factory=dict)  # row → channel, until recorded
    _ended: list[tuple[sa.RowMapping, Sent]] = field(default_factory=list)

    def wake(self) -> None:
        """There is something new to send."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; lets sends under way end."""
        await self.recover()
        async with asyncio.TaskGroup() as sends:
            while not stop.is_set():
                self._wake.clear()
                rows = await self._turn_over()
                for row in rows:
                    sends.create_task(self._send(row))
                if not rows:
                    await rest(self._wake, stop, POLL)
        await self._turn_over(claim=False)

    async def recover(self) -> int:
        """Rows a crash left in `sending` go out again; gives how many (each may be a repeat)."""
        where = sa.and_(t.outbox.c.state == "sending", t.outbox.c.channel.in_(list(self.channels)))
        async with self.database.write() as connection:
            change = (
                sa.update(t.outbox).where(where).values(state="pending", error="outcome unknown")
            )
            left = (await connection.execute(change)).rowcount
        if left:
            log.warning("outbox_recovered", rows=left)
        return left

    async def drain_once(self) -> int:
        """Send one batch and wait for it; gives how many were tried. For scripts and tests."""
        rows = await self._turn_over()
        await asyncio.gather(*map(self._send, rows))
        await self._turn_over(claim=False)
        return len(rows)

    async def _turn_over(self, *, claim: bool = True) -> Sequence[sa.RowMapping]:
        """In one transaction: write down what has ended, and mark what may leave now."""
        ended, self._ended = self._ended, []
        for row, _ in ended:
            del self._flying[row["id"]]
        async with self.database.write() as connection:
            for row, sent in ended:
                await self._record(connection, row, sent)
            rows = await self._claim(connection) if claim else []
        self._flying.update({row["id"]: row["channel"] for row in rows})
        return rows

    async def _claim(self, connection: AsyncConnection) -> list[sa.RowMapping]:
        """The heads of the chats that may send now, marked `sending` before anything leaves."""
        under_way = list(self._flying.values())
        rows: list[sa.RowMapping] = []
        for channel in self.channels:
            free = ABREAST - under_way.count(channel)
            if free > 0:
                found = await connection.execute(self._heads(channel).limit(free))
                rows += found.mappings().all()
        if rows:
            taken = t.outbox.c.id.in_([row["id"] for row in rows])
            await connection.execute(sa.update(t.outbox).where(taken).values(state="sending"))
        return rows

    def _heads(self, channel: str) -> sa.Select[Any]:
        """The oldest open row of each chat, where it is due and not under way."""
        columns = t.outbox.c
        oldest = (
            sa.select(sa.func.min(columns.id))
            .where(columns.state.in_(["pending", "sending"]), columns.channel == channel)
            .group_by(columns.address)
        )
        due = sa.or_(columns.not_before.is_(None), columns.not_before <= self.clock.now())
        return (
            sa.select(t.outbox)
            .where(columns.id.in_(oldest), columns.state == "pending", due)
            .order_by(columns.priority, columns.id)
        )

    async def _send(self, row: sa.RowMapping) -> None:
        try:
            raw = self.vault.open_json(f"outbox.payload|{row['dedup_key']}", row["payload"])
            channel = self.channels[row["channel"]]
            sent = await channel.send(row["address"], reply_from(raw), row["id"])
        except Exception as error:
            # The job boundary: one row that cannot be sent must not stop all the others.
            log.exception("send_failed", row=row["id"])
            sent = Sent("unknown", error=repr(error)[:500])
        self._ended.append((row, sent))
        self._wake.set()

    async def _record(self, connection: AsyncConnection, row: sa.RowMapping, sent: Sent) -> None:
        here = t.outbox.c.id == row["id"]
        values = self._values(row, sent)
        await connection.execute(sa.update(t.outbox).where(here).values(**values))
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
    return Reply(raw["text"], buttons, raw.get("sender_name"), raw.get("picture"))
