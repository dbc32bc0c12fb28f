"""What the pages of incidents and merchants read, and the joining of two merchants."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audit import record
from bot.console.refusals import NoSuchPage
from bot.db.case_tables import incidents, merchants, proposals, releases
from bot.db.engine import Database
from bot.db.tables import tickets
from bot.db.ticket_rows import ticket_from
from handlers import staff as permissions
from handlers.errors import NoSuchIncident
from handlers.ports import Staff
from handlers.tickets import merchant_names
from handlers.tickets.ticket import Ticket

MOST = 100  # tickets on one page
LIKE = 20  # names compared for a suggestion


@dataclass(frozen=True)
class Alike:
    """A proposal on a ticket's page: the other ticket, the score, the reasons as codes."""

    other: Ticket
    percent: int
    reasons: Sequence[tuple[str, str]]
    visible: bool


@dataclass(frozen=True)
class IncidentView:
    """An incident, its tickets and its statements."""

    id: int
    number: str
    title: str
    facts_only: bool
    tickets: Sequence[Ticket]
    releases: Sequence[sa.Row[Any]]


@dataclass(frozen=True)
class MerchantView:
    """A subject, its tickets (those of joined names too), names joined, names like it."""

    id: int
    name: str
    address: str
    tickets: Sequence[Ticket]
    joined: Sequence[sa.Row[Any]]
    like: Sequence[tuple[int, str, merchant_names.Suggestion]]


async def alike(database: Database, ticket_id: int, person: Staff) -> Sequence[Alike]:
    """Open proposals for a ticket, likeliest first; `visible` to whom may see the other one."""
    c = proposals.c
    mine = sa.or_(c.ticket_id == ticket_id, c.other_id == ticket_id)
    query = sa.select(proposals).where(mine, c.state == "open").order_by(c.score.desc()).limit(10)
    async with database.read() as connection:
        rows = (await connection.execute(query)).all()
        ids = {r.other_id if r.ticket_id == ticket_id else r.ticket_id: r for r in rows}
        others = await _tickets(connection, tickets.c.id.in_(ids))
    may_see = partial(permissions.may, person, "see")
    found = [(k, ids[k.id]) for k in others if k.id is not None]
    return [
        Alike(k, round(100 * r.score), [(code, value) for code, value in r.reasons], may_see(k))
        for k, r in sorted(found, key=lambda pair: -pair[1].score)
    ]


async def incident(database: Database, number: str) -> IncidentView:
    """An incident by its number. Raises NoSuchIncident."""
    async with database.read() as connection:
        query = sa.select(incidents).where(incidents.c.number == number)
        row = (await connection.execute(query)).first()
        if row is None:
            raise NoSuchIncident(incident=number)
        found = await _tickets(connection, tickets.c.incident_id == row.id)
        said = sa.select(releases).where(releases.c.incident_id == row.id)
        written = (await connection.execute(said.order_by(releases.c.id))).all()
    return IncidentView(row.id, row.number, row.title, row.facts_only, found, written)


async def incident_number(database: Database, incident_id: int | None) -> str | None:
    """The number of an incident."""
    query = sa.select(incidents.c.number).where(incidents.c.id == incident_id)
    async with database.read() as connection:
        return await connection.scalar(query) if incident_id is not None else None


async def merchant(database: Database, merchant_id: int) -> MerchantView:
    """A subject with its history. Raises NoSuchPage."""
    c = merchants.c
    async with database.read() as connection:
        row = (await connection.execute(sa.select(merchants).where(c.id == merchant_id))).first()
        if row is None:
            raise NoSuchPage()
        root = row.same_as or row.id
        family = sa.select(merchants).where(sa.or_(c.id == root, c.same_as == root))
        joined = (await connection.execute(family.order_by(c.id))).all()
        ids = [r.id for r in joined]
        found = await _tickets(connection, tickets.c.merchant_id.in_(ids))
        near = c.key.startswith(row.key[:2], autoescape=True)
        others = sa.select(c.id, c.name).where(near, c.id.not_in(ids)).limit(LIKE * 5)
        names = (await connection.execute(others)).all()
    compared = [(r.id, r.name, merchant_names.compare(row.name, r.name)) for r in names]
    like = sorted((x for x in compared if x[2].score >= 0.3), key=lambda x: -x[2].score)[:LIKE]
    return MerchantView(row.id, row.name, row.address, found, joined, like)


async def join(
    database: Database, merchant_id: int, other: int | None, actor: str, at: datetime
) -> None:
    """Say that two subjects are one, or (other None) that this one stands by itself again."""
    c = merchants.c
    async with database.write() as connection:
        if other is not None:
            root = await connection.scalar(
                sa.select(sa.func.coalesce(c.same_as, c.id)).where(c.id == other)
            )
            if root is None or root == merchant_id:
                raise NoSuchPage()
        else:
            root = None
        family = sa.or_(c.id == merchant_id, c.same_as == merchant_id)
        await connection.execute(sa.update(merchants).where(family).values(same_as=root))
        data = {"same_as": root}
        await record(connection, at, actor, "merchant.joined", str(merchant_id), data)


async def _tickets(connection: AsyncConnection, where: sa.ColumnElement[bool]) -> list[Ticket]:
    query = sa.select(tickets).where(where).order_by(tickets.c.id.desc()).limit(MOST)
    return [ticket_from(row) for row in (await connection.execute(query)).mappings()]
