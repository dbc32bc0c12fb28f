"""Rings and rungs: each once, however many schedulers there are, and none lost in a crash."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import ladder
from bot.bootstrap import App, bootstrap
from bot.clock import SHANGHAI, SetClock
from bot.db.case_tables import clocks, schedule
from bot.db.migrate import upgrade
from bot.db.tables import timeline
from bot.scheduler import LEASE, Job, Scheduler
from bot.settings import Settings
from handlers.tickets.clocks import Clock
from tests.integration.console.office import Deaf, Office
from tests.integration.postgres.conftest import postgres_url

__all__ = ["postgres_url"]
DUE = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
WHERE = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]


@pytest.fixture(params=WHERE)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database: a file in the test's folder, or one of the server."""
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else ""


@pytest.fixture
async def app(url: str, tmp_path: Path) -> AsyncIterator[App]:
    settings = Settings(data=tmp_path, database_url=url, jurisdiction="suining_hedong")
    made = bootstrap(settings, clock=SetClock(DUE), interpreter=Deaf())
    await upgrade(made.database)
    yield made
    await made.close()


async def rows(app: App, table: sa.Table) -> list[sa.RowMapping]:
    async with app.database.read() as connection:
        return list((await connection.execute(sa.select(table))).mappings().all())


def bell(app: App, done: list[datetime]) -> tuple[Scheduler, Job]:
    """A scheduler with one job that notes when it was rung."""

    async def work(_: App, due: datetime) -> None:
        await asyncio.sleep(0)
        done.append(due)

    job = Job("work", "*/10 * * * *", work)
    return Scheduler(app, [job]), job


async def test_two_schedulers_do_each_ring_once(app: App) -> None:
    done: list[datetime] = []
    (one, job), (other, _) = bell(app, done), bell(app, done)
    rings = [DUE + n * timedelta(minutes=10) for n in range(20)]
    took = await asyncio.gather(*(who.ring(job, due) for due in rings for who in (one, other)))
    assert sorted(done) == rings
    assert sum(took) == len(rings)
    assert all(row["done_at"] for row in await rows(app, schedule))


async def test_a_ring_whose_taker_died_is_taken_up_by_one(app: App) -> None:
    done: list[datetime] = []
    (one, job), (other, _) = bell(app, done), bell(app, done)

    async def die(_: App, due: datetime) -> None:
        raise RuntimeError("killed")

    assert not await Scheduler(app, []).ring(replace(job, run=die), DUE)
    assert not await one.take_up(job)  # its lease still runs
    assert isinstance(app.clock, SetClock)
    app.clock.advance(LEASE + timedelta(seconds=1))
    assert sorted(await asyncio.gather(one.take_up(job), other.take_up(job))) == [False, True]
    assert done == [DUE]
    assert not await one.take_up(job)


@pytest.mark.parametrize(
    ("when", "now", "rang"),
    [
        ("*/10 * * * *", "2026-11-23T09:07:31", "2026-11-23T09:00:00"),
        ("*/10 * * * *", "2026-11-23T09:10:00", "2026-11-23T09:10:00"),
        ("30 8 * * *", "2026-11-23T08:29:59", "2026-11-22T08:30:00"),
        ("0 9 1 * *", "2026-11-23T09:00:00", "2026-11-01T09:00:00"),
    ],
)
def test_all_schedulers_agree_when_it_rang(when: str, now: str, rang: str) -> None:
    at = datetime.fromisoformat(now).replace(tzinfo=SHANGHAI)
    job = Job("work", when, ladder.tick)
    assert job.rang(at) == datetime.fromisoformat(rang).replace(tzinfo=SHANGHAI)


async def test_a_running_scheduler_rings_what_was_missed_and_stops(app: App) -> None:
    rang, stop = asyncio.Event(), asyncio.Event()

    async def work(_: App, due: datetime) -> None:
        rang.set()

    scheduler = Scheduler(app, [Job("work", "0 9 * * *", work)])
    running = asyncio.ensure_future(scheduler.run(stop))
    async with asyncio.timeout(10):
        await rang.wait()
    stop.set()
    await running
    [row] = await rows(app, schedule)
    assert (row["what"], row["due"]) == ("work", DUE.astimezone(UTC).isoformat())
    assert row["done_at"] is not None


async def start_clock(app: App, ticket: str, due_on: date, position: int = 0) -> None:
    """A running clock of 20 days that ends on this day."""
    started = due_on - timedelta(days=20)
    clock = Clock("report.verify", started, "scjg", started, due_on)
    async with app.units_of_work() as work:
        found = await work.tickets.get(ticket)
    row = {
        "ticket_id": found.id,
        "position": position,
        "name": clock.name,
        "unit": clock.unit,
        "state": "running",
        "started_on": started,
        "due_on": due_on,
        "data": clock.to_json(),
    }
    async with app.database.write() as connection:
        await connection.execute(sa.insert(clocks).values(row))


async def warnings(app: App) -> list[tuple[str, str, str]]:
    """Type, end of the clock and whom it is for, of every warning."""
    types = ("reminder", "warning", "overdue", "supervision_overdue")
    found = [row for row in await rows(app, timeline) if row["type"] in types]
    return [(row["type"], row["data"]["due"], row["data"]["to"]) for row in found]


async def test_a_clock_climbs_the_ladder_and_each_rung_is_said_once(app: App) -> None:
    assert isinstance(app.clock, SetClock)
    number = await Office(app, app.clock).file()
    due_on = DUE.date() + timedelta(days=20)
    await start_clock(app, number, due_on)
    said = []
    for _ in range(23):
        await asyncio.gather(ladder.tick(app, DUE), ladder.tick(app, DUE))
        said.append(len(await warnings(app)))
        app.clock.advance(timedelta(days=1))
    end = due_on.isoformat()
    assert await warnings(app) == [
        ("reminder", end, "officer"),
        ("warning", end, "unit_head"),
        ("overdue", end, "office"),
    ]
    assert said[0] == 0
    assert said[-2:] == [3, 3]


async def test_an_extended_clock_is_warned_of_anew(app: App) -> None:
    assert isinstance(app.clock, SetClock)
    number = await Office(app, app.clock).file()
    late = DUE.date() - timedelta(days=1)
    await start_clock(app, number, late)
    await ladder.tick(app, DUE)
    later = DUE.date() + timedelta(days=3)
    async with app.database.write() as connection:
        await connection.execute(sa.update(clocks).values(due_on=later))
    for _ in range(2):
        await ladder.tick(app, DUE)
        app.clock.advance(timedelta(days=5))
    said = [(type, due) for type, due, _ in await warnings(app)]
    before, after = late.isoformat(), later.isoformat()
    assert said == [("overdue", before), ("warning", after), ("overdue", after)]


async def test_a_tick_of_more_than_one_batch_leaves_nobody_out(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert isinstance(app.clock, SetClock)
    monkeypatch.setattr(ladder, "BATCH", 3)
    office = Office(app, app.clock)
    for _ in range(8):
        await start_clock(app, await office.file(), DUE.date() - timedelta(days=1))
    both = await asyncio.gather(ladder.tick(app, DUE), ladder.tick(app, DUE))
    assert sum(both) == 8
    assert len(await warnings(app)) == 8
    assert await ladder.tick(app, DUE) == 0
