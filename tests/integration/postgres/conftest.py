"""A PostgreSQL database of its own for each test; SHIAN_TEST_POSTGRES names the server."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot.bootstrap import App, bootstrap
from bot.clock import SetClock
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter


async def _run(url: str, statement: str) -> None:
    engine = create_async_engine(url, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text(statement))
    await engine.dispose()


@pytest.fixture
async def postgres_url() -> AsyncIterator[str]:
    server = os.environ.get("SHIAN_TEST_POSTGRES")
    if not server:
        pytest.skip("set SHIAN_TEST_POSTGRES=postgresql+asyncpg://user@host:5432/postgres")
    name = f"shian_test_{secrets.token_hex(6)}"
    await _run(server, f"CREATE DATABASE {name}")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    await _run(server, f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
async def pg(
    postgres_url: str, tmp_path: Path, clock: SetClock, interpreter: Interpreter
) -> AsyncIterator[App]:
    """A whole process on PostgreSQL."""
    settings = Settings(data=tmp_path, database_url=postgres_url)
    app = bootstrap(settings, clock=clock, interpreter=interpreter)
    await upgrade(app.database)
    yield app
    await app.close()
