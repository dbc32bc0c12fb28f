"""What the page of a ticket reads beside the ticket: tasks, orders, notices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.case_tables import documents, supervisions, tasks


@dataclass(frozen=True)
class OpenTask:
    """A part of the work an assisting unit still owes."""

    id: int
    unit: str
    text: str
    due_on: date


@dataclass(frozen=True)
class OpenOrder:
    """A supervision order that waits for its reply."""

    id: int
    unit: str
    text: str
    due_on: date


@dataclass(frozen=True)
class Notice:
    """A written notice on file."""

    id: int
    form: str
    title: str
    made_at: datetime


async def open_tasks(connection: AsyncConnection, ticket_id: int) -> Sequence[OpenTask]:
    """Tasks of a ticket that are not done."""
    c = tasks.c
    query = sa.select(c.id, c.unit, c.text, c.due_on).order_by(c.due_on, c.id)
    mine = query.where(c.ticket_id == ticket_id, c.done_at.is_(None))
    return [OpenTask(*row) for row in (await connection.execute(mine)).all()]


async def open_orders(connection: AsyncConnection, ticket_id: int) -> Sequence[OpenOrder]:
    """Supervision orders of a ticket without a reply."""
    c = supervisions.c
    query = sa.select(c.id, c.unit, c.text, c.due_on).order_by(c.due_on, c.id)
    mine = query.where(c.ticket_id == ticket_id, c.replied_at.is_(None))
    return [OpenOrder(*row) for row in (await connection.execute(mine)).all()]


async def notices(connection: AsyncConnection, ticket_id: int) -> Sequence[Notice]:
    """Written notices made for a ticket, oldest first."""
    c = documents.c
    query = sa.select(c.id, c.form, c.title, c.made_at).where(c.ticket_id == ticket_id)
    return [Notice(*row) for row in (await connection.execute(query.order_by(c.id))).all()]
