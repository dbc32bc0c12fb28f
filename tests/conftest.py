"""What every tier shares. In CI (SHIAN_CI=1) a skipped test is a failure."""

from __future__ import annotations

import os
from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from pathlib import Path

import pytest
import yaml

from bot.bootstrap import App, bootstrap
from bot.clock import SHANGHAI, SetClock
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter
from nlu.engines.local import LocalEngine, load_local
from nlu.engines.train import models_dir, needs_training, train_local, training_dir
from nlu.training_data import training_files

PER_INTENT = 12
MONDAY_NOON = datetime(2026, 11, 23, 12, 0, tzinfo=SHANGHAI)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]):
    report = yield
    if os.environ.get("SHIAN_CI") and report.skipped and not hasattr(report, "wasxfail"):
        report.outcome = "failed"
        report.longrepr = f"skipped in CI, where nothing may be missing: {report.longrepr}"
    return report


@pytest.fixture(scope="session")
def engine() -> LocalEngine:
    """The engine over SHIAN_TEST_MODEL, or over the default model, trained if it is stale."""
    given = os.environ.get("SHIAN_TEST_MODEL")
    if given:
        return load_local(Path(given))
    if needs_training(training_dir(), models_dir()):
        train_local(training_dir(), models_dir())
    return load_local(models_dir())


@pytest.fixture(scope="session")
def interpreter(engine: LocalEngine) -> Interpreter:
    """What the core is given to understand messages with."""
    return engine


@pytest.fixture(scope="session")
def small_training(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dozen examples of every intent."""
    return few_examples(tmp_path_factory.mktemp("training"), PER_INTENT)


@pytest.fixture(scope="session")
def small_examination(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two examples of every intent, the small model knows them all."""
    return few_examples(tmp_path_factory.mktemp("heldout"), 2)


def few_examples(folder: Path, per_intent: int) -> Path:
    """A training file with the first examples of every intent."""
    examples: dict[str, list[object]] = defaultdict(list)
    for path in training_files(training_dir()):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            examples[block["intent"]] += block["examples"]
    blocks = [{"intent": i, "examples": found[:per_intent]} for i, found in examples.items()]
    content = yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)
    (folder / "small.yml").write_text(content, encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def small_model(small_training: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a model of those, to be copied."""
    folder = tmp_path_factory.mktemp("models")
    assert needs_training(small_training, folder)
    train_local(small_training, folder)
    return folder


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
