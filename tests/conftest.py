"""What every tier shares. In CI (SHIAN_CI=1) a skipped test is a failure."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest

from bot.bootstrap import App, bootstrap, load_interpreter
from bot.clock import SHANGHAI, SetClock
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter

MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if os.environ.get("SHIAN_CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be missing: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def interpreter() -> Interpreter:
    """The local engine, trained first when there is no model for these training files."""
    return load_interpreter(Settings())


@pytest.fixture
def clock() -> SetClock:
    return SetClock(MONDAY_NOON)


@pytest.fixture
async def app(tmp_path: Path, clock: SetClock, interpreter: Interpreter) -> AsyncIterator[App]:
    """A whole process on a fresh SQLite file, its loops driven by the test."""
    made = bootstrap(Settings(data=tmp_path), clock=clock, interpreter=interpreter)
    await upgrade(made.database)
    yield made
    await made.close()
