"""Trains the Rasa engine from the same files as the local one, in the Rasa environment."""

from __future__ import annotations

import hashlib
import shutil
import subprocess
import tempfile
from collections import deque
from collections.abc import Callable, Sequence
from importlib import resources
from pathlib import Path

from nlu.engines.rasa_home import RasaError, rasa_command, rasa_environment, rasa_home

Progress = Callable[[str], None]

RASA_FOLDER = "rasa"
"""Folder of Rasa's models in the folder of all models."""

_PREFIX, _SUFFIX = "rasa-", ".tar.gz"
_KEPT_MODELS = 2
_LAST_LINES = 15
_SHARED = ("lexicon.txt", "severity.yml", "lexicon.py", "normalise.py", "segment.py", "severity.py")
_OWN = ("config.yml", "domain.yml", "uv.lock", "train.py")
"""Files that shape a model, besides the training files and the components."""


def train_rasa(
    training_files: Sequence[Path],
    out_dir: Path,
    epochs: int | None = None,
    progress: Progress = lambda _: None,
) -> Path:
    """Train on these files and give the model file in `out_dir`, named by its version.

    `epochs` of None: as in nlu/rasa/config.yml. The model before it is kept, older ones go. Takes
    minutes. Raises RasaError when the environment is missing or Rasa fails, OSError.
    """
    out_dir.mkdir(parents=True, exist_ok=True)
    name = f"{_PREFIX}{rasa_version(training_files)}" + (f"-{epochs}epochs" if epochs else "")
    with tempfile.TemporaryDirectory(dir=out_dir, prefix=".training-") as scratch:
        made = _train(training_files, Path(scratch), name, epochs, progress)
        model = made.replace(out_dir / made.name)
    for old in _models(out_dir)[_KEPT_MODELS:]:
        old.unlink()
    return model


def stored_rasa_model(out_dir: Path) -> Path | None:
    """The newest model of a folder, None when there is none."""
    return next(iter(_models(out_dir)), None)


def rasa_version(training_files: Sequence[Path]) -> str:
    """Hash of the training files, the Rasa project, and what it shares with the local engine."""
    digest = hashlib.sha256()
    home, shared = rasa_home(), resources.files("nlu")
    for path in [*(home / name for name in _OWN), *sorted((home / "components").glob("*.py"))]:
        digest.update(path.read_bytes())
    for name in _SHARED:
        digest.update(shared.joinpath(name).read_bytes())
    for path in training_files:
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def _models(folder: Path) -> list[Path]:
    """Newest first."""
    found = folder.glob(f"{_PREFIX}*{_SUFFIX}")
    return sorted(found, key=lambda path: path.stat().st_mtime_ns, reverse=True)


def _train(
    files: Sequence[Path], scratch: Path, name: str, epochs: int | None, progress: Progress
) -> Path:
    training = scratch / "training"
    training.mkdir()
    for path in files:
        shutil.copy(path, training)
    options = ["--training", str(training), "--out", str(scratch), "--name", name]
    if epochs is not None:
        options += ["--epochs", str(epochs)]
    _run(rasa_command("train", *options), scratch, progress)
    return scratch / f"{name}{_SUFFIX}"


def _run(command: list[str], scratch: Path, progress: Progress) -> None:
    """Run to the end and hand on what it prints, carriage returns read as line ends."""
    last: deque[str] = deque(maxlen=_LAST_LINES)
    with subprocess.Popen(  # noqa: S603
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        cwd=scratch,
        env=rasa_environment(scratch),
        encoding="utf-8",
        errors="replace",
    ) as process:
        assert process.stdout is not None
        for line in filter(None, map(str.strip, process.stdout)):
            last.append(line)
            progress(line)
    if process.returncode:
        raise RasaError("Rasa 训练失败 → 见最后的输出：\n" + "\n".join(last))
