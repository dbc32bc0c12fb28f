"""A Telegram channel on a real SQLite file, in front of the emulated Bot API."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from aiogram.client.session.aiohttp import AiohttpSession
from PIL import Image

from bot.channels import Update
from bot.channels.telegram import Telegram, create_telegram
from bot.clock import WallClock
from bot.db import tables as t
from bot.db.engine import Database, open_database
from bot.intake import Intake
from bot.media import MediaStore
from bot.settings import sqlite_url
from bot.vault import Vault, open_vault, sealing_context
from handlers.messages import Incoming
from tests.telegram_api import TelegramApi

ANNA, BERT, GROUP = 1001, 1002, -1001


def picture(color: str = "red", size: tuple[int, int] = (640, 480)) -> bytes:
    """A JPEG."""
    out = io.BytesIO()
    Image.new("RGB", size, color).save(out, "JPEG")
    return out.getvalue()


@dataclass
class World:
    """Everything one test needs."""

    api: TelegramApi
    database: Database
    vault: Vault
    intake: Intake
    media: MediaStore
    telegram: Telegram
    woken: list[int] = field(default_factory=list)

    async def rows(self, table: sa.Table) -> list[dict[str, Any]]:
        """All rows of a table, oldest first."""
        async with self.database.read() as connection:
            result = await connection.execute(sa.select(table).order_by(table.c.id))
            return [dict(row) for row in result.mappings()]

    async def updates(self) -> list[Update]:
        """The inbox, opened."""
        fields = ("id", "channel", "external_id", "sender", "message_key", "received_at")
        return [
            Update(**{name: row[name] for name in fields}, payload=self._open(row))
            for row in await self.rows(t.inbox)
        ]

    def _open(self, row: dict[str, Any]) -> dict[str, Any]:
        context = sealing_context(row["channel"], row["external_id"])
        opened: dict[str, Any] = self.vault.open_json(context, row["payload"])
        return opened

    async def read_new(self, after: int = 0) -> Incoming | None:
        """What the worker would read of the rows above `after`, as one turn."""
        return await self.telegram.channel.read([u for u in await self.updates() if u.id > after])

    async def receive(self) -> Incoming | None:
        """Poll until nothing waits, then read all that came as one turn."""
        before = [row["id"] for row in await self.rows(t.inbox)]
        async with polling(self.telegram):
            await self.api.view.wait_drained()
        return await self.read_new(max(before, default=0))

    async def add_citizen(self, address: int, reachable: bool = True) -> int:
        """Somebody we know already."""
        row = {
            "channel": "telegram",
            "address": str(address),
            "locale": "zh-Hans",
            "reachable": reachable,
            "created_at": WallClock().now(),
        }
        async with self.database.write() as connection:
            insert = sa.insert(t.citizens).values(row).returning(t.citizens.c.id)
            return int((await connection.execute(insert)).scalar_one())


@asynccontextmanager
async def polling(telegram: Telegram) -> AsyncIterator[None]:
    """The channel's own poller, running."""
    stop = asyncio.Event()
    task = asyncio.create_task(telegram.poll(stop))
    try:
        yield
    finally:
        stop.set()
        await asyncio.wait_for(task, 5)


@asynccontextmanager
async def open_world(folder: Path, **options: Any) -> AsyncIterator[World]:
    """A world; `options` are those of create_telegram."""
    async with TelegramApi.running() as api:
        database = open_database(sqlite_url(folder / "shian.db"))
        async with database.write() as connection:
            await connection.run_sync(t.metadata.create_all)
        vault, clock, woken = open_vault(folder), WallClock(), [0]
        intake = Intake(database, vault, clock, lambda: woken.append(1))
        media = MediaStore(folder / "uploads", database, clock)
        telegram = create_telegram(api.token, api.url, intake, media, **options)
        try:
            yield World(api, database, vault, intake, media, telegram, woken)
        finally:
            await _hang_up(telegram)
            await database.close()


async def _hang_up(telegram: Telegram) -> None:
    """Telegram.close() without aiogram's pause for TLS."""
    session = telegram.bot.session
    assert isinstance(session, AiohttpSession)
    await (await session.create_session()).close()


async def cancelled(task: asyncio.Task[Any]) -> None:
    """End a task as a crash would: in the middle of whatever it does."""
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


def texts(incoming: Sequence[Update]) -> list[str]:
    """The words of raw messages."""
    return [update.payload["message"]["text"] for update in incoming]
