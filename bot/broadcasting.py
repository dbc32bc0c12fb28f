"""Sends campaigns: plans the ledger, marks a row before its message leaves, writes what came of it.

After kill -9 nobody is skipped, and at most the rows marked `sending` (never more than the window)
go out twice; under `never_twice` these are listed as `unknown` instead. Consent, quiet hours and
frequency are looked at again as each row leaves. Web pages get theirs in the same transaction as the
mark, so never twice. One process at a time sends a campaign, by a lease on its row.
"""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot import ledger
from bot.channels import Channel, Sent
from bot.channels.webchat import NAME as WEB
from bot.channels.webchat import Hub
from bot.db.campaign_rows import campaign_from
from bot.db.campaign_tables import campaigns
from bot.db.engine import Database
from bot.db.unit_of_work import SqlUnitsOfWork
from bot.waiting import rest
from handlers.campaigns.composing import compose
from handlers.campaigns.ports import Campaign
from handlers.knowledge.reviewing import taught
from handlers.messages import Reply
from handlers.ports import Citizen
from handlers.services import Services

log = structlog.get_logger()
POLL = 1.0  # seconds between looks when nothing is being sent
BREATH = 0.05  # seconds that results gather before they are written together
LEASE = timedelta(seconds=10)
WEB_BATCH = 200  # pages written in one transaction: replies wait for no more than that


@dataclass
class Broadcaster:
    """Sends what is in state `sending`; `window` messages under way at most."""

    database: Database
    services: Services
    units_of_work: SqlUnitsOfWork
    channels: Mapping[str, Channel]
    hub: Hub
    window: int = 16
    me: str = field(default_factory=lambda: secrets.token_hex(8))
    _wake: asyncio.Event = field(default_factory=asyncio.Event)
    _flying: dict[tuple[int, int], ledger.Row] = field(default_factory=dict)
    _ended: list[tuple[ledger.Row, Sent]] = field(default_factory=list)
    _replies: dict[tuple[int, int, int, str], Reply] = field(default_factory=dict)
    _leased: int | None = None

    def wake(self) -> None:
        """A campaign was started, or resumed."""
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send until told to stop; what is under way then ends, and its end is written."""
        async with asyncio.TaskGroup() as sends:
            while not stop.is_set():
                self._wake.clear()
                rows, busy = await self._turn_over()
                for row in rows:
                    sends.create_task(self._send(row))
                if busy:
                    await asyncio.sleep(BREATH if self._flying else 0)
                else:
                    await rest(self._wake, stop, BREATH if self._flying else POLL)
        await self._turn_over(claim=False)

    async def drain(self) -> None:
        """Send all that can leave now; for scripts and tests."""
        while True:
            rows, busy = await self._turn_over()
            await asyncio.gather(*map(self._send, rows))
            if not busy and not rows and not self._ended:
                return

    async def _turn_over(self, *, claim: bool = True) -> tuple[Sequence[ledger.Row], bool]:
        """In one transaction: write down what ended, then plan a part or mark what leaves next.

        Gives the rows to send, and whether there is more to do at once.
        """
        ended, self._ended = self._ended, []
        for row, _ in ended:
            del self._flying[row.campaign_id, row.citizen_id]
        pages: list[str] = []
        async with self.database.write() as connection:
            await ledger.record(connection, ended, self._now())
            chosen = await self._chosen(connection) if claim else None
            if chosen is None:
                return [], False
            rows, busy = await self._advance(connection, chosen, pages)
        self._flying.update({(row.campaign_id, row.citizen_id): row for row in rows})
        for address in pages:
            self.hub.publish(address)
        return rows, busy

    async def _chosen(self, connection: AsyncConnection) -> Campaign | None:
        """The campaign to work on: urgent ones first; None where there is none for this process."""
        c, now = campaigns.c, self._now()
        awake = sa.or_(c.wake_at.is_(None), c.wake_at <= now)
        free = sa.or_(c.leased_by == self.me, c.leased_until.is_(None), c.leased_until < now)
        alone = self.database.url.startswith("sqlite")
        statement = sa.select(campaigns).where(
            c.state == "sending", awake, sa.true() if alone else free
        )
        found = await connection.execute(statement.order_by(c.urgent.desc(), c.due, c.id).limit(1))
        row = found.mappings().first()
        if row is None:
            return None
        mine = {"leased_by": self.me, "leased_until": now + LEASE, "wake_at": None}
        here = sa.update(campaigns).where(c.id == row["id"], sa.true() if alone else free)
        if not (await connection.execute(here.values(**mine))).rowcount:
            return None
        if row["leased_by"] != self.me:
            await ledger.take_over(connection, row["id"], row["policy"], tuple(self._flying))
        return campaign_from(row)

    async def _advance(
        self, connection: AsyncConnection, campaign: Campaign, pages: list[str]
    ) -> tuple[list[ledger.Row], bool]:
        if not campaign.planned:
            await ledger.plan(connection, campaign)
            return [], True
        now = self._now()
        late = now > (campaign.due or now) + timedelta(hours=campaign.late_hours)
        if late:
            await ledger.give_up(connection, campaign.id)
        free = self.window - len(self._flying)
        if free <= 0:
            return [], False
        rows = await ledger.waiting(connection, campaign, max(free, WEB_BATCH))
        if not rows:
            return [], await self._rest_or_finish(connection, campaign)
        return await self._leave(connection, campaign, rows, free, pages), True

    async def _leave(
        self,
        connection: AsyncConnection,
        campaign: Campaign,
        rows: Sequence[ledger.Row],
        free: int,
        pages: list[str],
    ) -> list[ledger.Row]:
        """Sort out who gets it now: pages at once, the others after their mark."""
        now = self._now()
        leaving: list[ledger.Row] = []
        settled: list[tuple[ledger.Row, Sent]] = []
        for row in rows:
            verdict = ledger.verdict(row, campaign, now)
            if verdict is not None:
                settled.append((row, verdict))
            elif row.channel == WEB:
                await self._into_mailbox(connection, campaign, row)
                pages.append(row.address)
                settled.append((row, Sent("sent")))
            elif row.channel not in self.channels:
                settled.append((row, Sent("skipped", error="channel")))
            elif len(leaving) < free:
                leaving.append(row)
        await ledger.record(connection, settled, now)
        await ledger.mark(connection, leaving)
        return leaving

    async def _into_mailbox(
        self, connection: AsyncConnection, campaign: Campaign, row: ledger.Row
    ) -> None:
        reply = await self._reply(campaign, row)
        citizen = Citizen(row.citizen_id, row.channel, row.address, row.locale)
        await ledger.into_mailbox(
            connection, self.units_of_work.cipher, citizen, reply, campaign.id, self._now()
        )

    async def _rest_or_finish(self, connection: AsyncConnection, campaign: Campaign) -> bool:
        """Nothing is pending: take up who waited long enough, sleep until then, or end.

        Tells whether there is more to do at once.
        """
        if any(number == campaign.id for number, _ in self._flying):
            return False
        if await ledger.promote(connection, campaign.id, self._now()):
            return True
        here = sa.update(campaigns).where(campaigns.c.id == campaign.id)
        wake_at = await ledger.next_later(connection, campaign.id)
        if wake_at is not None:
            await connection.execute(here.values(wake_at=wake_at))
            return False
        version = campaigns.c.version + 1
        done = {"state": "sent", "ended_at": self._now(), "leased_by": None, "version": version}
        await connection.execute(here.where(campaigns.c.state == "sending").values(**done))
        log.info("campaign_sent", campaign=campaign.id)
        return True

    async def _send(self, row: ledger.Row) -> None:
        try:
            campaign = row.campaign
            reply = await self._reply(campaign, row)
            key = -(campaign.id * 10**10 + row.citizen_id)  # no row of the outbox has it
            sent = await self.channels[row.channel].push(row.address, reply, key)
        except Exception as error:
            # The job boundary: one message that cannot be sent must not stop all the others.
            log.exception("broadcast_failed", campaign=row.campaign_id)
            sent = Sent("unknown", error=type(error).__name__)
        self._ended.append((row, sent))
        self._wake.set()

    async def _reply(self, campaign: Campaign, row: ledger.Row) -> Reply:
        key = (campaign.id, campaign.version, row.variant, row.locale)
        if key not in self._replies:
            if len(self._replies) > 64:
                self._replies.clear()
            items = await self._taught(campaign) if campaign.kind == "item" else {}
            args: Any = (campaign, row.variant, row.locale, items)
            self._replies[key] = compose(self.services, *args)
        return self._replies[key]

    async def _taught(self, campaign: Campaign) -> Mapping[str, Any]:
        from bot.db.knowledge_rows import SqlItemReviews

        async with self.database.read() as connection:
            work: Any = _Reviews(SqlItemReviews(connection))
            return await taught(self.services, work, self._now().date())

    def _now(self) -> datetime:
        return self.services.clock.now()


@dataclass
class _Reviews:
    """As much of a unit of work as reading the library takes."""

    item_reviews: object
