"""Broadcasts over HTTP to the emulated Bot API: blocked, flooded, interrupted, paced."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa

from bot.bootstrap import App, bootstrap
from bot.channels.telegram.pacing import Limit, Pacing
from bot.db.campaign_tables import deliveries, subscribers
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter
from tests.integration.bot.audience import begin, draft, stored, subscriber
from tests.telegram_api import TelegramApi


@asynccontextmanager
async def office(
    folder: Path, interpreter: Interpreter, people: int, rate: float = 1000
) -> AsyncIterator[tuple[TelegramApi, App]]:
    async with TelegramApi.running() as api:
        api.sim.users(1, people)
        settings = Settings(
            data=folder, telegram_token=api.token, telegram_api=api.url, telegram_rate=rate
        )
        app = bootstrap(settings, interpreter=interpreter)
        await upgrade(app.database)
        for n in range(1, people + 1):
            await subscriber(app, "telegram", str(n))
        try:
            yield api, app
        finally:
            await app.close()


async def sent_until(app: App, done: dict[str, int], seconds: float) -> None:
    """Let the sender run until the ledger says `done`."""
    stop = asyncio.Event()
    task = asyncio.create_task(app.broadcaster.run(stop))
    try:
        async with asyncio.timeout(seconds):
            while await states(app) != done:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
    finally:
        stop.set()
        await task


async def states(app: App) -> dict[str, int]:
    async with app.database.read() as connection:
        counted = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
        rows = await connection.execute(counted)
        return {row[0]: row[1] for row in rows}


async def test_everyone_gets_it_once_and_who_blocked_is_unsubscribed(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with office(tmp_path, interpreter, 12) as (api, app):
        api.sim.block(5)
        campaign = await begin(app, draft("生熟分开。"))
        await app.broadcaster.drain()
        assert await states(app) == {"sent": 11, "blocked": 1}
        assert all(len(api.view.messages(n)) == 1 for n in range(1, 13) if n != 5)
        [shown] = api.view.messages(1)
        assert "生熟分开" in shown["text"] and "退订" in str(shown)
        async with app.database.read() as connection:
            off = sa.select(sa.func.count()).where(subscribers.c.active.is_(False))
            assert await connection.scalar(off) == 1
        assert (await stored(app, campaign.id)).state == "sent"


async def test_a_flood_is_waited_for_and_a_lost_answer_is_repeated_or_listed(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    for policy, left in (
        ("at_least_once", {"sent": 4}),
        ("never_twice", {"sent": 3, "unknown": 1}),
    ):
        folder = tmp_path / policy
        async with office(folder, interpreter, 4) as (api, app):
            api.faults.add("flood", "sendMessage", retry_after=1, chat_id=2)
            api.faults.add("drop_after", "sendMessage", chat_id=3)
            await begin(app, draft("记得洗手。", policy=policy))
            await sent_until(app, left, 15)
            assert len(api.view.messages(2)) == 1
            assert len(api.view.messages(3)) == (2 if policy == "at_least_once" else 1)


async def test_what_a_dead_process_had_under_way_is_taken_over(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    for policy, left in (
        ("at_least_once", {"sent": 6}),
        ("never_twice", {"sent": 4, "unknown": 2}),
    ):
        async with office(tmp_path / policy, interpreter, 6) as (_, app):
            await begin(app, draft("先尝再买。", policy=policy))
            await app.broadcaster._turn_over()  # plans
            async with app.database.write() as connection:
                dead = sa.update(deliveries).where(deliveries.c.citizen_id <= 2)
                await connection.execute(dead.values(state="sending"))
            app.broadcaster.me = "another life"
            await app.broadcaster.drain()
            assert await states(app) == left


async def test_replies_overtake_and_a_hold_stops_the_line() -> None:
    passed = [0.0]

    async def sleep(seconds: float) -> None:
        passed[0] += seconds
        await asyncio.sleep(0)

    pacing = Pacing(Limit(10, 1), now=lambda: passed[0], sleep=sleep)
    order: list[str] = []

    async def one(name: str, chat: str, *, bulk: bool) -> None:
        await (pacing.wait_in_line(chat) if bulk else pacing.wait(chat))
        order.append(name)

    bulk = [asyncio.create_task(one(f"b{n}", str(n), bulk=True)) for n in range(5)]
    await asyncio.sleep(0)
    reply = asyncio.create_task(one("reply", "99", bulk=False))
    await asyncio.gather(*bulk, reply)
    assert order.index("reply") <= 2
    pacing.hold(30)
    before = passed[0]
    await one("after", "7", bulk=True)
    assert passed[0] - before >= 30


async def test_the_free_limit_is_used_and_never_exceeded(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with office(tmp_path, interpreter, 70, rate=30) as (api, app):
        api.limits.enable()
        await begin(app, draft("少油少盐。"))
        await sent_until(app, {"sent": 70}, 20)
        assert api.view.counts()["rate_limited"] == 0
        assert api.view.peak_rate() <= 30
