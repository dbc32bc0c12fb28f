"""Subscribed chat groups as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.group_tables import group_consents
from bot.db.tables import citizens


@dataclass
class SqlGroups:
    """See handlers.campaigns.group_ports.Groups."""

    connection: AsyncConnection

    async def find(self, channel: str, address: str) -> int | None:
        c = citizens.c
        mine = sa.select(c.id).where(c.channel == channel, c.address == address)
        found: int | None = await self.connection.scalar(mine.with_for_update())
        return found

    async def move(self, group_id: int, address: str) -> None:
        here = sa.update(citizens).where(citizens.c.id == group_id)
        await self.connection.execute(here.values(address=address))

    async def agreed(
        self, group_id: int, by: int | None, why: str, at: datetime, *, granted: bool
    ) -> None:
        row = {"citizen_id": group_id, "granted": granted, "by": by, "why": why, "at": at}
        await self.connection.execute(sa.insert(group_consents).values(row))
