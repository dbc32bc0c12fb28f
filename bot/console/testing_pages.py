"""你送我检 in the console: sessions, who booked, calling one off."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from bot.console import reading
from bot.console.desk import PREFIX, Visit, go
from bot.db.testing_rows import SqlQuickTestDays
from handlers.campaigns import testing
from handlers.campaigns.sampling_ports import QuickTestTexts
from handlers.errors import NoSuchCampaign
from handlers.staff import PERMISSIONS

HISTORY = timedelta(days=366)


async def show(visit: Visit) -> Response:
    """Sessions to come, and those of the past twelve months."""
    now = visit.desk.now()
    async with visit.host.database.read() as connection:
        days = await SqlQuickTestDays(connection).since(now - HISTORY)
    return visit.page("testing.html", days=days[::-1], now=now, may_write=_may_write(visit))


async def show_one(visit: Visit) -> Response:
    """One session and its bookings."""
    async with visit.host.database.read() as connection:
        rows = SqlQuickTestDays(connection)
        day = await rows.get(reading.row_id(visit))
        if day is None:
            raise NoSuchCampaign()
        booked = await rows.bookings(day.id)
    may_call_off = day.state == "open" and day.texts.closes_at > visit.desk.now()
    may = may_call_off and _may_write(visit)
    return visit.page("quick_test_day.html", day=day, bookings=booked, may_call_off=may)


async def write(visit: Visit) -> Response:
    """A new session."""
    texts = QuickTestTexts(
        place=visit.field("place"),
        opens_at=reading.moment(visit, "opens_at"),
        closes_at=reading.moment(visit, "closes_at"),
        capacity=reading.number(visit, "capacity"),
        accepted=" ".join(visit.field("accepted").split()),
    )
    day_id = await testing.open_day(visit.host.services, visit.staff, texts)
    return go(f"{PREFIX}/testing/{day_id}")


async def call_off(visit: Visit) -> Response:
    """Cancel it and tell those who booked."""
    day_id = reading.row_id(visit)
    await testing.call_off(visit.host.services, visit.staff, day_id)
    visit.host.wake_delivery()
    return go(f"{PREFIX}/testing/{day_id}")


def _may_write(visit: Visit) -> bool:
    return visit.staff.role in PERMISSIONS["write_campaigns"]
