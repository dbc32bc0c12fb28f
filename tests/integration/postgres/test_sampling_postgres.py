"""Polls on PostgreSQL: two workers tell everybody once, and nobody waits for a turn under way."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.bootstrap import App
from bot.db import tables as t
from bot.db.sampling_tables import bookings
from handlers.campaigns import telling, testing
from handlers.campaigns.sampling_ports import Entry
from tests.conversations.campaigns import contest, poll, quick_test_day
from tests.integration.bot.test_polls import conclude, press, voters

pytestmark = pytest.mark.postgres


async def count(app: App, table: sa.Table) -> int:
    async with app.database.read() as connection:
        return int(await connection.scalar(sa.select(sa.func.count()).select_from(table)) or 0)


async def test_two_workers_tell_each_voter_once(pg: App, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telling, "BATCH", 5)
    poll_id = await poll(pg.services)
    await press(pg, "anna", f"poll:v:{poll_id}:0:-:1")
    before = await count(pg, t.outbox)
    await voters(pg, poll_id, 23)
    await conclude(pg, poll_id)
    told = await asyncio.gather(*(telling.tell(pg.services) for _ in range(3)))
    assert sum(told) == 23
    assert await count(pg, t.outbox) == before + 23


async def test_a_voter_in_the_middle_of_a_turn_is_told_later(pg: App) -> None:
    poll_id = await poll(pg.services)
    await voters(pg, poll_id, 3)
    await conclude(pg, poll_id)
    async with pg.units_of_work() as turn:
        await turn.citizens.get_or_add("web", f"v{poll_id}-True-1", "zh-Hans")
        assert await asyncio.wait_for(telling.tell(pg.services), 10) == 2
    assert await telling.tell(pg.services) == 1


async def test_many_at_once_never_pass_the_capacity(pg: App) -> None:
    day = await quick_test_day(pg.services, capacity=5)

    async def one(number: int) -> int | None:
        async with pg.units_of_work() as work:
            citizen = await work.citizens.get_or_add("web", f"b{number}", "zh-Hans")
            booked = await work.sampling.testing.book(day, citizen.id, "青菜", pg.clock.now())
            await work.commit()
        return booked

    booked = await asyncio.gather(*(one(n) for n in range(12)))
    assert sum(number is not None for number in booked) == 5
    assert await count(pg, bookings) == 5
    pg.clock.advance(timedelta(days=2))  # type: ignore[attr-defined]
    assert sum(await asyncio.gather(*(testing.remind(pg.services) for _ in range(3)))) == 5


async def test_one_nickname_at_once_goes_to_one(pg: App) -> None:
    number = await contest(pg.services)

    async def one(who: int) -> Entry | None:
        async with pg.units_of_work() as work:
            citizen = await work.citizens.get_or_add("web", f"n{who}", "zh-Hans")
            entry = await work.sampling.contests.join(number, citizen.id, "豆花", "豆花")
            if entry is not None:
                await work.sampling.contests.put(entry.id, "quiz-001-1", pg.clock.now())
                args = (entry.id, "quiz-001-1", 0, True, 7)
                assert await work.sampling.contests.answer(*args)
                assert not await work.sampling.contests.answer(*args)
            await work.commit()
        return entry

    entries = [entry for entry in await asyncio.gather(*(one(n) for n in range(4))) if entry]
    assert len(entries) == 1
    async with pg.units_of_work() as work:
        (best,) = await work.sampling.contests.best(number, 10)
        assert (best.right, best.seconds, await work.sampling.contests.rank(best)) == (1, 7, 1)
