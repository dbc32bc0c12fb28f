"""Satisfaction as rows: asked once, reminded of once, answered once."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import statements
from bot.db import tables as t
from bot.db.case_tables import reviews
from handlers.tickets.ports import Review
from handlers.tickets.reviewing import REVIEWED

UNANSWERED: dict[str, Any] = {
    "reminded_at": None,
    "score": None,
    "reason": None,
    "answered_at": None,
}


@dataclass
class SqlReviews:
    """See handlers.ports.Reviews. A conditional update decides who was first."""

    connection: AsyncConnection

    async def ask(self, ticket_id: int, at: datetime) -> None:
        row = {"ticket_id": ticket_id, "asked_at": at, **UNANSWERED}
        statement = statements.insert_into(self.connection.dialect.name, reviews).values(row)
        anew = {"asked_at": at, **UNANSWERED}
        asked = statement.on_conflict_do_update(index_elements=["ticket_id"], set_=anew)
        await self.connection.execute(asked)

    async def get(self, ticket_id: int) -> Review | None:
        c = reviews.c
        columns = (c.asked_at, c.reminded_at, c.score, c.reason, c.answered_at)
        found = await self.connection.execute(sa.select(*columns).where(c.ticket_id == ticket_id))
        row = found.first()
        return Review(*row) if row else None

    async def answer(self, ticket_id: int, score: int, at: datetime) -> bool:
        open_still = reviews.c.score.is_(None)
        return await self._change(ticket_id, open_still, score=score, answered_at=at)

    async def explain(self, ticket_id: int, reason: str) -> bool:
        unexplained = sa.and_(reviews.c.score == -1, reviews.c.reason.is_(None))
        return await self._change(ticket_id, unexplained, reason=reason)

    async def unanswered(self, after: datetime, until: datetime, limit: int) -> list[str]:
        c = reviews.c
        statement = (
            sa.select(t.tickets.c.number)
            .join(reviews, c.ticket_id == t.tickets.c.id)
            .where(c.score.is_(None), c.asked_at > after, c.asked_at <= until)
            .where(c.reminded_at.is_(None), t.tickets.c.state.in_(sorted(REVIEWED)))
            .order_by(c.asked_at)
            .limit(limit)
        )
        return list((await self.connection.execute(statement)).scalars())

    async def remind(self, ticket_id: int, at: datetime) -> bool:
        quiet = sa.and_(reviews.c.reminded_at.is_(None), reviews.c.score.is_(None))
        return await self._change(ticket_id, quiet, reminded_at=at)

    async def _change(
        self, ticket_id: int, where: sa.ColumnElement[bool], **values: object
    ) -> bool:
        change = sa.update(reviews).where(reviews.c.ticket_id == ticket_id, where)
        result = await self.connection.execute(change.values(**values))
        return bool(result.rowcount)
