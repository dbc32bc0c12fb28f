"""Takes inbox rows up: per citizen in order, different citizens side by side, each row once.

A row that fails is tried again later; after MAX_ATTEMPTS it is set aside as `failed`, the
citizen is told, and staff find it in the log. Rows are the truth: a crash loses nothing.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
import structlog

from bot.channels import Channel, Update
from bot.db import statements
from bot.db import tables as t
from bot.db.engine import Database
from bot.db.unit_of_work import SqlUnitsOfWork
from bot.vault import Vault, sealing_context
from bot.waiting import rest
from handlers.messages import Reply
from handlers.respond import respond
from handlers.services import Services
from handlers.turn import Turn

log = structlog.get_logger()
MAX_ATTEMPTS = 5
ALBUM_WAIT = timedelta(seconds=1.2)
POLL = 2.0  # seconds between looks without a wake-up
ABREAST = 8  # citizens answered at the same time


@dataclass
class InboxWorker:
    """Answers what is in the inbox; `answered` is called after each commit."""

    database: Database
    vault: Vault
    services: Services
    channels: Mapping[str, Channel]
    units_of_work: SqlUnitsOfWork
    answered: Callable[[], None]
    observe: Callable[[Turn], None] | None = None
    """Called with each answered turn after its commit: counts, measurements, tests."""
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _busy: set[tuple[str, str]] = field(default_factory=set)

    def wake(self) -> None:
        """There is something new."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Work until told to stop; lets turns under way finish."""
        async with asyncio.TaskGroup() as turns:
            while not stop.is_set():
                self._wake.clear()
                senders = await self._waiting()
                for sender in senders:
                    self._busy.add(sender)
                    turns.create_task(self._serve(sender))
                if not senders:
                    await rest(self._wake, stop, POLL)
                else:
                    await asyncio.sleep(0)

    async def drain(self) -> None:
        """Answer everything that is waiting now; for scripts and tests."""
        while senders := await self._waiting():
            for sender in senders:
                self._busy.add(sender)
                await self._serve(sender)

    async def _waiting(self) -> list[tuple[str, str]]:
        columns = t.inbox.c
        statement = (
            sa.select(columns.channel, columns.sender)
            .where(columns.state == "new", columns.channel.in_(list(self.channels)))
            .group_by(columns.channel, columns.sender)
            .order_by(sa.func.min(columns.id))
            .limit(ABREAST * 4)
        )
        async with self.database.read() as connection:
            rows = (await connection.execute(statement)).all()
        free = [(r.channel, r.sender) for r in rows if (r.channel, r.sender) not in self._busy]
        return free[: max(0, ABREAST - len(self._busy))]

    async def _serve(self, sender: tuple[str, str]) -> None:
        """All waiting messages of one citizen, in order."""
        try:
            while updates := await self.waiting_for(sender):
                if not await self._answer(updates):
                    break
        finally:
            self._busy.discard(sender)
            self._wake.set()

    async def waiting_for(self, sender: tuple[str, str]) -> list[Update]:
        """The oldest unanswered update, with its album siblings once the album is complete."""
        async with self.database.read() as connection:
            mine = {"channel": sender[0], "sender": sender[1]}
            rows = (await connection.execute(statements.inbox_waiting(), mine)).mappings().all()
        if not rows:
            return []
        group = rows[0]["group_key"]
        parts = [r for r in rows if group and r["group_key"] == group] or [rows[0]]
        if group:
            await self._album_complete(parts[-1]["received_at"])
            if await self._grown(sender, group, len(parts)):
                return await self.waiting_for(sender)
        return [self._open(row) for row in parts]

    async def _album_complete(self, newest: datetime) -> None:
        remaining = ALBUM_WAIT - (self.services.clock.now() - newest)
        await asyncio.sleep(max(0.0, remaining.total_seconds()))

    async def _grown(self, sender: tuple[str, str], group: str, seen: int) -> bool:
        columns = t.inbox.c
        where = sa.and_(
            columns.channel == sender[0], columns.group_key == group, columns.state == "new"
        )
        async with self.database.read() as connection:
            counted = await connection.execute(sa.select(sa.func.count()).where(where))
        return bool(counted.scalar_one() > seen)

    def _open(self, row: sa.RowMapping) -> Update:
        context = sealing_context(row["channel"], row["external_id"])
        return Update(
            id=row["id"],
            channel=row["channel"],
            external_id=row["external_id"],
            sender=row["sender"],
            message_key=row["message_key"],
            payload=self.vault.open_json(context, row["payload"]),
            received_at=row["received_at"],
        )

    async def _answer(self, updates: Sequence[Update]) -> bool:
        """Answer one turn; False when it failed and has to wait."""
        try:
            incoming = await self.channels[updates[0].channel].read(updates)
            if incoming is None:
                await self._skip(updates)
            else:
                turn = await respond(incoming, self.services)
                if turn is not None and self.observe is not None:
                    self.observe(turn)
        except Exception as error:
            # The job boundary: the failure is recorded on the row, never swallowed.
            log.exception("turn_failed", inbox=[u.id for u in updates])
            return await self._failed(updates, error)
        self.answered()
        return True

    async def _skip(self, updates: Sequence[Update]) -> None:
        await self._mark(updates, state="done", done_at=self.services.clock.now())

    async def _failed(self, updates: Sequence[Update], error: Exception) -> bool:
        ids = [u.id for u in updates]
        async with self.database.read() as connection:
            statement = sa.select(t.inbox.c.attempts).where(t.inbox.c.id == ids[0])
            attempts: int = (await connection.execute(statement)).scalar_one() + 1
        final = attempts >= MAX_ATTEMPTS
        state = "failed" if final else "new"
        if final:
            # Before the mark: a crash between the two tries once more instead of keeping silent.
            await self._apologise(updates[0])
        await self._mark(updates, attempts=attempts, error=repr(error)[:500], state=state)
        if not final:
            await asyncio.sleep(min(8.0, 0.2 * 2**attempts))
        return final

    async def _apologise(self, update: Update) -> None:
        async with self.units_of_work() as work:
            citizen = await work.citizens.get_or_add(update.channel, update.sender, "zh-Hans")
            text = self.services.phrases.text("bad.failed", citizen.locale)
            await work.outbox.reply(citizen, Reply(text), f"failed:{update.id}")
            await work.commit()
        self.answered()

    async def _mark(self, updates: Sequence[Update], **values: object) -> None:
        where = t.inbox.c.id.in_([u.id for u in updates])
        async with self.database.write() as connection:
            await connection.execute(sa.update(t.inbox).where(where).values(**values))
