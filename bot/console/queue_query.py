"""The queue as queries that walk an index in the order of the queue, however long the past is.

Each way of having a ticket in sight (leading, assisting, copied in) is a query of its own with its own
index; OR between them would read every ticket of a unit. What is open is said by a range of ranks, for
only a range lets PostgreSQL walk the index in order and stop.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.filters import Filters
from bot.db import search
from bot.db.case_tables import ticket_watchers
from bot.db.tables import ticket_units, tickets
from handlers.ports import Staff
from handlers.staff import ANY, PERMISSIONS

PER_PAGE = 20
COUNTED = 1000  # tickets counted at most: beyond that nobody pages, one narrows
LAST_OPEN = 1  # the ranks after it are done
_NUMBER = re.compile(r"[A-Za-z]{2}\d{8}-\d{4,}")

Ids = sa.Select[Any]


def sees_all(person: Staff) -> bool:
    """Whether somebody sees the tickets of every unit."""
    return PERMISSIONS["see"].get(person.role) == ANY


def sees_tickets(person: Staff) -> bool:
    """Whether somebody's role has to do with tickets at all."""
    return person.role in PERMISSIONS["see"]


@dataclass(frozen=True)
class _Asked:
    """Who asks for what; `found` are the tickets that have the words asked for, None without words."""

    person: Staff
    filters: Filters
    dialect: str
    found: Sequence[int] | None

    @property
    def unit(self) -> str:
        """The unit whose tickets are asked for; empty means every one."""
        return self.filters.unit if sees_all(self.person) else self.person.unit

    def among(self, ident: sa.ColumnElement[int]) -> sa.ColumnElement[bool]:
        """Has the words. Said of every table's id, so that each is looked up by it."""
        if self.found is None:
            return sa.true()
        return search.among(self.dialect, ident, self.found)


async def listed(
    connection: AsyncConnection, person: Staff, filters: Filters
) -> tuple[int, list[int]]:
    """How many fit the filters (COUNTED + 1 means more), and the ids of one page in their order.

    Counting reads the first ids anyway, so a page of those that are counted costs nothing more.
    """
    by_words = filters.text and not _NUMBER.fullmatch(filters.text)
    found = await search.newest(connection, filters.text) if by_words else None
    asked = _Asked(person, filters, connection.dialect.name, found)
    first = [*await connection.scalars(_in_order(asked, COUNTED + 1))]
    skipped = (filters.page - 1) * PER_PAGE
    if len(first) <= COUNTED or skipped + PER_PAGE <= COUNTED:
        return len(first), first[skipped : skipped + PER_PAGE]
    further = _in_order(asked, skipped + PER_PAGE).offset(skipped).limit(PER_PAGE)
    return len(first), [*await connection.scalars(further)]


def rows_of(person: Staff, ids: Sequence[int]) -> sa.Select[Any]:
    """The tickets with these ids; not one that was made an insider's matter since it was listed."""
    return sa.select(tickets).where(tickets.c.id.in_(ids), *_let_in(person))


def _in_order(asked: _Asked, most: int) -> Ids:
    """Ids of the first tickets: open before done, urgent first, then oldest first."""
    ways = [_first(way, most).subquery() for way in _ways(asked)]
    found = ways[0]
    if len(ways) > 1:
        found = sa.union(*(way.select() for way in ways)).subquery()
    return sa.select(found.c.id).order_by(found.c.queue_rank, found.c.id).limit(most)


def _first(way: Ids, most: int) -> Ids:
    rank, ident = way.selected_columns["queue_rank"], way.selected_columns["id"]
    return way.order_by(rank, ident).limit(most)


def _ways(asked: _Asked) -> list[Ids]:
    person, filters, unit = asked.person, asked.filters, asked.unit
    c, u, w = tickets.c, ticket_units.c, ticket_watchers.c
    fits = sa.and_(asked.among(c.id), *_let_in(person), *_chosen(filters))
    every = sa.select(c.id, c.queue_rank).where(fits)
    if not sees_tickets(person):
        return [every.where(sa.false())]
    if not unit:
        return [_ranked(every, c.queue_rank, filters)]
    also = sa.select(u.ticket_id.label("id"), u.queue_rank).where(u.unit == unit, fits)
    also = also.join(tickets, c.id == u.ticket_id).where(asked.among(u.ticket_id))
    ways = [
        _ranked(every.where(c.lead == unit), c.queue_rank, filters),
        _ranked(also, u.queue_rank, filters),
    ]
    if sees_all(person):
        return ways
    copied = every.join(ticket_watchers, w.ticket_id == c.id).where(w.login == person.login)
    return [*ways, _ranked(copied, c.queue_rank, filters)]


def _ranked(way: Ids, rank: sa.ColumnElement[int], filters: Filters) -> Ids:
    return way.where(rank <= LAST_OPEN) if filters.state == "open" else way


def _let_in(person: Staff) -> list[sa.ColumnElement[bool]]:
    """An insider's matter is listed for those who may open it, see `handlers.staff.may`."""
    if person.role in ("supervisor", "triage"):
        return []
    c = tickets.c
    heads = [c.lead == person.unit] if person.role == "unit_head" else []
    return [sa.or_(c.secrecy != "insider", c.officer == person.login, *heads)]


def _chosen(filters: Filters) -> list[sa.ColumnElement[bool]]:
    """What was chosen or, a whole number, typed. That a ticket is open stands in its rank, see `_ranked`."""
    chosen = {"kind": filters.kind, "severity": filters.severity}
    if filters.state not in ("open", "all"):
        chosen["state"] = filters.state
    if _NUMBER.fullmatch(filters.text):
        chosen["number"] = filters.text.upper()
    return [tickets.c[name] == value for name, value in chosen.items() if value]
