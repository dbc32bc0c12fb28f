"""The office of the console tests."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.bootstrap import bootstrap
from bot.clock import SetClock
from bot.db.migrate import upgrade
from bot.settings import Settings
from tests.integration.console.office import START, Deaf, Office


@pytest.fixture
async def office(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Office]:
    clock = SetClock(START)
    settings = Settings(data=tmp_path, jurisdiction="suining_hedong", telegram_token=None)
    app = bootstrap(settings, clock=clock, interpreter=Deaf())
    await upgrade(app.database)
    made = Office(app, clock)
    monkeypatch.setattr(app.delivery, "wake", lambda: made.woken.append(True))
    yield made
    await app.close()
