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
from bot.console.queue_query import COUNTED, PER_PAGE, listed, rows_of
from bot.console.queue_query import sees_all as sees_all
from bot.console.queue_query import sees_tickets as sees_tickets
from bot.db.clock_rows import add_clocks
from bot.db.engine import Database
from bot.db.tables import alerts, attachments, staff, tickets
from bot.db.ticket_rows import read_timeline, ticket_from
from handlers import staff as permissions
from handlers.errors import NoSuchTicket
from handlers.ports import Staff
from handlers.tickets.ticket import Entry, Ticket


@dataclass(frozen=True)
class QueuePage:
    """One page of the queue; `total` counts what fits the filters up to COUNTED, `names` by login."""

    tickets: Sequence[Ticket]
    total: int
    pages: int
    names: Mapping[str, str]

    @property
    def counted(self) -> str:
        """The total as it is shown."""
        return f"{COUNTED}+" if self.total > COUNTED else str(self.total)


async def queue(database: Database, person: Staff, filters: Filters) -> QueuePage:
    """The tickets somebody sees, urgent first, then oldest first."""
    async with database.read() as connection:
        total, ids = await listed(connection, person, filters)
        rows = await connection.execute(rows_of(person, ids))
        by_id = {row["id"]: ticket_from(row) for row in rows.mappings()}
        found = [by_id[ident] for ident in ids if ident in by_id]
        await add_clocks(connection, found)
        names = await _names(connection, {k.officer for k in found if k.officer})
    return QueuePage(found, total, max(1, -(-min(total, COUNTED) // PER_PAGE)), names)


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
