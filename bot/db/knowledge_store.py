"""Drafts of items, first-hand cases, notices, entered dates and group manners as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import cached_property
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import statements
from bot.db.knowledge_tables import (
    group_manners,
    item_cases,
    item_drafts,
    item_notices,
    occasion_years,
)
from bot.db.ticket_rows import storable
from handlers.knowledge.ports import ItemCase, ItemDraft, ItemNotice, OccasionYear


@dataclass
class SqlItemDrafts:
    """See handlers.knowledge.ports.ItemDrafts."""

    connection: AsyncConnection

    async def all(self) -> list[ItemDraft]:
        query = sa.select(item_drafts).order_by(item_drafts.c.number)
        rows = (await self.connection.execute(query)).mappings()
        return [ItemDraft(**{**row, "asks": tuple(row["asks"])}) for row in rows]

    async def add(self, draft: ItemDraft) -> int:
        row = _clean(asdict(draft))
        del row["number"]
        row["asks"] = [storable(ask) for ask in draft.asks]
        added = sa.insert(item_drafts).values(row).returning(item_drafts.c.number)
        return int((await self.connection.execute(added)).scalar_one())


@dataclass
class SqlItemCases:
    """See handlers.knowledge.ports.ItemCases."""

    connection: AsyncConnection

    async def add(self, case: ItemCase) -> None:
        once = statements.added_once(self.connection.dialect.name, item_cases)
        await self.connection.execute(once, asdict(case))

    async def since(self, item: str, at: datetime) -> list[ItemCase]:
        c = item_cases.c
        query = sa.select(item_cases).where(c.item == item, c.at > at).order_by(c.at, c.ticket)
        return [ItemCase(**row) for row in (await self.connection.execute(query)).mappings()]


@dataclass
class SqlItemNotices:
    """See handlers.knowledge.ports.ItemNotices."""

    connection: AsyncConnection

    async def add(self, notices: Sequence[ItemNotice]) -> None:
        rows = [_clean(asdict(notice)) for notice in notices]
        if rows:
            await self.connection.execute(sa.insert(item_notices), rows)


@dataclass
class SqlOccasionYears:
    """See handlers.knowledge.ports.OccasionYears."""

    connection: AsyncConnection

    async def all(self) -> list[OccasionYear]:
        c = occasion_years.c
        query = sa.select(occasion_years).order_by(c.start, c.occasion)
        return [OccasionYear(**row) for row in (await self.connection.execute(query)).mappings()]

    async def keep(self, entered: OccasionYear) -> None:
        row = _clean(asdict(entered))
        kept = statements.insert_into(self.connection.dialect.name, occasion_years).values(row)
        changed = kept.on_conflict_do_update(index_elements=["occasion", "year"], set_=row)
        await self.connection.execute(changed)

    async def remove(self, occasion: str, year: int) -> bool:
        c = occasion_years.c
        gone = sa.delete(occasion_years).where(c.occasion == occasion, c.year == year)
        return bool((await self.connection.execute(gone)).rowcount)


@dataclass
class SqlGroupManners:
    """See handlers.knowledge.ports.GroupManners."""

    connection: AsyncConnection

    async def quiet(self, channel: str, address: str) -> bool:
        c = group_manners.c
        query = sa.select(c.quiet).where(c.channel == channel, c.address == address)
        return bool(await self.connection.scalar(query))

    async def set_quiet(
        self, channel: str, address: str, quiet: bool, by: str, at: datetime
    ) -> None:
        row = {"channel": channel, "address": address, "quiet": quiet, "set_by": by, "at": at}
        kept = statements.insert_into(self.connection.dialect.name, group_manners).values(row)
        changed = kept.on_conflict_do_update(index_elements=["channel", "address"], set_=row)
        await self.connection.execute(changed)


@dataclass
class SqlKnowledge:
    """See handlers.knowledge.ports.Knowledge."""

    connection: AsyncConnection

    @cached_property
    def drafts(self) -> SqlItemDrafts:
        return SqlItemDrafts(self.connection)

    @cached_property
    def cases(self) -> SqlItemCases:
        return SqlItemCases(self.connection)

    @cached_property
    def notices(self) -> SqlItemNotices:
        return SqlItemNotices(self.connection)

    @cached_property
    def years(self) -> SqlOccasionYears:
        return SqlOccasionYears(self.connection)

    @cached_property
    def manners(self) -> SqlGroupManners:
        return SqlGroupManners(self.connection)


def _clean(row: dict[str, Any]) -> dict[str, Any]:
    return {name: storable(v) if isinstance(v, str) else v for name, v in row.items()}
