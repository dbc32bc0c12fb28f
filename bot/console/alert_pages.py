"""Alerts: people are in danger, and somebody of the unit says "seen"."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from starlette.responses import JSONResponse, Response

from bot.alarm_providers import open_provider
from bot.alarms import write_line
from bot.audit import record
from bot.console import views
from bot.console.desk import Visit, go, inside
from bot.console.refusals import NoSuchPage
from bot.contacts import LEVELS, Contacts, load_contacts
from bot.db.case_tables import calls as call_rows
from bot.db.tables import alerts
from content.errors import ContentError


@dataclass(frozen=True)
class Alarm:
    """An open alert on the full screen; `mine` says who may acknowledge it."""

    id: int
    ticket: str
    unit: str
    text: str
    raised_at: datetime
    level: str
    minutes: int
    mine: bool


async def count(visit: Visit) -> Response:
    """The newest open alert, for the page to notice that one came in."""
    found = await views.open_alerts(visit.host.database, visit.staff)
    return JSONResponse({"open": len(found), "newest": max((a.id for a in found), default=0)})


async def alarm(visit: Visit) -> Response:
    """全屏警报: what nobody has acknowledged, one's own first, the longest waiting first."""
    _for_those_with_tickets(visit)
    known = await views.open_alerts(visit.host.database, visit.staff)
    newest = max((a.id for a in known), default=0)
    return visit.page("alarm.html", alarms=await _open_alarms(visit), newest=newest)


async def calls(visit: Visit) -> Response:
    """电话通知名单: whom to telephone, to be printed; says what to do without contacts."""
    _for_those_with_tickets(visit)
    found, contacts = await _open_alarms(visit), _contacts(visit)
    return visit.page(
        "alarm_calls.html",
        alarms=found,
        contacts=contacts,
        levels=LEVELS,
        units=_units_to_call(visit, found, contacts),
        made=await _calls_made(visit, [a.id for a in found]),
        automatic=open_provider(visit.host.settings) is not None,
    )


async def seen(visit: Visit) -> Response:
    """已看到: once per alert, by somebody of its unit; whoever comes second changes nothing."""
    number, person, now = int(visit.path("id")), visit.staff, visit.desk.now()
    _for_those_with_tickets(visit)
    mine = sa.and_(alerts.c.id == number, _acknowledged_by(visit))
    first = sa.update(alerts).where(mine, alerts.c.seen_at.is_(None))
    async with visit.host.database.write() as connection:
        alert = (await connection.execute(sa.select(alerts).where(mine))).first()
        if alert is None:
            raise NoSuchPage()
        marked = await connection.execute(first.values(seen_at=now, seen_by=person.login))
        if marked.rowcount:
            data = {"alert": number, "unit": alert.unit}
            actor, ticket = f"staff:{person.login}", alert.ticket_number
            await record(connection, now, actor, "alert.seen", ticket, data)
            await write_line(connection, ticket, _seen_entry(visit, data))
    return go(inside(visit.field("next")))


def _seen_entry(visit: Visit, data: dict[str, Any]) -> dict[str, Any]:
    services = visit.host.services
    unit = services.jurisdiction.unit_name(visit.staff.unit)
    return {
        "at": visit.desk.now(),
        "actor": f"staff:{visit.staff.login}",
        "type": "alert_seen",
        "audience": "unit",
        "text": services.phrases.text("alarm.acknowledged", unit=unit),
        "data": data,
    }


def _for_those_with_tickets(visit: Visit) -> None:
    if not views.sees_tickets(visit.staff):
        raise NoSuchPage()


def _acknowledged_by(visit: Visit) -> sa.ColumnElement[bool]:
    """Alerts this person may acknowledge: the unit's own; at 食安办 also those that reached it."""
    own = alerts.c.unit == visit.staff.unit
    at_office = visit.staff.unit == visit.host.services.jurisdiction.office
    return sa.or_(own, alerts.c.level == "office") if at_office else own


async def _open_alarms(visit: Visit) -> list[Alarm]:
    mine = _acknowledged_by(visit).label("mine")
    query = sa.select(alerts, mine).where(alerts.c.seen_at.is_(None))
    if not views.sees_all(visit.staff):
        query = query.where(_acknowledged_by(visit))
    async with visit.host.database.read() as connection:
        rows = (await connection.execute(query.order_by(mine.desc(), alerts.c.id).limit(50))).all()
    now = visit.desk.now()
    return [
        Alarm(
            r.id, r.ticket_number, r.unit, r.text, r.raised_at, r.level,
            max(0, int((now - r.raised_at).total_seconds() // 60)), bool(r.mine),
        )
        for r in rows
    ]  # fmt: skip


def _contacts(visit: Visit) -> Contacts:
    """The contacts; nobody when the file was spoilt since the start, which refuses such a file."""
    jurisdiction = visit.host.services.jurisdiction
    try:
        return load_contacts(visit.host.settings.alarm_contacts, jurisdiction)
    except ContentError:
        return Contacts({}, jurisdiction.office)


def _units_to_call(visit: Visit, found: Sequence[Alarm], contacts: Contacts) -> list[str]:
    """The units of open alerts; without any, everyone one may know of, to have it at hand."""
    if found:
        return list(dict.fromkeys(a.unit for a in found))
    if views.sees_all(visit.staff) and contacts.by_unit:
        return list(contacts.by_unit)
    return [visit.staff.unit]


async def _calls_made(visit: Visit, alert_ids: Sequence[int]) -> dict[tuple[str, str, str], str]:
    """State of the newest call by unit, level and target."""
    c, a = call_rows.c, alerts.c
    query = sa.select(a.unit, c.level, c.target, c.state).join(alerts)
    query = query.where(c.alert_id.in_(alert_ids)).order_by(c.id)
    async with visit.host.database.read() as connection:
        rows = (await connection.execute(query)).all()
    return {(unit, level, target): state for unit, level, target, state in rows}
