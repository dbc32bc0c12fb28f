"""Testing days and bookings as rows; `taken` counts living bookings and never passes the capacity."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.sampling_tables import bookings, testing_days
from bot.db.statements import insert_into
from bot.db.tables import citizens
from bot.db.ticket_rows import storable
from handlers.campaigns.sampling_ports import Addressee, Booking, QuickTestDay, QuickTestTexts

LIVING = bookings.c.cancelled_at.is_(None)


@dataclass
class SqlQuickTestDays:
    """See handlers.campaigns.sampling_ports.QuickTestDays."""

    connection: AsyncConnection

    async def add(self, texts: QuickTestTexts, written_by: str) -> int:
        row = {**asdict(texts), "taken": 0, "state": "open", "written_by": written_by}
        insert = sa.insert(testing_days).values(row).returning(testing_days.c.id)
        return int((await self.connection.execute(insert)).scalar_one())

    async def get(self, day_id: int) -> QuickTestDay | None:
        found = await self._some(testing_days.c.id == day_id)
        return found[0] if found else None

    async def since(self, after: datetime) -> list[QuickTestDay]:
        return await self._some(testing_days.c.closes_at > after)

    async def coming(self, now: datetime) -> list[QuickTestDay]:
        c = testing_days.c
        return await self._some(sa.and_(c.state == "open", c.opens_at > now))

    async def cancel_day(self, day_id: int) -> list[tuple[Booking, Addressee]]:
        c = testing_days.c
        change = sa.update(testing_days).where(c.id == day_id, c.state == "open")
        if not (await self.connection.execute(change.values(state="cancelled"))).rowcount:
            return []
        query = _with_citizens().where(bookings.c.day_id == day_id, LIVING)
        rows = (await self.connection.execute(query.order_by(bookings.c.id))).all()
        return [(_booking(row), _addressee(row)) for row in rows]

    async def book(self, day_id: int, citizen_id: int, product: str, at: datetime) -> int | None:
        """The row of the day is locked by counting it up, so two at once cannot both be the last."""
        c = testing_days.c
        room = sa.and_(c.id == day_id, c.state == "open", c.taken < c.capacity, c.opens_at > at)
        counted = sa.update(testing_days).where(room).values(taken=c.taken + 1)
        if not (await self.connection.execute(counted)).rowcount:
            return None
        row = {"day_id": day_id, "citizen_id": citizen_id, "product": storable(product), "at": at}
        insert = insert_into(self.connection.dialect.name, bookings).values(row)
        once = insert.on_conflict_do_nothing().returning(bookings.c.id)
        booked: int | None = await self.connection.scalar(once)
        if booked is None:
            await self._give_back(day_id)
        return booked

    async def of_citizen(
        self, citizen_id: int, now: datetime
    ) -> list[tuple[Booking, QuickTestDay]]:
        query = _with_days().where(bookings.c.citizen_id == citizen_id, LIVING)
        query = query.where(testing_days.c.closes_at > now, testing_days.c.state == "open")
        rows = (await self.connection.execute(query.order_by(testing_days.c.opens_at))).all()
        return [(_booking(row), _joined_day(row)) for row in rows]

    async def cancel(self, booking_id: int, citizen_id: int, at: datetime) -> bool:
        c = bookings.c
        mine = sa.and_(c.id == booking_id, c.citizen_id == citizen_id, LIVING)
        change = sa.update(bookings).where(mine).values(cancelled_at=at).returning(c.day_id)
        day_id: int | None = await self.connection.scalar(change)
        if day_id is not None:
            await self._give_back(day_id)
        return day_id is not None

    async def bookings(self, day_id: int) -> list[Booking]:
        query = sa.select(bookings).where(bookings.c.day_id == day_id, LIVING)
        rows = await self.connection.execute(query.order_by(bookings.c.id))
        return [_booking(row) for row in rows]

    async def take_due(
        self, after: datetime, until: datetime, limit: int, at: datetime, *, booked_before: datetime
    ) -> list[tuple[Booking, QuickTestDay, Addressee]]:
        c = testing_days.c
        p = citizens.c
        query = (
            _with_days(p.id.label("citizen"), p.channel, p.address, p.locale)
            .join(citizens, bookings.c.citizen_id == citizens.c.id)
            .where(LIVING, bookings.c.reminded_at.is_(None), p.reachable)
            .where(bookings.c.at <= booked_before)
            .where(c.state == "open", c.opens_at > after, c.opens_at <= until)
            .order_by(citizens.c.id, bookings.c.id)
            .limit(limit)
            .with_for_update(of=citizens, skip_locked=True)
        )  # fmt: skip
        rows = (await self.connection.execute(query)).all()
        b = bookings.c  # asked again: another worker may have reminded them since
        still = sa.and_(b.id.in_([row.id for row in rows]), b.reminded_at.is_(None), LIVING)
        mark = sa.update(bookings).where(still).values(reminded_at=at).returning(b.id)
        taken = set(await self.connection.scalars(mark))
        due = [row for row in rows if row.id in taken]
        return [(_booking(row), _joined_day(row), _addressee(row)) for row in due]

    async def _give_back(self, day_id: int) -> None:
        c = testing_days.c
        change = sa.update(testing_days).where(c.id == day_id).values(taken=c.taken - 1)
        await self.connection.execute(change)

    async def _some(self, where: sa.ColumnElement[bool]) -> list[QuickTestDay]:
        c = testing_days.c
        query = sa.select(testing_days).where(where).order_by(c.opens_at, c.id)
        return [_day(dict(row)) for row in (await self.connection.execute(query)).mappings()]


def _with_citizens() -> sa.Select[Any]:
    c = citizens.c
    columns = (c.id.label("citizen"), c.channel, c.address, c.locale)
    return sa.select(bookings, *columns).join(citizens, bookings.c.citizen_id == c.id)


def _with_days(*more: Any) -> sa.Select[Any]:
    columns = [column.label(f"day_{column.name}_") for column in testing_days.c]
    return sa.select(bookings, *columns, *more).join(
        testing_days, bookings.c.day_id == testing_days.c.id
    )


def _day(given: dict[str, Any]) -> QuickTestDay:
    texts = {name: given.pop(name) for name in QuickTestTexts.__dataclass_fields__}
    return QuickTestDay(texts=QuickTestTexts(**texts), **given)


def _joined_day(row: sa.Row[Any]) -> QuickTestDay:
    return _day({column.name: getattr(row, f"day_{column.name}_") for column in testing_days.c})


def _booking(row: sa.Row[Any]) -> Booking:
    return Booking(row.id, row.day_id, row.citizen_id, row.product)


def _addressee(row: sa.Row[Any]) -> Addressee:
    return Addressee(row.citizen, row.channel, row.address, row.locale)
