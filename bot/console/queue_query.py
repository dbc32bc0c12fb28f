"""The queue as queries that walk an index in the order of the queue, however long the past is.

Each way of having a ticket in sight (leading, assisting, copied in) is a query of its own with its own
index; OR between them would read every ticket of a unit.
"""

from __future__ import annotations

import re
from typing import Any

import sqlalchemy as sa

from bot.console.filters import Filters
from bot.db import search
from bot.db.case_tables import ticket_watchers
from bot.db.tables import ticket_units, tickets
from handlers.ports import Staff
from handlers.staff import ANY, PERMISSIONS
from handlers.tickets.moves import DONE

PER_PAGE = 20
COUNTED = 1000  # tickets counted at most: beyond that nobody pages, one narrows
OPEN_RANKS = (0, 1)
_NUMBER = re.compile(r"[A-Za-z]{2}\d{8}-\d{4,}")

Ids = sa.Select[Any]


def sees_all(person: Staff) -> bool:
    """Whether somebody sees the tickets of every unit."""
    return PERMISSIONS["see"].get(person.role) == ANY


def sees_tickets(person: Staff) -> bool:
    """Whether somebody's role has to do with tickets at all."""
    return person.role in PERMISSIONS["see"]


def page_of(person: Staff, filters: Filters, dialect: str) -> sa.Select[Any]:
    """The tickets of one page, open before done, urgent first, then oldest first."""
    skipped = (filters.page - 1) * PER_PAGE
    ids = _together(person, filters, dialect, skipped + PER_PAGE)
    rows = sa.select(tickets).join(ids, ids.c.id == tickets.c.id)
    return rows.order_by(ids.c.queue_rank, ids.c.id).limit(PER_PAGE).offset(skipped)


def count_of(person: Staff, filters: Filters, dialect: str) -> sa.Select[Any]:
    """How many fit the filters; counts to COUNTED + 1, which means more."""
    ids = _together(person, filters, dialect, COUNTED + 1)
    some = sa.select(ids.c.id).limit(COUNTED + 1).subquery()
    return sa.select(sa.func.count()).select_from(some)


def _together(person: Staff, filters: Filters, dialect: str, most: int) -> sa.Subquery:
    """The first of each way, each found by its index."""
    ways = [_first(way, most).subquery().select() for way in _ways(person, filters, dialect)]
    return sa.union(*ways).subquery() if len(ways) > 1 else ways[0].subquery()


def _first(way: Ids, most: int) -> Ids:
    rank, ident = way.selected_columns["queue_rank"], way.selected_columns["id"]
    return way.order_by(rank, ident).limit(most)


def _ways(person: Staff, filters: Filters, dialect: str) -> list[Ids]:
    where = sa.and_(sa.true(), *_let_in(person), *_wanted(filters, dialect))
    c = tickets.c
    every = sa.select(c.id, c.queue_rank).where(where)
    unit = filters.unit if sees_all(person) else person.unit
    if not sees_tickets(person):
        return [every.where(sa.false())]
    if not unit:
        return [_ranked(every, c.queue_rank, filters)]
    u, w = ticket_units.c, ticket_watchers.c
    also = sa.select(u.ticket_id.label("id"), u.queue_rank).where(u.unit == unit, where)
    also = also.join(tickets, c.id == u.ticket_id)
    ways = [
        _ranked(every.where(c.lead == unit), c.queue_rank, filters),
        _ranked(also, u.queue_rank, filters),
    ]
    if sees_all(person):
        return ways
    copied = every.join(ticket_watchers, w.ticket_id == c.id).where(w.login == person.login)
    return [*ways, copied]


def _ranked(way: Ids, rank: sa.ColumnElement[int], filters: Filters) -> Ids:
    return way.where(rank.in_(OPEN_RANKS)) if filters.state == "open" else way


def _let_in(person: Staff) -> list[sa.ColumnElement[bool]]:
    """An insider's matter is listed for those who may open it, see `handlers.staff.may`."""
    if person.role in ("supervisor", "triage"):
        return []
    c = tickets.c
    heads = [c.lead == person.unit] if person.role == "unit_head" else []
    return [sa.or_(c.secrecy != "insider", c.officer == person.login, *heads)]


def _wanted(filters: Filters, dialect: str) -> list[sa.ColumnElement[bool]]:
    wanted = [
        getattr(tickets.c, name) == value
        for name in ("kind", "severity")
        if (value := getattr(filters, name))
    ]
    if filters.state == "open":
        wanted.append(tickets.c.state.not_in(sorted(DONE)))
    elif filters.state != "all":
        wanted.append(tickets.c.state == filters.state)
    return wanted + _said(filters.text, dialect)


def _said(text: str, dialect: str) -> list[sa.ColumnElement[bool]]:
    """A whole number is found by its own index, everything else by words."""
    if not text:
        return []
    if _NUMBER.fullmatch(text):
        return [tickets.c.number == text.upper()]
    return [tickets.c.id.in_(search.matching(dialect, text))]
