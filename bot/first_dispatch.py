"""How often the first unit was the right one: by unit, row of the duty list and model version.

A matter was dispatched well at first when nobody returned, transferred or dispatched it anew. What
routing left to the triage desk counts apart: nothing was claimed for it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.db.engine import Database
from bot.db.tables import tickets

BY = ("unit", "duty", "model")


@dataclass(frozen=True)
class Share:
    """A row: whose, of how many matters, how many stayed where they went first."""

    key: str
    matters: int
    stayed: int

    @property
    def percent(self) -> int:
        """Share of matters that stayed, 0..100."""
        return round(100 * self.stayed / self.matters) if self.matters else 0


async def first_dispatch(database: Database, by: str, since: datetime) -> list[Share]:
    """Shares since a moment, most matters first; `by` is unit, duty or model."""
    c = tickets.c
    keys: dict[str, sa.ColumnElement[Any]] = {
        "unit": c.routing["lead"].as_string(),
        "duty": c.routing["duty"].as_string(),
        "model": c.labels["model_version"].as_string(),
    }
    moved = c.routing["moved_from"].as_string()
    stayed = sa.func.sum(sa.case((sa.and_(c.hops == 0, moved.is_(None)), 1), else_=0))
    abstained = c.routing["abstained"].as_boolean()
    query = (
        sa.select(keys[by], sa.func.count(), stayed)
        .where(c.created_at >= since, c.kind.in_(("complaint", "report")), sa.not_(abstained))
        .group_by(keys[by])
        .order_by(sa.func.count().desc())
    )
    async with database.read() as connection:
        rows = (await connection.execute(query)).all()
    return [Share(str(key or ""), count, int(good or 0)) for key, count, good in rows]
