"""The whole application in this process, its doors open: HTTP, Telegram, console."""

from __future__ import annotations

import asyncio
import io
import itertools
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import sqlalchemy as sa
from PIL import Image

from bot.api.server import create_server
from bot.bootstrap import App, bootstrap
from bot.channels.webchat import address_of
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter
from tests.telegram_api import TelegramApi

JSON = {"Content-Type": "application/json"}
PERSON = 1001
SURROGATE = re.compile("[\ud800-\udfff]")


@dataclass
class Door:
    """One application and one browser; the test itself turns the loops."""

    app: App
    api: TelegramApi
    stack: AsyncExitStack
    count: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    async def browser(self, cookie: str | None = None) -> httpx.AsyncClient:
        """A browser of its own that has opened the page, or one with a cookie of somebody's making."""
        transport = httpx.ASGITransport(create_server(self.app, background=False))
        client = httpx.AsyncClient(transport=transport, base_url="http://shian.test")
        await self.stack.enter_async_context(client)
        if cookie is None:
            assert (await client.get("/")).status_code == 200
        else:
            client.cookies.set("shian_chat", cookie)
        return client

    def client_id(self) -> str:
        return f"message-{next(self.count):06d}"

    async def post(self, browser: httpx.AsyncClient, **message: Any) -> httpx.Response:
        """A message as a browser writes it: UTF-8, lone surrogates escaped."""
        body = json.dumps({"client_id": self.client_id(), **message}, ensure_ascii=False)
        escaped = SURROGATE.sub(lambda lone: f"\\u{ord(lone[0]):04x}", body)
        return await self.post_raw(browser, escaped.encode())

    async def post_raw(self, browser: httpx.AsyncClient, body: bytes) -> httpx.Response:
        return await browser.post("/api/chat/messages", content=body, headers=JSON)

    async def upload(
        self, browser: httpx.AsyncClient, data: bytes, name: str = "photo.jpg"
    ) -> httpx.Response:
        files = {"file": (name, data, "image/jpeg")}
        form = {"client_id": self.client_id()}
        return await browser.post("/api/chat/attachments", files=files, data=form)

    async def work(self) -> None:
        """Answer and deliver all that waits."""
        await self.app.worker.drain()
        while await self.app.delivery.drain_once():
            pass

    async def answers(self, browser: httpx.AsyncClient) -> list[str]:
        """What this citizen has been told, oldest first."""
        await self.work()
        messages = (await browser.get("/api/chat/history")).json()["messages"]
        return [m["text"] for m in messages if m["from"] == "bot"]

    async def telegram(self) -> list[str]:
        """Take in what waits at Telegram, answer it; what the person reads."""
        stop = asyncio.Event()
        assert self.app.telegram is not None
        polling = asyncio.create_task(self.app.telegram.poll(stop))
        await self.api.view.wait_drained(20)
        stop.set()
        await polling
        await self.work()
        return [message["text"] for message in self.api.view.messages(PERSON)]

    async def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        async with self.app.database.read() as connection:
            found = await connection.execute(sa.select(table))
            return [dict(row) for row in found.mappings()]

    async def healthy(self) -> bool:
        browser = await self.browser("nobody")
        return (await browser.get("/healthz")).status_code == 200


@asynccontextmanager
async def open_door(folder: Path, interpreter: Interpreter) -> AsyncIterator[Door]:
    async with TelegramApi.running() as api, AsyncExitStack() as stack:
        settings = Settings(data=folder, telegram_token=api.token, telegram_api=api.url)
        app = bootstrap(settings, interpreter=interpreter)
        await upgrade(app.database)
        api.sim.user(PERSON)
        yield Door(app, api, stack)
        await app.close()


def cookie_of(browser: httpx.AsyncClient) -> str:
    """The citizen's address behind a browser's cookie."""
    return address_of(browser.cookies["shian_chat"])


def picture(kind: str = "JPEG", size: tuple[int, int] = (64, 48)) -> bytes:
    """A small picture."""
    out = io.BytesIO()
    Image.new("RGB", size, "red").save(out, kind)
    return out.getvalue()


def zipped() -> bytes:
    """A zip archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("run.sh", "rm -rf /")
    return out.getvalue()


def bomb(side: int) -> bytes:
    """A PNG of `side` × `side` black pixels in a few kilobytes."""
    head = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    row = b"\0" + b"\0" * side
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    chunks = ((b"IHDR", head), (b"IDAT", data), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(*pair) for pair in chunks)


def _chunk(name: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(name + data))
    return struct.pack(">I", len(data)) + name + data + check


def noise(size: int) -> bytes:
    """Bytes that are nothing."""
    return random.Random(7).randbytes(size)
