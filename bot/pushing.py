"""Notes to the browsers of web citizens who are not looking: that there is news, never what.

A note is a courtesy. The message itself lies in the mailbox before; a note lost by a crash or an
outage is not sent again.
"""

from __future__ import annotations

import asyncio
import hashlib
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import aiohttp
import sqlalchemy as sa
import structlog

from bot.channels.webchat import NAME
from bot.db import tables as t
from bot.db.campaign_tables import subscribers
from bot.db.engine import Database
from bot.db.push_tables import push_endpoints as e
from bot.db.statements import insert_into
from bot.push_service import BadEndpoint, PushIdentity, push
from bot.vault import Vault
from bot.waiting import rest
from handlers.services import Services

log = structlog.get_logger()
POLL = 5.0  # seconds
ABREAST = 8  # notes under way
MOST_BROWSERS = 5  # of one citizen; a sixth takes the place of the oldest
PAUSE = timedelta(
    seconds=30
)  # between two notes to one browser: several replies are one piece of news
GONE = (404, 410)


@dataclass
class Pusher:
    """Keeps browsers' addresses and sends the notes."""

    database: Database
    vault: Vault
    services: Services
    identity: PushIdentity
    anywhere: bool = False  # private addresses and plain http too: for tests
    _due: dict[str, None] = field(default_factory=dict)  # chats, in order
    _wake: asyncio.Event = field(default_factory=asyncio.Event)

    def away(self, address: str) -> None:
        """There is news for a chat that nobody has open."""
        self._due[address] = None
        self._wake.set()

    async def run(self, stop: asyncio.Event) -> None:
        """Send notes until told to stop."""
        while not stop.is_set():
            self._wake.clear()
            if not await self.drain():
                await rest(self._wake, stop, POLL)

    async def drain(self) -> int:
        """Send the notes due; gives how many a push service took."""
        chats = list(self._due)[:ABREAST]
        for chat in chats:
            del self._due[chat]
        return sum(await asyncio.gather(*map(self._note, chats)))

    async def keep(self, citizen_id: int, browser: dict[str, Any]) -> None:
        """Remember where a browser takes notes; it belongs to whoever gave it last."""
        digest = digest_of(browser["endpoint"])
        sealed = self.vault.seal_json(_context(digest), browser)
        row = {"citizen_id": citizen_id, "sealed": sealed, "at": self.services.clock.now()}
        mine = sa.select(e.c.id).where(e.c.citizen_id == citizen_id)
        async with self.database.write() as connection:
            insert = insert_into(connection.dialect.name, e).values(**row, digest=digest)
            kept = insert.on_conflict_do_update(index_elements=["digest"], set_=row)
            await connection.execute(kept)
            old = await connection.scalars(mine.order_by(e.c.at.desc(), e.c.id.desc()))
            surplus = list(old)[MOST_BROWSERS:]
            await connection.execute(sa.delete(e).where(e.c.id.in_(surplus)))

    async def forget(self, citizen_id: int, endpoint: str) -> None:
        """The citizen wants no notes there any more."""
        mine = sa.and_(e.c.citizen_id == citizen_id, e.c.digest == digest_of(endpoint))
        async with self.database.write() as connection:
            await connection.execute(sa.delete(e).where(mine))

    async def subscriber(self, address: str) -> int | None:
        """The citizen of a chat, if they subscribe to broadcasts now."""
        c, s = t.citizens.c, subscribers.c
        statement = sa.select(c.id).join(subscribers, s.citizen_id == c.id)
        mine = statement.where(c.channel == NAME, c.address == address, s.active.is_(True))
        async with self.database.read() as connection:
            found: int | None = await connection.scalar(mine)
        return found

    async def _note(self, address: str) -> int:
        """Who has ended the subscription gets none."""
        citizen = await self.subscriber(address)
        if citizen is None:
            return 0
        rested = sa.or_(e.c.pushed_at.is_(None), e.c.pushed_at < self.services.clock.now() - PAUSE)
        async with self.database.read() as connection:
            found = await connection.execute(
                sa.select(e, t.citizens.c.locale)
                .join(t.citizens, t.citizens.c.id == e.c.citizen_id)
                .where(e.c.citizen_id == citizen, rested)
            )
            rows = found.mappings().all()
        return sum([await self._push(row) for row in rows])

    async def _push(self, row: sa.RowMapping) -> bool:
        browser = self.vault.open_json(_context(row["digest"]), row["sealed"])
        text = self.services.phrases.text("push.news", row["locale"])
        note = {"title": self.services.jurisdiction.office_name, "body": text}
        try:
            status = await push(self.identity, browser, note, anywhere=self.anywhere)
        except (BadEndpoint, aiohttp.ClientError, OSError, TimeoutError) as error:
            log.warning("push_failed", browser=row["id"], error=type(error).__name__)
            return False
        await self._ended(row["id"], status)
        return status < 300

    async def _ended(self, number: int, status: int) -> None:
        here = e.c.id == number
        change: sa.Delete | sa.Update | None = None
        if status in GONE:
            change = sa.delete(e).where(here)
        elif status < 300:
            change = sa.update(e).where(here).values(pushed_at=self.services.clock.now())
        else:
            log.warning("push_refused", browser=number, status=status)
        if change is not None:
            async with self.database.write() as connection:
                await connection.execute(change)


def digest_of(endpoint: str) -> str:
    """By what a browser is found again: the address itself is sealed."""
    return hashlib.sha256(endpoint.encode()).hexdigest()


def _context(digest: str) -> str:
    return f"push_endpoints.sealed|{digest}"
