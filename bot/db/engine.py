"""Connections. SQLite gets exactly one writer connection, which also checkpoints.

SQLite before 3.51.3 can lose commits when a checkpoint races a commit of another connection, so
nobody else writes or checkpoints (design §10); `synchronous=FULL` because an acknowledged message
must survive a power cut.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from bot.db.one_hop import connector

WRITER = ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=10000")
READER = ("query_only=ON", "wal_autocheckpoint=0", "busy_timeout=10000")


@dataclass(frozen=True)
class Database:
    """Where rows live. `writer` is for transactions that change something."""

    url: str
    writer: AsyncEngine
    reader: AsyncEngine

    @asynccontextmanager
    async def read(self) -> AsyncIterator[AsyncConnection]:
        """A connection for looking things up."""
        async with self.reader.connect() as connection:
            yield connection

    @asynccontextmanager
    async def write(self) -> AsyncIterator[AsyncConnection]:
        """A transaction; commits when the block ends well."""
        async with self.writer.begin() as connection:
            yield connection

    async def close(self) -> None:
        """Give all connections back."""
        await self.writer.dispose()
        await self.reader.dispose()


def open_database(url: str) -> Database:
    """Engines for `url`; nothing is connected yet."""
    if not url.startswith("sqlite"):
        engine = create_async_engine(url, pool_size=10, max_overflow=5, pool_pre_ping=True)
        return Database(url, engine, engine)
    connect: Any = connector(Path(make_url(url).database or ""))
    writer = create_async_engine(
        url,
        async_creator=connect,
        pool_size=1,
        max_overflow=0,
        pool_timeout=60,
        pool_reset_on_return=None,  # a connection closes its own transaction: one trip less
    )
    reader = create_async_engine(url, async_creator=connect, pool_size=4, max_overflow=4)
    _on_connect(writer, WRITER)
    _on_connect(reader, READER)
    return Database(url, writer, reader)


def _on_connect(engine: AsyncEngine, pragmas: tuple[str, ...]) -> None:
    def set_pragmas(connection: Any, _record: object) -> None:
        cursor = connection.cursor()
        for pragma in pragmas:
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    sa.event.listen(engine.sync_engine, "connect", set_pragmas)
