"""The Bot API emulator: delivery of updates to a webhook."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import TelegramConflictError
from aiohttp import web

from tests.telegram_api import Retry, TelegramApi

ANNA, BERT = 1001, 1002


@asynccontextmanager
async def bot_for(url: str, token: str) -> AsyncIterator[Bot]:
    """A stock bot; its connections are closed without aiogram's pause for TLS."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    yield Bot(token, session)
    await (await session.create_session()).close()


@pytest.fixture
async def api() -> AsyncIterator[TelegramApi]:
    async with TelegramApi.running(retry=Retry(first=0.01, longest=0.05)) as api:
        api.sim.user(ANNA)
        yield api


@pytest.fixture
async def bot(api: TelegramApi) -> AsyncIterator[Bot]:
    async with bot_for(api.url, api.token) as bot:
        yield bot


@asynccontextmanager
async def listening(
    *statuses: int, call: dict[str, Any] | None = None
) -> AsyncIterator[tuple[str, list[tuple[Any, str]]]]:
    """A webhook that answers with the given statuses, then always 200 (with a method call)."""
    queue, got = list(statuses), []

    async def receive(request: web.Request) -> web.Response:
        body = await request.json()
        got.append((body, request.headers.get("X-Telegram-Bot-Api-Secret-Token", "")))
        return web.json_response(call, status=queue.pop(0) if queue else 200)

    app = web.Application()
    app.router.add_post("/hook", receive)
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    yield f"http://127.0.0.1:{runner.addresses[0][1]}/hook", got
    await runner.cleanup()


async def test_webhook_repeats_until_2xx_in_order(api: TelegramApi, bot: Bot) -> None:
    api.sim.text(ANNA, "waiting already")
    async with listening(500, 302, 200) as (url, got):
        await bot.set_webhook(url, secret_token="s3cret_-", max_connections=1)
        api.sim.text(BERT, "next")
        await api.view.wait_drained()
        texts = [body["message"]["text"] for body, _ in got]
        assert texts == ["waiting already"] * 3 + ["next"]
        assert {secret for _, secret in got} == {"s3cret_-"}
        info = await bot.get_webhook_info()
        assert info.last_error_message == "Wrong response from the webhook: 302 Found"
        assert info.pending_update_count == 0
        with pytest.raises(TelegramConflictError, match="webhook is active"):
            await bot.get_updates()
        await bot.delete_webhook()
    assert await bot.get_updates() == []


async def test_webhook_that_is_down_keeps_updates_waiting(api: TelegramApi, bot: Bot) -> None:
    async with listening() as (url, _):
        pass
    await bot.set_webhook(url)
    api.sim.text(ANNA, "kept")
    await asyncio.sleep(0.1)
    assert (await bot.get_webhook_info()).pending_update_count == 1
    await bot.delete_webhook()
    assert len(await bot.get_updates()) == 1


async def test_lost_2xx_means_a_second_delivery(api: TelegramApi, bot: Bot) -> None:
    api.faults.add("drop_after", "webhook")
    async with listening() as (url, got):
        await bot.set_webhook(url)
        update = api.sim.text(ANNA, "once")
        await api.view.wait_drained()
        api.sim.redeliver(update["update_id"])
        await api.view.wait_drained()
        await bot.delete_webhook()
    assert [body["update_id"] for body, _ in got] == [update["update_id"]] * 3


async def test_method_call_in_the_webhook_answer(api: TelegramApi, bot: Bot) -> None:
    async with listening(call={"method": "sendMessage", "chat_id": ANNA, "text": "pong"}) as hook:
        await bot.set_webhook(hook[0])
        api.sim.text(ANNA, "ping")
        [message] = await api.view.wait_messages(ANNA)
        assert message["text"] == "pong"
        await bot.delete_webhook()
    async with listening(call={"method": "deleteWebhook"}) as hook:
        await bot.set_webhook(hook[0])
        api.sim.text(ANNA, "stop")
        await api.view.wait_calls("deleteWebhook", 2)
        await api.view.wait_drained()
    assert (await bot.get_webhook_info()).url == ""
