"""Items written from answered tickets, as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.knowledge_tables import item_drafts
from bot.db.ticket_rows import storable
from handlers.knowledge.ports import ItemDraft


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


def _clean(row: dict[str, Any]) -> dict[str, Any]:
    return {name: storable(v) if isinstance(v, str) else v for name, v in row.items()}
