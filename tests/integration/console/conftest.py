"""The office of the console tests."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.bootstrap import bootstrap
from bot.clock import SetClock
from bot.db.engine import open_database
from bot.db.migrate import upgrade
from bot.settings import Settings, sqlite_url
from tests.integration.console.office import START, Deaf, Office


@pytest.fixture(scope="session")
def blank(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated database without rows, to be copied."""
    path = tmp_path_factory.mktemp("blank") / "shian.db"

    async def make() -> None:
        database = open_database(sqlite_url(path))
        await upgrade(database)
        await database.close()

    asyncio.run(make())
    return path


@pytest.fixture
async def office(
    tmp_path: Path, blank: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Office]:
    shutil.copy(blank, tmp_path / "shian.db")
    clock = SetClock(START)
    settings = Settings(data=tmp_path, jurisdiction="suining_hedong", telegram_token=None)
    app = bootstrap(settings, clock=clock, interpreter=Deaf())
    made = Office(app, clock)
    monkeypatch.setattr(app.delivery, "wake", lambda: made.woken.append(True))
    yield made
    await app.close()
