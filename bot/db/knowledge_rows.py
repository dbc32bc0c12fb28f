"""Reviews of the library's items as rows; the newest one of an item counts."""

from __future__ import annotations

from dataclasses import asdict, dataclass

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import statements
from bot.db.tables import item_reviews
from handlers.ports import ItemReview


@dataclass
class SqlItemReviews:
    """See handlers.ports.ItemReviews."""

    connection: AsyncConnection

    async def all(self) -> dict[str, ItemReview]:
        found = await self.connection.execute(sa.select(item_reviews))
        return {row["item"]: ItemReview(**row) for row in found.mappings()}

    async def keep(self, review: ItemReview) -> None:
        row = asdict(review)
        statement = statements.insert_into(self.connection.dialect.name, item_reviews).values(row)
        changed = statement.on_conflict_do_update(index_elements=["item"], set_=row)
        await self.connection.execute(changed)
