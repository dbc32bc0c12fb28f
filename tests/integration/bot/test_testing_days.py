"""你送我检: never more people than places, one reminder, and word when a session is called off."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import tables as t
from bot.db.sampling_tables import bookings, testing_days
from bot.scheduler import JOBS, Scheduler
from handlers.campaigns import testing
from handlers.campaigns.sampling_ports import QuickTestTexts
from handlers.errors import FormRefused, NoSuchCampaign, NotPermitted
from handlers.messages import Incoming
from handlers.respond import respond
from tests.conversations.campaigns import LIN, XUAN, quick_test_day
from tests.integration.bot.test_polls import press, rows


async def book(app: App, who: str, day: int, product: str = "自家青菜") -> str:
    await press(app, who, f"book:day:{day}")
    turn = await respond(Incoming("web", f"{who}-{day}-{product}", who, product), app.services)
    assert turn is not None
    return turn.replies[-1].text


async def keys(app: App) -> list[str]:
    return sorted(r.dedup_key for r in await rows(app, t.outbox) if r.dedup_key.startswith("book:"))


async def test_two_at_once_get_one_place(app: App) -> None:
    day = await quick_test_day(app.services, capacity=1)
    for who in ("anna", "bert"):
        await press(app, who, f"book:day:{day}")
    said = await asyncio.gather(
        *(respond(Incoming("web", who, who, "青菜"), app.services) for who in ("anna", "bert"))
    )
    texts = [turn.replies[0].text for turn in said if turn]
    assert sorted("已为您约好" in text for text in texts) == [False, True]
    assert sorted("刚刚约满" in text for text in texts) == [False, True]
    assert [row.taken for row in await rows(app, testing_days)] == [1]


async def test_a_place_given_back_can_be_taken_and_one_booking_is_enough(app: App) -> None:
    day = await quick_test_day(app.services, capacity=1)
    assert "预约号1" in await book(app, "anna", day)
    assert "刚刚约满" in (await press(app, "bert", f"book:day:{day}"))[0]
    assert "没有“你送我检”的预约" in (await press(app, "bert", "book:cancel:1"))[0]  # not his
    assert "名额已让出" in (await press(app, "anna", "book:cancel:1"))[0]
    assert "没有" in (await press(app, "anna", "book:cancel:1"))[0]
    assert "预约号2" in await book(app, "bert", day)
    assert [row.taken for row in await rows(app, testing_days)] == [1]


async def test_a_second_booking_of_the_same_day_is_refused_and_counts_nothing(app: App) -> None:
    day = await quick_test_day(app.services, capacity=5)
    await book(app, "anna", day)
    assert "已经约过" in await book(app, "anna", day, "萝卜")
    assert [row.taken for row in await rows(app, testing_days)] == [1]


async def test_the_reminder_comes_once_the_day_before(app: App, clock: SetClock) -> None:
    day = await quick_test_day(app.services, capacity=5, days=3)
    for who in ("anna", "bert", "carl"):
        await book(app, who, day)
    await press(app, "carl", "book:cancel:3")
    assert await testing.remind(app.services) == 0
    clock.advance(timedelta(days=2))
    assert sum(await asyncio.gather(*(testing.remind(app.services) for _ in range(2)))) == 2
    await book(app, "dora", day)  # has just read when it is
    job = next(job for job in JOBS if job.what == "bookings")
    assert await Scheduler(app).ring(job, clock.now())
    assert await keys(app) == ["book:1:remind", "book:2:remind"]
    clock.advance(timedelta(days=1))
    assert await testing.remind(app.services) == 0


async def test_who_booked_hears_that_it_is_called_off(app: App) -> None:
    day = await quick_test_day(app.services, capacity=5)
    await book(app, "anna", day)
    with pytest.raises(NotPermitted):
        await testing.call_off(app.services, LIN, day)
    assert await testing.call_off(app.services, XUAN, day) == 1
    with pytest.raises(NoSuchCampaign):
        await testing.call_off(app.services, XUAN, day)
    assert await keys(app) == ["book:1:called_off"]
    assert "不能再约" in (await press(app, "bert", f"book:day:{day}"))[0]
    assert "没有" in (await press(app, "anna", "book:mine"))[0]


async def test_the_line_is_not_awaited_for_ever(app: App, clock: SetClock) -> None:
    day = await quick_test_day(app.services)
    await press(app, "anna", f"book:day:{day}")
    clock.advance(timedelta(hours=13))
    await respond(Incoming("web", "late", "anna", "你好"), app.services)
    assert not await rows(app, bookings)


@pytest.mark.parametrize(
    ("given", "refused"),
    [
        ({"place": ""}, "place"),
        ({"capacity": 0}, "capacity"),
        ({"accepted": ""}, "accepted"),
        ({"hours": -1}, "times"),
        ({"hours": 30}, "one_day"),
        ({"days": -1}, "past"),
    ],
)
async def test_a_session_that_cannot_be_is_refused(
    app: App, given: dict[str, int | str], refused: str
) -> None:
    at = app.clock.now() + timedelta(days=int(given.get("days", 2)))
    until = at + timedelta(hours=int(given.get("hours", 2)))
    place, accepted = str(given.get("place", "服务中心")), str(given.get("accepted", "蔬菜"))
    texts = QuickTestTexts(place, at, until, int(given.get("capacity", 5)), accepted)
    with pytest.raises(FormRefused) as caught:
        await testing.open_day(app.services, XUAN, texts)
    assert caught.value.details == {"refused": refused}
