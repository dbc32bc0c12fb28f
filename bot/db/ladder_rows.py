"""Rows of the ladder, of orders (督办) and of signed-off statements."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.case_tables import clocks, incidents, releases, schedule, supervisions
from bot.db.statements import insert_into
from bot.db.tables import timeline
from bot.db.ticket_rows import storable
from handlers.tickets.ports import Release, Supervision

Term = tuple[date, date]  # start and end of a clock
Line = tuple[Sequence[int], str, Mapping[str, Any]]  # tickets, and what their timelines say
LATE_ORDER = "order:"


@dataclass
class SqlSupervisions:
    """Orders of 食安办 and what was answered."""

    connection: AsyncConnection

    async def order(self, order: Supervision) -> int:
        row = {**asdict(order), "text": storable(order.text), "reply": ""}
        insert = sa.insert(supervisions).values(row).returning(supervisions.c.id)
        return int((await self.connection.execute(insert)).scalar_one())

    async def answer(
        self, order_id: int, ticket_id: int, reply: str, staff: str, at: datetime
    ) -> bool:
        c = supervisions.c
        mine = sa.and_(c.id == order_id, c.ticket_id == ticket_id, c.replied_at.is_(None))
        values = {"reply": storable(reply), "replied_by": staff, "replied_at": at}
        change = sa.update(supervisions).where(mine).values(values)
        return bool((await self.connection.execute(change)).rowcount)


@dataclass
class SqlReleases:
    """Statements of incidents under facts-only mode."""

    connection: AsyncConnection

    async def add(self, release: Release) -> int | None:
        where = incidents.c.id == release.incident_id
        if await self.connection.scalar(sa.select(incidents.c.id).where(where)) is None:
            return None
        row = {**asdict(release), "text": storable(release.text)}
        insert = sa.insert(releases).values(row).returning(releases.c.id)
        return int((await self.connection.execute(insert)).scalar_one())

    async def get(self, release_id: int) -> Release | None:
        query = sa.select(releases).where(releases.c.id == release_id)
        row = (await self.connection.execute(query)).first()
        if row is None:
            return None
        return Release(row.incident_id, row.text, row.written_by, row.written_at)

    async def sign(self, release_id: int, staff: str, at: datetime) -> bool:
        where = sa.and_(releases.c.id == release_id, releases.c.signed_at.is_(None))
        change = sa.update(releases).where(where).values(signed_by=staff, signed_at=at)
        return bool((await self.connection.execute(change)).rowcount)

    async def facts_only(self, incident_id: int) -> bool:
        where = sa.and_(incidents.c.id == incident_id, incidents.c.closed_at.is_(None))
        return bool(await self.connection.scalar(sa.select(incidents.c.facts_only).where(where)))

    async def signed(self, incident_id: int) -> list[str]:
        where = sa.and_(releases.c.incident_id == incident_id, releases.c.signed_at.is_not(None))
        return list(await self.connection.scalars(sa.select(releases.c.text).where(where)))


async def terms(connection: AsyncConnection) -> Sequence[sa.Row[date, date, str, int]]:
    """Start, end and last announced rung of all running clocks, each combination once, and how many."""
    columns = (clocks.c.started_on, clocks.c.due_on, clocks.c.announced)
    query = sa.select(*columns, sa.func.count().label("clocks"))
    query = query.where(clocks.c.state == "running").group_by(*columns)
    return (await connection.execute(query)).all()


async def announce(
    connection: AsyncConnection, terms: Sequence[Term], before: str, announced: str, limit: int
) -> Sequence[sa.Row[int, str, str, date]]:
    """Note the rung of some clocks of these terms; gives ticket, name, unit and end of each.

    A clock is given once, to whoever noted it. One that somebody is changing right now is left for the
    next tick, so a tick never waits for an officer.
    """
    c = clocks.c
    ends = sorted({due_on for _, due_on in terms})  # the index knows these, not the beginnings
    alike = sa.and_(c.due_on.in_(ends), sa.tuple_(c.started_on, c.due_on).in_(terms))
    some = sa.select(c.ticket_id, c.position)
    some = some.where(c.state == "running", alike, c.announced == before)
    some = some.limit(limit).with_for_update(skip_locked=True)
    key = sa.tuple_(c.ticket_id, c.position)
    change = sa.update(clocks).where(key.in_(some)).values(announced=announced)
    noted = change.returning(c.ticket_id, c.name, c.unit, c.due_on)
    return (await connection.execute(noted)).all()


async def mark(connection: AsyncConnection, name: str, due: date, now: datetime) -> bool:
    """Note in `schedule` that something was said; False when it was said before."""
    row = {"what": name, "due": due.isoformat(), "taken_at": now, "done_at": now}
    insert = insert_into(connection.dialect.name, schedule).on_conflict_do_nothing()
    return await connection.scalar(insert.values(row).returning(schedule.c.what)) is not None


async def write_lines(
    connection: AsyncConnection, entry: Mapping[str, Any], lines: Iterable[Line]
) -> None:
    """Lines for the timelines of many tickets, alike but for text and data, in one statement."""
    written = [(ticket_ids, text, json.dumps(data)) for ticket_ids, text, data in lines]
    said = sorted((k, text, data) for ticket_ids, text, data in written for k in ticket_ids)
    if not said:
        return
    same = [sa.literal(value, timeline.c[name].type) for name, value in entry.items()]
    rows = (_json_rows if connection.dialect.name == "sqlite" else _array_rows)(said)
    columns = ["ticket_id", "text", "data", *entry]
    chosen = sa.select(*rows, *same)
    await connection.execute(sa.insert(timeline).from_select(columns, chosen))


def _json_rows(said: Sequence[tuple[int, str, str]]) -> Sequence[sa.ColumnElement[Any]]:
    each = sa.func.json_each(json.dumps(said)).table_valued("value")
    return [sa.func.json_extract(each.c.value, f"$[{place}]") for place in range(3)]


def _array_rows(said: Sequence[tuple[int, str, str]]) -> Sequence[sa.ColumnElement[Any]]:
    types = (sa.BigInteger, sa.Text, sa.Text)
    arrays: list[sa.BindParameter[Any]] = [
        sa.bindparam(None, [*values], postgresql.ARRAY(type_))
        for values, type_ in zip(zip(*said, strict=True), types, strict=True)
    ]
    each = sa.func.unnest(*arrays).table_valued("ticket_id", "text", "data").render_derived()
    return [each.c.ticket_id, each.c.text, sa.cast(each.c.data, postgresql.JSON)]


async def late_orders(connection: AsyncConnection, today: date) -> Sequence[sa.Row[Any]]:
    """Orders (督办) not answered in time and not yet marked so."""
    c = supervisions.c
    name = sa.literal(LATE_ORDER) + sa.cast(c.id, sa.String)
    marked = sa.exists().where(schedule.c.what == name)
    query = sa.select(supervisions).where(c.replied_at.is_(None), c.due_on < today, ~marked)
    return (await connection.execute(query.limit(1000))).all()
