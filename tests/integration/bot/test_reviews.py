"""The satisfaction question: one row a matter, one answer, one reminder, whoever runs the job."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from bot import reviews
from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import tables as t
from bot.db.case_tables import reviews as rows
from handlers.ports import Citizen, Staff
from handlers.tickets import reviewing
from handlers.tickets.acting import Act
from handlers.tickets.ticket import Ticket


@pytest.fixture
async def number(app: App, clock: SetClock) -> str:
    """A resolved report whose citizen was just asked."""
    return await resolved(app, clock, "anna")


async def resolved(app: App, clock: SetClock, who: str, state: str = "resolved") -> str:
    async with app.units_of_work() as work:
        citizen = await work.citizens.get_or_add("web", who, "zh-Hans")
        made = await _ticket(work, clock, citizen, state)
        made.note(clock.now(), "staff:wang", "resolved", "citizen", "办结了")
        await work.tickets.save(made)
        await reviewing.ask(Act(made, Staff("wang", "王", "officer", "scjg"), app.services, work))
        await work.commit()
    return made.number


async def _ticket(work: Any, clock: SetClock, citizen: Citizen, state: str) -> Ticket:
    made = Ticket(
        number=await work.tickets.next_number(clock.now()),
        kind="report",
        citizen_id=citizen.id,
        reporter="来件人",
        summary="",
        labels={},
        routing={},
        lead="scjg",
        assist=(),
        severity="normal",
        created_at=clock.now(),
        state=state,
    )
    await work.tickets.add(made)
    return made


async def count(app: App, table: sa.Table) -> int:
    async with app.database.read() as connection:
        statement = sa.select(sa.func.count()).select_from(table)
        return int((await connection.execute(statement)).scalar_one())


async def change(app: App, number: str, what: str, *args: Any) -> bool:
    async with app.units_of_work() as work:
        ticket = await work.tickets.get(number)
        done: bool = await getattr(work.reviews, what)(ticket.id, *args)
        await work.commit()
    return done


async def remind(app: App) -> int:
    return await reviews.remind(app.units_of_work, app.services)


async def test_reminded_once_after_three_days(app: App, clock: SetClock, number: str) -> None:
    clock.advance(timedelta(days=2, hours=23))
    assert await remind(app) == 0
    clock.advance(timedelta(hours=1))
    assert await remind(app) == 1
    assert await remind(app) == 0
    clock.advance(timedelta(days=5))
    assert await remind(app) == 0
    assert await count(app, t.outbox) == 2  # the question and its repetition


async def test_two_machines_remind_once(app: App, clock: SetClock, number: str) -> None:
    clock.advance(timedelta(days=4))
    assert sum(await asyncio.gather(remind(app), remind(app))) == 1
    assert await count(app, t.outbox) == 2


async def test_who_answered_is_left_alone(app: App, clock: SetClock, number: str) -> None:
    assert await change(app, number, "answer", 1, clock.now())
    clock.advance(timedelta(days=4))
    assert await remind(app) == 0


async def test_nobody_is_reminded_of_a_matter_under_way_again(app: App, clock: SetClock) -> None:
    await resolved(app, clock, "bert", state="dispatched")
    clock.advance(timedelta(days=4))
    assert await remind(app) == 0


async def test_nobody_is_reminded_when_it_is_too_late_anyway(
    app: App, clock: SetClock, number: str
) -> None:
    clock.advance(timedelta(days=16))
    assert await remind(app) == 0


async def test_the_first_answer_holds(app: App, clock: SetClock, number: str) -> None:
    assert await change(app, number, "answer", -1, clock.now())
    assert not await change(app, number, "answer", 1, clock.now())
    assert await change(app, number, "explain", "speed")
    assert not await change(app, number, "explain", "result")
    async with app.units_of_work() as work:
        review = await work.reviews.get((await work.tickets.get(number)).id or 0)
    assert review is not None
    assert (review.score, review.reason) == (-1, "speed")


async def test_only_dissatisfaction_has_a_reason(app: App, clock: SetClock, number: str) -> None:
    await change(app, number, "answer", 1, clock.now())
    assert not await change(app, number, "explain", "speed")


async def test_asked_anew_after_a_reopening_it_is_still_one_row(
    app: App, clock: SetClock, number: str
) -> None:
    await change(app, number, "answer", -1, clock.now())
    clock.advance(timedelta(days=1))
    await change(app, number, "ask", clock.now())
    assert await count(app, rows) == 1
    assert await change(app, number, "answer", 1, clock.now())


async def test_finding_the_unanswered_uses_the_index(app: App) -> None:
    asked: list[str] = []

    def listen(_c: Any, _cursor: Any, statement: str, *_: Any) -> None:
        asked.append(statement)

    sa.event.listen(app.database.writer.sync_engine, "before_cursor_execute", listen)
    await remind(app)
    found = next(s for s in asked if "reviews" in s)
    literal = found.replace("?", "NULL")
    async with app.database.read() as connection:
        plan = (await connection.execute(sa.text(f"EXPLAIN QUERY PLAN {literal}"))).all()
    assert any("ix_reviews_open" in row[3] for row in plan), plan
