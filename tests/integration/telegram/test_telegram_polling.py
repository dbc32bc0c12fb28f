"""Polling: stored and committed before it is confirmed, whatever happens in between."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import pytest
import structlog
from sqlalchemy.exc import OperationalError

from bot.channels.telegram import polling as polling_module
from bot.channels.telegram.arrivals import arrival
from bot.channels.telegram.polling import Poller
from bot.db import tables as t
from bot.intake import Arrival
from tests.integration.telegram.world import ANNA, BERT, World, cancelled, polling, texts


@dataclass
class HangingIntake:
    """Takes an update and dies before the commit."""

    reached: asyncio.Event = field(default_factory=asyncio.Event)

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        if arrivals:
            self.reached.set()
            await asyncio.Event().wait()
        return 0


@dataclass
class FailingIntake:
    """A database that is full for a while."""

    behind: Any
    failures: int

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        if arrivals and self.failures:
            self.failures -= 1
            raise OperationalError("insert", {}, OSError("disk full"))
        stored: int = await self.behind.accept(arrivals)
        return stored


def poller(world: World, intake: Any = None) -> Poller:
    return Poller(world.telegram.bot, intake or world.intake, first_pause=0.01, longest_pause=0.05)


async def run_until_drained(world: World, patient: Poller) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(patient.run(stop))
    await world.api.view.wait_drained()
    stop.set()
    await asyncio.wait_for(task, 5)


async def test_updates_become_rows_in_order_and_wake_the_worker(world: World) -> None:
    for text in ("一", "二", "三"):
        world.api.sim.text(ANNA, text)
    world.api.sim.text(BERT, "四")
    async with polling(world.telegram):
        await world.api.view.wait_drained()
        world.api.sim.text(ANNA, "五")  # while the poll is waiting
        await world.api.view.wait_drained()
    updates = await world.updates()
    assert texts(updates) == ["一", "二", "三", "四", "五"]
    assert [u.sender for u in updates] == ["1001"] * 3 + ["1002", "1001"]
    assert [u.message_key for u in updates][:2] == ["1", "2"]
    assert len(world.woken) == 1 + 2


async def test_stopped_between_get_updates_and_commit_it_comes_again(world: World) -> None:
    world.api.sim.text(ANNA, "不能丢")
    hanging = HangingIntake()
    task = asyncio.create_task(poller(world, hanging).run(asyncio.Event()))
    await hanging.reached.wait()
    await cancelled(task)
    assert world.api.view.pending() == 1
    assert await world.updates() == []
    async with polling(world.telegram):
        await world.api.view.wait_drained()
    assert texts(await world.updates()) == ["不能丢"]


async def test_killed_after_commit_before_confirmation_it_is_one_row(world: World) -> None:
    world.api.sim.text(ANNA, "只算一次")
    raw = await poller(world)._ask(None)
    await world.intake.accept([arrival(update) for update in raw])
    assert world.api.view.pending() == 1  # stored, but Telegram has not heard so
    async with polling(world.telegram):
        await world.api.view.wait_drained()
    assert texts(await world.updates()) == ["只算一次"]


async def test_an_update_delivered_twice_is_one_row(world: World) -> None:
    first = world.api.sim.text(ANNA, "一")["update_id"]
    async with polling(world.telegram):
        await world.api.view.wait_drained()
        world.api.sim.redeliver(first)
        world.api.sim.text(ANNA, "二")
        await world.api.view.wait_drained()
    assert texts(await world.updates()) == ["一", "二"]


async def test_a_full_disk_confirms_nothing(world: World) -> None:
    world.api.sim.text(ANNA, "等等")
    failing = FailingIntake(world.intake, failures=3)
    await run_until_drained(world, poller(world, failing))
    assert failing.failures == 0
    assert texts(await world.updates()) == ["等等"]


@pytest.mark.parametrize(
    "fault",
    [
        {"kind": "error", "status": 502},
        {"kind": "error", "status": 502, "html": True},
        {"kind": "error", "status": 401},
        {"kind": "error", "status": 409},
        {"kind": "drop_before"},
        {"kind": "drop_after"},
    ],
    ids=lambda fault: "-".join(str(value) for value in fault.values()),
)
async def test_polling_survives(
    world: World, fault: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(polling_module, "TOKEN_PAUSE", 0.05)
    world.api.faults.add(method="getUpdates", count=3, **fault)
    world.api.sim.text(ANNA, "一")
    with structlog.testing.capture_logs() as logs:
        await run_until_drained(world, poller(world))
    assert texts(await world.updates()) == ["一"]
    failed = [line for line in logs if line["event"] == "telegram_poll_failed"]
    assert len(failed) == 3
    assert world.api.token not in str(logs)


async def test_polling_obeys_retry_after(world: World) -> None:
    world.api.faults.add("flood", "getUpdates", retry_after=1)
    world.api.sim.text(ANNA, "一")
    begin = asyncio.get_running_loop().time()
    await run_until_drained(world, poller(world))
    assert asyncio.get_running_loop().time() - begin >= 1
    assert texts(await world.updates()) == ["一"]


async def test_another_poller_is_waited_out(world: World) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(poller(world).run(stop))
    await asyncio.sleep(0.1)
    await world.telegram.bot.get_updates()  # somebody else asks
    world.api.sim.text(ANNA, "一")
    await world.api.view.wait_drained()
    stop.set()
    await task
    assert texts(await world.updates()) == ["一"]


async def test_a_webhook_left_behind_is_removed_and_nothing_dropped(world: World) -> None:
    world.api.faults.add("drop_before", "webhook", count=None)
    await world.telegram.bot.set_webhook("http://127.0.0.1:9/telegram/webhook")
    world.api.sim.text(ANNA, "一")
    await run_until_drained(world, poller(world))
    assert texts(await world.updates()) == ["一"]


async def test_an_update_nobody_can_read_holds_up_nothing(world: World) -> None:
    world.api.sim.update("message", {"message_id": "?", "chat": {"id": ANNA}}, ANNA)
    world.api.sim.text(ANNA, "后面的")
    async with polling(world.telegram):
        await world.api.view.wait_drained()
    assert [u.sender for u in await world.updates()] == ["1001", "1001"]
    assert len(await world.rows(t.inbox)) == 2


async def test_stopping_does_not_wait_for_the_long_poll(world: World) -> None:
    stop = asyncio.Event()
    task = asyncio.create_task(world.telegram.poll(stop))
    await asyncio.sleep(0.1)
    stop.set()
    await asyncio.wait_for(task, 1)
