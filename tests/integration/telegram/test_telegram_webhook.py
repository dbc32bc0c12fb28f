"""The webhook: who may call it, and that 200 means committed."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI

from bot.channels.telegram.webhook import HEADER, LARGEST, PATH
from bot.db import tables as t
from tests.integration.telegram.world import ANNA, World, open_world, texts

SECRET = "correct-horse_battery"
UPDATE: dict[str, Any] = {
    "update_id": 7,
    "message": {"message_id": 1, "date": 1, "chat": {"id": ANNA, "type": "private"}, "text": "一"},
}


def app_of(world: World) -> FastAPI:
    app = FastAPI()
    app.include_router(world.telegram.webhook_router(SECRET))
    return app


@pytest.fixture
async def client(world: World) -> AsyncIterator[httpx.AsyncClient]:
    transport = httpx.ASGITransport(app_of(world), raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://bot") as client:
        yield client


@pytest.mark.parametrize("given", [None, "", "wrong", SECRET + "x", SECRET[:-1], "é"])
async def test_without_the_secret_401_and_nothing_stored(
    world: World, client: httpx.AsyncClient, given: str | None
) -> None:
    headers = [] if given is None else [(HEADER.encode(), given.encode("latin-1"))]
    answer = await client.post(PATH, json=UPDATE, headers=headers)
    assert answer.status_code == 401
    assert await world.rows(t.inbox) == []


async def test_a_repeat_is_200_and_one_row(world: World, client: httpx.AsyncClient) -> None:
    for _ in range(3):
        answer = await client.post(PATH, json=UPDATE, headers={HEADER: SECRET})
        assert (answer.status_code, answer.content) == (200, b"")
    assert texts(await world.updates()) == ["一"]


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b"null", b'"x"', b"\xff\xfe", b'{"update_id": "7"}', b"[" * 200_000],
    ids=["empty", "cut", "list", "null", "string", "not-utf8", "text-id", "deep"],
)
async def test_what_is_no_update_is_400(
    world: World, client: httpx.AsyncClient, body: bytes
) -> None:
    answer = await client.post(PATH, content=body, headers={HEADER: SECRET})
    assert answer.status_code == 400
    assert await world.rows(t.inbox) == []


async def test_a_huge_body_is_413(world: World, client: httpx.AsyncClient) -> None:
    answer = await client.post(PATH, content=b" " * (LARGEST + 1), headers={HEADER: SECRET})
    assert answer.status_code == 413


async def test_when_nothing_can_be_stored_telegram_is_not_told_so(
    world: World, client: httpx.AsyncClient
) -> None:
    async with world.database.write() as connection:
        await connection.run_sync(t.inbox.drop)
    answer = await client.post(PATH, json=UPDATE, headers={HEADER: SECRET})
    assert answer.status_code == 500


@pytest.mark.parametrize("secret", ["", "with space", "中文", "x" * 257])
async def test_a_secret_telegram_would_refuse_is_refused_here(world: World, secret: str) -> None:
    with pytest.raises(ValueError, match="webhook secret"):
        world.telegram.webhook_router(secret)


@asynccontextmanager
async def serving(world: World, listener: socket.socket) -> AsyncIterator[None]:
    server = uvicorn.Server(uvicorn.Config(app_of(world), log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve([listener]))
    try:
        yield
    finally:
        server.should_exit = True
        await task


async def test_the_real_way_with_lost_answers(tmp_path: Path) -> None:
    """Telegram's side repeats what it got no 2xx for; every message is one row, in order."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        async with open_world(tmp_path, webhook_url=url, webhook_secret=SECRET) as world:
            await world.telegram.prepare()
            world.api.faults.add("drop_after", "webhook", count=2)
            world.api.faults.add("drop_before", "webhook", count=2)
            for text in ("一", "二", "三"):
                world.api.sim.text(ANNA, text)
            async with serving(world, listener):
                await world.api.view.wait_drained()
            assert world.api.bot.webhook.url == url + PATH
            assert world.api.bot.webhook.secret == SECRET
            assert len(world.api.faults.entries("drop_after")) == 2
            assert texts(await world.updates()) == ["一", "二", "三"]
