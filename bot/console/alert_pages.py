"""Alerts: people are in danger, and somebody of the unit says "seen"."""

from __future__ import annotations

import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from bot.console import views
from bot.console.auth import record
from bot.console.desk import Visit, go, inside
from bot.console.refusals import NoSuchPage
from bot.db.tables import alerts


async def count(visit: Visit) -> Response:
    """The newest open alert, for the page to notice that one came in."""
    found = await views.open_alerts(visit.host.database, visit.staff)
    return JSONResponse({"open": len(found), "newest": max((a.id for a in found), default=0)})


async def seen(visit: Visit) -> Response:
    """已看到: once per alert, by somebody of its unit; whoever comes second changes nothing."""
    number, person, now = int(visit.path("id")), visit.staff, visit.desk.now()
    if not views.sees_tickets(person):
        raise NoSuchPage()
    mine = sa.and_(alerts.c.id == number, alerts.c.unit == person.unit)
    first = sa.update(alerts).where(mine, alerts.c.seen_at.is_(None))
    async with visit.host.database.write() as connection:
        ticket = await connection.scalar(sa.select(alerts.c.ticket_number).where(mine))
        if ticket is None:
            raise NoSuchPage()
        marked = await connection.execute(first.values(seen_at=now, seen_by=person.login))
        if marked.rowcount:
            data = {"alert": number, "unit": person.unit}
            await record(connection, now, f"staff:{person.login}", "alert.seen", ticket, data)
    return go(inside(visit.field("next")))
