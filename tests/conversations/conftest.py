"""The trained model, read once; trained first when there is none for these training files."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from nlu.engines.local import LocalEngine, load_local
from nlu.engines.train import models_dir, needs_training, train_local, training_dir


@pytest.fixture(scope="session")
def engine() -> LocalEngine:
    """The engine over SHIAN_TEST_MODEL, or over the default model."""
    given = os.environ.get("SHIAN_TEST_MODEL")
    if given:
        return load_local(Path(given))
    if needs_training(training_dir(), models_dir()):
        train_local(training_dir(), models_dir())
    return load_local(models_dir())
