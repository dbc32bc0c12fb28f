"""Shared pieces of the nlu tests; the trained model is read once per session."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

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
