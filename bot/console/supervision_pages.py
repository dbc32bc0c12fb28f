"""督办单: every order in sight, open ones first."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from bot.console import views
from bot.console.desk import Visit
from bot.console.refusals import NoSuchPage
from bot.db.case_tables import supervisions
from bot.db.engine import Database
from bot.db.tables import tickets
from handlers.ports import Staff

ANSWERED_SHOWN = 100
OPEN_SHOWN = 500


async def show(visit: Visit) -> Response:
    """Orders of every unit for those who see all, else those to one's own unit."""
    person = visit.staff
    if not views.sees_tickets(person):
        raise NoSuchPage()
    database = visit.host.database
    return visit.page(
        "supervisions.html",
        waiting=await _orders(database, person, answered=False),
        answered=await _orders(database, person, answered=True),
        shown=ANSWERED_SHOWN,
        days_late=_days_late(visit.desk.now().date()),
    )


async def of_ticket(database: Database, ticket_id: int) -> Sequence[sa.Row[Any]]:
    """The open orders of one ticket, for the form that answers one."""
    c = supervisions.c
    query = sa.select(supervisions).where(c.ticket_id == ticket_id, c.replied_at.is_(None))
    async with database.read() as connection:
        return (await connection.execute(query.order_by(c.due_on, c.id))).all()


async def _orders(database: Database, person: Staff, *, answered: bool) -> Sequence[sa.Row[Any]]:
    c = supervisions.c
    query = sa.select(supervisions, tickets.c.number).join(tickets)
    if not views.sees_all(person):
        query = query.where(sa.or_(c.unit == person.unit, tickets.c.lead == person.unit))
    if answered:
        query = query.where(c.replied_at.is_not(None)).order_by(c.replied_at.desc())
    else:
        query = query.where(c.replied_at.is_(None)).order_by(c.due_on, c.id)
    async with database.read() as connection:
        found = await connection.execute(query.limit(ANSWERED_SHOWN if answered else OPEN_SHOWN))
        return found.all()


def _days_late(today: date) -> Any:
    return lambda due: max(0, (today - due).days)
