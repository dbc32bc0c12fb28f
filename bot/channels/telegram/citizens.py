"""What a channel itself knows of citizens: whether we know them, and whether we can reach them."""

from __future__ import annotations

from dataclasses import dataclass

import sqlalchemy as sa

from bot.channels.telegram.arrivals import NAME
from bot.db import tables as t
from bot.db.engine import Database


@dataclass(frozen=True)
class TelegramCitizens:
    """The rows of citizens who come by Telegram."""

    database: Database

    async def heard_from(self, address: str) -> bool:
        """Whether we know them already. Who writes can be reached again."""
        statement = sa.select(t.citizens.c.reachable).where(self._at(address))
        async with self.database.read() as connection:
            row = (await connection.execute(statement)).first()
        if row is not None and not row.reachable:
            await self.set_reachable(address, True)
        return row is not None

    async def set_reachable(self, address: str, reachable: bool) -> None:
        """Note that the citizen has blocked the bot, or taken that back."""
        change = sa.update(t.citizens).where(self._at(address)).values(reachable=reachable)
        async with self.database.write() as connection:
            await connection.execute(change)

    def _at(self, address: str) -> sa.ColumnElement[bool]:
        return sa.and_(t.citizens.c.channel == NAME, t.citizens.c.address == address)
