"""Where the Rasa project and its environment lie, and how its programs are started."""

from __future__ import annotations

import os
from importlib import resources
from pathlib import Path

_KEPT = ("HOME", "LANG", "LC_ALL", "PATH", "TMPDIR")
"""What a child inherits. The bot's settings, tokens among them, are none of its business."""


class RasaError(Exception):
    """The Rasa environment is missing, or training or the server failed; says what to do."""


def rasa_home() -> Path:
    """Folder of the Rasa project."""
    return Path(str(resources.files("nlu").joinpath("rasa")))


def rasa_python(home: Path | None = None) -> Path:
    """The interpreter of the Rasa environment. Raises RasaError when it was not built."""
    python = (home or rasa_home()) / ".venv" / "bin" / "python"
    if not python.exists():
        raise RasaError("没有 Rasa 环境（nlu/rasa/.venv）→ 运行 make rasa")
    return python


def rasa_command(module: str, *options: str) -> list[str]:
    """The command that runs a module of the Rasa project. Raises RasaError without environment."""
    return [str(rasa_python()), "-m", f"nlu.rasa.{module}", *options]


def rasa_environment(scratch: Path) -> dict[str, str]:
    """Environment variables of a child; what Rasa writes on the side goes to `scratch`.

    No telemetry, no cache between trainings, the same hash seed every time.
    """
    kept = {name: os.environ[name] for name in _KEPT if name in os.environ}
    return kept | {
        "PYTHONPATH": str(rasa_home().parent.parent),
        "PYTHONUNBUFFERED": "1",
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONWARNINGS": "ignore",
        "SQLALCHEMY_SILENCE_UBER_WARNING": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "RASA_CACHE_DIRECTORY": str(scratch / "cache"),
        "RASA_MAX_CACHE_SIZE": "0",
        "TF_CPP_MIN_LOG_LEVEL": "3",
        "TQDM_MININTERVAL": "5",
    }
