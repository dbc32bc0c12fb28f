"""身份信息: opened once for a written reason; supervisors read who looked and why."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

import sqlalchemy as sa
from starlette.responses import Response

from bot.audit import record
from bot.console import views
from bot.console.desk import Visit
from bot.console.refusals import NoSuchPage
from bot.db.tables import audit, staff
from handlers.tickets import shielding

NEWEST = 100


async def unmask(visit: Visit) -> Response:
    """Show who the citizen is, this once; the page is kept nowhere."""
    number = visit.path("number")
    identity = await shielding.unmask(
        visit.host.services, visit.staff, number, visit.field("reason")
    )
    known = {name: value for name, value in asdict(identity).items() if value}
    page = visit.page("unmasked.html", number=number, known=known)
    page.headers["Cache-Control"] = "no-store"
    return page


async def unmaskings(visit: Visit) -> Response:
    """Who opened which identity, when and why: for supervisors."""
    if visit.staff.role != "supervisor":
        raise NoSuchPage()
    return visit.page("unmaskings.html", rows=await _newest(visit))


async def _newest(visit: Visit) -> Sequence[sa.RowMapping]:
    c = audit.c
    name = sa.select(staff.c.name).where(sa.literal("staff:") + staff.c.login == c.actor)
    query = sa.select(c.at, c.actor, c.subject, c.data, name.scalar_subquery().label("name"))
    mine = query.where(c.action == "ticket.unmask").order_by(c.id.desc()).limit(NEWEST)
    async with visit.host.database.read() as connection:
        return (await connection.execute(mine)).mappings().all()


async def note_look(visit: Visit, view: views.TicketView) -> None:
    """Who saw which ticket, at which version: striking off asks for it, and so may a reporter."""
    actor, data = f"staff:{visit.staff.login}", {"version": view.ticket.version}
    async with visit.host.database.write() as connection:
        await record(connection, visit.desk.now(), actor, "ticket.seen", view.ticket.number, data)
