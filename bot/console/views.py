"""What the pages read. Nothing here changes a row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console import case_views
from bot.console.case_views import Notice, OpenOrder, OpenTask
from bot.console.filters import Filters
from bot.db.clock_rows import add_clocks
from bot.db.engine import Database
from bot.db.tables import alerts, attachments, staff, ticket_units, tickets
from bot.db.ticket_rows import read_timeline, ticket_from
from handlers import staff as permissions
from handlers.errors import NoSuchTicket
from handlers.ports import Staff
from handlers.staff import ANY, PERMISSIONS
from handlers.tickets.moves import DONE
from handlers.tickets.ticket import Entry, Ticket

PER_PAGE = 20
URGENT_FIRST = sa.case((tickets.c.severity == "urgent", 0), else_=1)


def sees_all(person: Staff) -> bool:
    """Whether somebody sees the tickets of every unit."""
    return PERMISSIONS["see"].get(person.role) == ANY


def sees_tickets(person: Staff) -> bool:
    """Whether somebody's role has to do with tickets at all."""
    return person.role in PERMISSIONS["see"]


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue; `total` counts all that fit the filters, `names` by login."""

    tickets: Sequence[Ticket]
    total: int
    pages: int
    names: Mapping[str, str]


async def queue(database: Database, person: Staff, filters: Filters) -> QueuePage:
    """The tickets somebody sees, urgent first, then oldest first."""
    where = sa.and_(*_in_sight(person, filters), *_wanted(filters))
    page = (
        sa.select(tickets)
        .where(where)
        .order_by(URGENT_FIRST, tickets.c.created_at, tickets.c.id)
        .limit(PER_PAGE)
        .offset((filters.page - 1) * PER_PAGE)
    )
    count = sa.select(sa.func.count()).select_from(tickets).where(where)
    async with database.read() as connection:
        total = await connection.scalar(count) or 0
        found = [ticket_from(row) for row in (await connection.execute(page)).mappings()]
        await add_clocks(connection, found)
        names = await _names(connection, {k.officer for k in found if k.officer})
    return QueuePage(found, total, max(1, -(-total // PER_PAGE)), names)


def _in_sight(person: Staff, filters: Filters) -> list[sa.ColumnElement[bool]]:
    if not sees_tickets(person):
        return [sa.false()]
    if not sees_all(person):
        return [_of_unit(person.unit)]
    return [_of_unit(filters.unit)] if filters.unit else []


def _of_unit(unit: str) -> sa.ColumnElement[bool]:
    assisting = sa.select(ticket_units.c.ticket_id).where(ticket_units.c.unit == unit)
    return sa.or_(tickets.c.lead == unit, tickets.c.id.in_(assisting))


def _wanted(filters: Filters) -> list[sa.ColumnElement[bool]]:
    wanted = [
        getattr(tickets.c, name) == value
        for name in ("kind", "severity")
        if (value := getattr(filters, name))
    ]
    if filters.state == "open":
        wanted.append(tickets.c.state.not_in(sorted(DONE)))
    elif filters.state != "all":
        wanted.append(tickets.c.state == filters.state)
    if filters.text:
        columns = (tickets.c.number, tickets.c.summary, tickets.c.reporter)
        wanted.append(sa.or_(*(c.icontains(filters.text, autoescape=True) for c in columns)))
    return wanted


@dataclass(frozen=True)
class OpenAlert:
    """An alert nobody of its unit has acknowledged; `mine` says whose button it is."""

    id: int
    ticket: str
    unit: str
    text: str
    raised_at: datetime
    mine: bool


async def open_alerts(database: Database, person: Staff) -> list[OpenAlert]:
    """Alerts of one's unit (of every unit, for those who see all), oldest first."""
    if not sees_tickets(person):
        return []
    query = sa.select(alerts).where(alerts.c.seen_at.is_(None)).order_by(alerts.c.id)
    if not sees_all(person):
        query = query.where(alerts.c.unit == person.unit)
    async with database.read() as connection:
        rows = (await connection.execute(query.limit(50))).all()
    return [
        OpenAlert(r.id, r.ticket_number, r.unit, r.text, r.raised_at, r.unit == person.unit)
        for r in rows
    ]


@dataclass(frozen=True)
class File:
    """An attachment of a ticket."""

    id: int
    kind: str
    media_type: str
    size: int


@dataclass(frozen=True)
class TicketView:
    """Everything the page of one ticket shows to one person."""

    ticket: Ticket
    entries: Sequence[Entry]
    files: Sequence[File]
    linked: Ticket | None
    names: Mapping[str, str]
    tasks: Sequence[OpenTask]
    orders: Sequence[OpenOrder]
    notices: Sequence[Notice]

    def who(self, login: str) -> str:
        """The name behind a login."""
        return self.names.get(login, login)


async def ticket(database: Database, person: Staff, number: str) -> TicketView:
    """A ticket with its timeline and files; raises NoSuchTicket for one out of sight."""
    async with database.read() as connection:
        found = await _ticket(connection, number)
        if found is None or not permissions.may(person, "see", found):
            raise NoSuchTicket(ticket=number)
        entries = await read_timeline(connection, number)
        files = await _files(connection, number)
        linked = await _ticket(connection, found.linked) if found.linked else None
        names = await _names(connection, _logins(found, entries))
        assert found.id is not None
        await add_clocks(connection, [found])
        tasks = await case_views.open_tasks(connection, found.id)
        orders = await case_views.open_orders(connection, found.id)
        notices = await case_views.notices(connection, found.id)
    readable = [e for e in entries if e.audience != "supervisors" or sees_all(person)]
    if linked and not permissions.may(person, "see", linked):
        linked = None
    return TicketView(found, readable, files, linked, names, tasks, orders, notices)


async def _ticket(connection: AsyncConnection, number: str) -> Ticket | None:
    query = sa.select(tickets).where(tickets.c.number == number)
    row = (await connection.execute(query)).mappings().first()
    return ticket_from(row) if row else None


async def _files(connection: AsyncConnection, number: str) -> list[File]:
    c = attachments.c
    query = sa.select(c.id, c.kind, c.media_type, c.size).where(c.ticket_number == number)
    return [File(*row) for row in (await connection.execute(query.order_by(c.id))).all()]


def _logins(found: Ticket, entries: Sequence[Entry]) -> set[str]:
    acting = {e.actor.removeprefix("staff:") for e in entries if e.actor.startswith("staff:")}
    return acting | ({found.officer} if found.officer else set())


async def _names(connection: AsyncConnection, logins: set[str]) -> dict[str, str]:
    query = sa.select(staff.c.login, staff.c.name).where(staff.c.login.in_(sorted(logins)))
    return {row.login: row.name for row in (await connection.execute(query)).all()}


@dataclass(frozen=True)
class AttachedFile:
    """A file on disk and the ticket it belongs to."""

    id: int
    sha256: str
    media_type: str
    ticket: Ticket


async def attachment(database: Database, attachment_id: int) -> AttachedFile | None:
    """A file that belongs to a ticket; None for one that does not (yet), or is not there."""
    query = sa.select(attachments).where(attachments.c.id == attachment_id)
    async with database.read() as connection:
        row = (await connection.execute(query)).first()
        if row is None or row.ticket_number is None:
            return None
        found = await _ticket(connection, row.ticket_number)
    return AttachedFile(row.id, row.sha256, row.media_type, found) if found else None


async def staff_list(database: Database) -> Sequence[sa.Row[Any]]:
    """All accounts, active ones first."""
    query = sa.select(staff).order_by(staff.c.active.desc(), staff.c.unit, staff.c.login)
    async with database.read() as connection:
        return (await connection.execute(query)).all()
