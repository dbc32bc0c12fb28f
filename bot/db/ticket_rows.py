"""Tickets and their timelines as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import SHANGHAI
from bot.db import statements
from bot.db import tables as t
from bot.db.case_tables import ticket_watchers
from bot.db.clock_rows import add_clocks, write_clocks
from bot.db.search import document, index_ticket
from handlers.errors import NoSuchTicket, Stale
from handlers.tickets.ticket import Entry, Ticket

COLUMNS = [
    "number",
    "kind",
    "state",
    "citizen_id",
    "reporter",
    "summary",
    "labels",
    "routing",
    "fields",
    "lead",
    "officer",
    "severity",
    "shielded",
    "identity_id",
    "linked",
    "source",
    "received",
    "interim",
    "hops",
    "secrecy",
    "grid",
    "merchant_id",
    "incident_id",
    "created_at",
    "version",
]


@dataclass
class SqlTickets:
    """The tickets of one transaction. A ticket changed by somebody else since raises Stale."""

    connection: AsyncConnection

    async def next_number(self, at: datetime) -> str:
        """The next number of the day, e.g. SA20261123-0001."""
        day = at.astimezone(SHANGHAI).strftime("%Y%m%d")
        row = {"name": f"ticket:{day}", "value": 1}
        count = await self.connection.execute(statements.counted(self.connection.dialect.name), row)
        return f"SA{day}-{count.scalar_one():04d}"

    async def add(self, ticket: Ticket) -> None:
        row = _row(ticket)
        added = await self.connection.execute(statements.ticket_added(), row)
        ticket.id = int(added.scalar_one())
        await self._write_units(ticket, fresh=True)
        await self._write_watchers(ticket)
        await write_clocks(self.connection, ticket)
        await self._write_entries(ticket)
        await index_ticket(self.connection, ticket.id, document(row))

    async def save(self, ticket: Ticket) -> None:
        assert ticket.id is not None
        before, ticket.version = ticket.version, ticket.version + 1
        row = {**_row(ticket), "ticket_id": ticket.id, "before": before}
        result = await self.connection.execute(statements.ticket_saved(), row)
        if not result.rowcount:
            raise Stale(ticket=ticket.number)
        await self._write_units(ticket, fresh=False)
        await self._write_watchers(ticket)
        await write_clocks(self.connection, ticket)
        await self._write_entries(ticket)
        await index_ticket(self.connection, ticket.id, document(row))

    async def get(self, number: str) -> Ticket:
        found = await self._load(t.tickets.c.number == number, 1)
        if not found:
            raise NoSuchTicket(ticket=number)
        return found[0]

    async def of_citizen(self, citizen_id: int, limit: int = 20) -> list[Ticket]:
        return await self._load(t.tickets.c.citizen_id == citizen_id, limit)

    async def timeline(self, number: str) -> list[Entry]:
        return await read_timeline(self.connection, number)

    async def _load(self, where: sa.ColumnElement[bool], limit: int) -> list[Ticket]:
        statement = sa.select(t.tickets).where(where).order_by(t.tickets.c.id.desc()).limit(limit)
        rows = (await self.connection.execute(statement)).mappings().all()
        found = [ticket_from(row) for row in rows]
        await add_clocks(self.connection, found)
        await add_watchers(self.connection, found)
        return found

    async def _write_watchers(self, ticket: Ticket) -> None:
        rows = [{"ticket_id": ticket.id, "login": login} for login in ticket.watchers]
        if rows:
            once = statements.added_once(self.connection.dialect.name, ticket_watchers)
            await self.connection.execute(once, rows)

    async def _write_units(self, ticket: Ticket, *, fresh: bool) -> None:
        units = t.ticket_units
        if not fresh:
            await self.connection.execute(sa.delete(units).where(units.c.ticket_id == ticket.id))
        others = dict.fromkeys((*ticket.assist, *filter(None, [ticket.interim])))
        rank = queue_rank(ticket)
        rows = [{"ticket_id": ticket.id, "unit": unit, "queue_rank": rank} for unit in others]
        if rows:
            await self.connection.execute(sa.insert(units), rows)

    async def _write_entries(self, ticket: Ticket) -> None:
        rows = [
            {
                "ticket_id": ticket.id,
                "at": e.at,
                "actor": e.actor,
                "type": e.type,
                "audience": e.audience,
                "text": storable(e.text),
                "data": e.data,
            }
            for e in ticket.new_entries
        ]
        if rows:
            await self.connection.execute(sa.insert(t.timeline), rows)
        ticket.new_entries = []


async def add_watchers(connection: AsyncConnection, tickets: Sequence[Ticket]) -> None:
    """Give tickets the logins copied in."""
    c, by_id = ticket_watchers.c, {ticket.id: ticket for ticket in tickets}
    query = sa.select(c.ticket_id, c.login).where(c.ticket_id.in_(by_id))
    for ticket_id, login in (await connection.execute(query)).all() if by_id else ():
        by_id[ticket_id].watchers += (login,)


async def read_timeline(connection: AsyncConnection, number: str) -> list[Entry]:
    """All entries of a ticket, oldest first."""
    statement = (
        sa.select(t.timeline)
        .join(t.tickets, t.tickets.c.id == t.timeline.c.ticket_id)
        .where(t.tickets.c.number == number)
        .order_by(t.timeline.c.id)
    )
    rows = (await connection.execute(statement)).mappings().all()
    return [
        Entry(
            r["at"].astimezone(SHANGHAI),
            r["actor"],
            r["type"],
            r["audience"],
            r["text"],
            r["data"],
            r["id"],
        )
        for r in rows
    ]


def ticket_from(row: sa.RowMapping) -> Ticket:
    """A ticket from its row."""
    return Ticket(
        **{name: row[name] for name in COLUMNS},
        assist=tuple(row["assist"]),
        updated_at=row["updated_at"],
        id=row["id"],
    )


def _row(ticket: Ticket) -> dict[str, Any]:
    row = {name: getattr(ticket, name) for name in COLUMNS}
    row["summary"] = storable(ticket.summary)
    row["assist"] = list(ticket.assist)
    row["updated_at"] = ticket.updated_at or ticket.created_at
    row["queue_rank"] = queue_rank(ticket)
    return row


def queue_rank(ticket: Ticket) -> int:
    """Where a ticket stands in the queue: open before done, urgent before the rest."""
    return 2 * ticket.done + (ticket.severity != "urgent")


def storable(text: str) -> str:
    """The text without what no database stores: NUL and lone surrogates."""
    return text.replace("\x00", "").encode("utf-8", "replace").decode()
