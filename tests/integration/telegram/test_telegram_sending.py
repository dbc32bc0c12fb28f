"""Replies on their way to Telegram, and what each failure means."""

from __future__ import annotations

import asyncio
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiogram.exceptions import TelegramServerError, TelegramUnauthorizedError

from bot.channels import Sent
from bot.channels.telegram import commands, create_telegram
from bot.clock import WallClock
from bot.db import tables as t
from bot.delivery import Delivery
from handlers.messages import Button, Reply
from tests.integration.telegram.world import ANNA, BERT, GROUP, World, open_world


@pytest.fixture(autouse=True)
def people(world: World) -> None:
    world.api.sim.user(ANNA, language_code="zh-hans")
    world.api.sim.user(BERT)


async def send(world: World, reply: Reply, row: int = 1, chat: int = ANNA) -> Sent:
    return await world.telegram.channel.send(str(chat), reply, row)


def seen(world: World, chat: int = ANNA) -> list[str]:
    return [message["text"] for message in world.api.view.messages(chat)]


async def test_text_goes_out_as_it_is(world: World) -> None:
    sent = await send(world, Reply("*您好* <b>www.12315.cn</b> _&amp;_"))
    (message,) = world.api.view.messages(ANNA)
    assert sent == Sent("sent", external_id=str(message["message_id"]))
    assert message["text"] == "*您好* <b>www.12315.cn</b> _&amp;_"


async def test_keyboard(world: World) -> None:
    buttons = (
        Button("同意", "yes"),
        Button("不同意", "no"),
        Button("举报：我发现了问题", "mean:x"),
    )
    await send(world, Reply("请选择", buttons))
    rows = world.api.view.last(ANNA)["buttons"]
    assert [[key["text"] for key in row] for row in rows] == [
        ["同意", "不同意"],
        ["举报：我发现了问题"],
    ]
    assert rows[0][1]["callback_data"] == "no"


async def test_long_text_is_split_and_the_last_piece_has_the_keyboard(world: World) -> None:
    lines = [f"第{number:04d}行" + "字" * 60 for number in range(150)]
    sent = await send(world, Reply("\n".join(lines), (Button("好", "ok"),)))
    messages = world.api.view.messages(ANNA)
    assert [bool(message["buttons"]) for message in messages] == [False, False, True]
    assert "\n".join(message["text"] for message in messages).split("\n") == lines
    assert sent.external_id == str(messages[-1]["message_id"])


async def test_a_long_reply_goes_on_where_it_broke_off(world: World) -> None:
    reply = Reply("一" * 4096 + "二" * 4096 + "三" * 10)
    world.api.faults.add("error", "sendMessage", skip=1, status=500)
    assert (await send(world, reply)).state == "retry"
    assert (await send(world, reply)).state == "sent"
    assert [text[0] for text in seen(world)] == ["一", "二", "三"]
    assert (await send(world, Reply("新的"), row=2)).state == "sent"


FAILURES: list[tuple[dict[str, Any], str, int]] = [
    ({"kind": "flood", "retry_after": 7}, "retry", 0),
    ({"kind": "error", "status": 500}, "retry", 0),
    ({"kind": "error", "status": 502, "html": True}, "unknown", 0),
    ({"kind": "error", "status": 403}, "blocked", 0),
    ({"kind": "error", "status": 400}, "failed", 0),
    ({"kind": "error", "status": 401}, "retry", 0),
    ({"kind": "error", "status": 413}, "failed", 0),
    ({"kind": "drop_before"}, "unknown", 0),
    ({"kind": "drop_after"}, "unknown", 1),
]


@pytest.mark.parametrize(("fault", "state", "arrived"), FAILURES, ids=lambda value: str(value))
async def test_failures(world: World, fault: dict[str, Any], state: str, arrived: int) -> None:
    world.api.faults.add(method="sendMessage", **fault)
    sent = await send(world, Reply("您的投诉已登记"))
    assert sent.state == state
    assert sent.retry_after == (
        7 if fault["kind"] == "flood" else 300 if "401" in str(fault) else 0
    )
    assert sent.error
    assert world.api.token not in sent.error
    assert "登记" not in sent.error
    assert len(seen(world)) == arrived


async def test_too_slow_an_answer_is_unknown(world: World) -> None:
    world.telegram.bot.session.timeout = 0.2
    world.api.faults.add("slow", "sendMessage", delay=1.0)
    assert (await send(world, Reply("慢"))).state == "unknown"


async def test_a_connection_that_never_was_is_a_retry(world: World) -> None:
    nowhere = create_telegram(world.api.token, "http://127.0.0.1:9", world.intake, world.media)
    sent = await nowhere.channel.send(str(ANNA), Reply("喂"), 1)
    await nowhere.close()
    assert sent.state == "retry"


async def test_blocked_gone_and_deleted_people(world: World) -> None:
    world.api.sim.block(ANNA)
    world.api.sim.deactivate(BERT)
    assert (await send(world, Reply("在吗"))).state == "blocked"
    assert (await send(world, Reply("在吗"), chat=BERT)).state == "blocked"
    assert (await send(world, Reply("在吗"), chat=424242)).state == "blocked"


async def test_a_group_that_became_a_supergroup(world: World) -> None:
    world.api.sim.group(GROUP, "食安办", [ANNA], kind="group")
    world.api.sim.migrate(GROUP, GROUP - 1_000)
    for row in (1, 2):
        assert (await send(world, Reply(f"通知{row}"), row=row, chat=GROUP)).state == "sent"
    assert seen(world, GROUP - 1_000) == ["通知1", "通知2"]


@pytest.mark.parametrize(
    "reply",
    [
        Reply("选", (Button("好", "pick:" + "长" * 20),)),
        Reply("选", (Button("好", ""),)),
        Reply("选", (Button(" ", "yes"),)),
        Reply(" \n "),
    ],
    ids=["65 bytes", "no value", "no label", "no text"],
)
async def test_our_own_mistakes_fail_clearly_and_alone(world: World, reply: Reply) -> None:
    sent = await send(world, reply)
    assert sent.state == "failed"
    assert sent.error
    assert (await send(world, Reply("下一条"), row=2)).state == "sent"


async def put_in_outbox(world: World, citizen: int, address: int, text: str) -> None:
    key = f"test:{address}:{text}"
    row = {
        "citizen_id": citizen,
        "channel": "telegram",
        "address": str(address),
        "dedup_key": key,
        "payload": world.vault.seal_json(f"outbox.payload|{key}", asdict(Reply(text))),
        "priority": 0,
        "state": "pending",
        "attempts": 0,
        "created_at": WallClock().now(),
    }
    async with world.database.write() as connection:
        await connection.execute(sa.insert(t.outbox).values(row))


def delivery(world: World) -> Delivery:
    channels = {"telegram": world.telegram.channel}
    return Delivery(world.database, world.vault, channels, WallClock())


async def test_delivery_obeys_retry_after_and_keeps_the_order(world: World) -> None:
    citizen = await world.add_citizen(ANNA)
    for text in ("一", "二"):
        await put_in_outbox(world, citizen, ANNA, text)
    world.api.faults.add("flood", "sendMessage", retry_after=1)
    out = delivery(world)
    begin = asyncio.get_running_loop().time()
    while len(seen(world)) < 2 and asyncio.get_running_loop().time() - begin < 5:
        await out.drain_once()
        await asyncio.sleep(0.02)
    assert seen(world) == ["一", "二"]
    calls = world.api.view.calls("sendMessage", ANNA)
    (flood,) = world.api.faults.entries("flood")
    assert calls[0]["at"] - flood["at"] >= 1
    assert [row["state"] for row in await world.rows(t.outbox)] == ["sent", "sent"]


async def test_delivery_notes_who_has_blocked_us(world: World) -> None:
    await put_in_outbox(world, await world.add_citizen(ANNA), ANNA, "在吗")
    world.api.sim.block(ANNA)
    await delivery(world).drain_once()
    assert [row["state"] for row in await world.rows(t.outbox)] == ["blocked"]
    assert [row["reachable"] for row in await world.rows(t.citizens)] == [False]


async def test_many_chats_stay_under_thirty_a_second(world: World) -> None:
    world.api.sim.users(5000, 60)
    world.api.limits.enable(per_chat=1, overall=30)
    outcomes = await asyncio.gather(
        *(send(world, Reply("通知"), row=chat, chat=chat) for chat in range(5000, 5060))
    )
    assert {sent.state for sent in outcomes} == {"sent"}
    assert world.api.view.peak_rate() <= 30


async def test_prepare_for_polling(world: World) -> None:
    await world.telegram.bot.set_webhook("http://127.0.0.1:9/old")
    world.api.faults.add("error", "deleteWebhook", status=502)
    world.api.faults.add("error", "setMyDescription", status=400)
    world.api.sim.text(ANNA, "等着")
    await world.telegram.prepare()
    menu = await world.telegram.bot.get_my_commands()
    assert {c.command: c.description for c in menu} == commands.COMMANDS
    assert (await world.telegram.bot.get_my_short_description()).short_description
    assert world.api.bot.webhook.url == ""
    assert world.api.view.pending() == 1  # nothing dropped


async def test_descriptions_fit_telegrams_limits(world: World) -> None:
    await world.telegram.prepare()
    described = await world.telegram.bot.get_my_description()
    assert described.description == commands.DESCRIPTION
    assert len(commands.DESCRIPTION) <= 512
    assert len(commands.SHORT_DESCRIPTION) <= 120


async def test_prepare_without_telegram_leaves_it_to_the_poller(world: World) -> None:
    nowhere = create_telegram(world.api.token, "http://127.0.0.1:9", world.intake, world.media)
    await nowhere.prepare()
    await nowhere.close()


async def test_prepare_with_a_wrong_token_says_so(world: World) -> None:
    stranger = create_telegram("77:wrong", world.api.url, world.intake, world.media)
    with pytest.raises(TelegramUnauthorizedError):
        await stranger.prepare()
    await stranger.close()


async def test_a_webhook_that_cannot_be_set_is_an_error(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    site = {"webhook_url": "http://127.0.0.1:9", "webhook_secret": "s"}
    async with open_world(folder, **site) as world:
        world.api.faults.add("error", "setWebhook", status=502, count=None)
        with pytest.raises(TelegramServerError):
            await world.telegram.prepare()


async def test_prepare_wants_a_secret_for_a_webhook(tmp_path: Path) -> None:
    folder = tmp_path / "other"
    folder.mkdir()
    async with open_world(folder, webhook_url="http://127.0.0.1:9") as world:
        with pytest.raises(ValueError, match="webhook secret"):
            await world.telegram.prepare()
