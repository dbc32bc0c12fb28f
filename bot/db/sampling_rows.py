"""Public lists as rows, and the repositories of sampling on one transaction."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.contest_rows import SqlContests
from bot.db.poll_rows import SqlPolls
from bot.db.sampling_tables import public_lists
from bot.db.testing_rows import SqlQuickTestDays
from bot.db.ticket_rows import storable
from handlers.campaigns import sampling_ports as ports
from handlers.campaigns.sampling_ports import Listed

WRITTEN = ("title", "colour", "merchant", "basis", "from_day", "until_day", "written_by")


@dataclass
class SqlPublicLists:
    """See handlers.campaigns.sampling_ports.PublicLists."""

    connection: AsyncConnection

    async def add(self, listed: Listed, at: datetime) -> int:
        given = asdict(listed)
        row = {name: given[name] for name in WRITTEN}
        row |= {name: storable(given[name]) for name in ("title", "merchant", "basis")}
        insert = sa.insert(public_lists).values(written_at=at, **row)
        made = await self.connection.execute(insert.returning(public_lists.c.id))
        return int(made.scalar_one())

    async def get(self, listed_id: int) -> Listed | None:
        found = await self._some(public_lists.c.id == listed_id, 1)
        return found[0] if found else None

    async def all(self, limit: int) -> list[Listed]:
        return await self._some(sa.true(), limit)

    async def sign(self, listed_id: int, login: str, at: datetime) -> bool:
        open_still = public_lists.c.signed_at.is_(None)
        return await self._change(listed_id, open_still, signed_by=login, signed_at=at)

    async def withdraw(self, listed_id: int, login: str, at: datetime) -> bool:
        there = public_lists.c.withdrawn_at.is_(None)
        return await self._change(listed_id, there, withdrawn_by=login, withdrawn_at=at)

    async def current(self, today: date) -> list[Listed]:
        c = public_lists.c
        signed = sa.and_(c.signed_at.is_not(None), c.withdrawn_at.is_(None))
        return await self._some(sa.and_(signed, c.from_day <= today, c.until_day >= today), None)

    async def _change(
        self, listed_id: int, where: sa.ColumnElement[bool], **values: object
    ) -> bool:
        living = sa.and_(public_lists.c.id == listed_id, public_lists.c.withdrawn_at.is_(None))
        change = sa.update(public_lists).where(living, where).values(**values)
        return bool((await self.connection.execute(change)).rowcount)

    async def _some(self, where: sa.ColumnElement[bool], limit: int | None) -> list[Listed]:
        query = sa.select(public_lists).where(where).order_by(public_lists.c.id.desc())
        rows = await self.connection.execute(query.limit(limit))
        return [_listed(row) for row in rows]


def _listed(row: sa.Row[Any]) -> Listed:
    given = {name: getattr(row, name) for name in WRITTEN}
    return Listed(**given, id=row.id, signed_by=row.signed_by, withdrawn_by=row.withdrawn_by)


class SqlSampling:
    """See handlers.campaigns.sampling_ports.Sampling."""

    polls: ports.Polls
    testing: ports.QuickTestDays
    contests: ports.Contests
    lists: ports.PublicLists

    def __init__(self, connection: AsyncConnection) -> None:
        self.polls = SqlPolls(connection)
        self.testing = SqlQuickTestDays(connection)
        self.contests = SqlContests(connection)
        self.lists = SqlPublicLists(connection)
