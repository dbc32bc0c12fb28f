"""Shared pieces of the nlu tests; the trained model is read once per session."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from nlu.engines.local import LocalEngine, load_local
from nlu.engines.train import models_dir, needs_training, train_local, training_dir
from nlu.normalise import Normaliser
from nlu.reading import Reading, build_reading
from nlu.taxonomy import Taxonomy, load_taxonomy


@pytest.fixture(scope="session")
def taxonomy() -> Taxonomy:
    return load_taxonomy()


@pytest.fixture(scope="session")
def normaliser() -> Normaliser:
    return Normaliser()


@pytest.fixture(scope="session")
def reading() -> Reading:
    return build_reading()


@pytest.fixture
def now() -> datetime:
    """A Monday noon."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(scope="session")
def engine() -> LocalEngine:
    """The engine over SHIAN_TEST_MODEL, or over the default model, trained if it is stale."""
    given = os.environ.get("SHIAN_TEST_MODEL")
    if given:
        return load_local(Path(given))
    if needs_training(training_dir(), models_dir()):
        train_local(training_dir(), models_dir())
    return load_local(models_dir())
