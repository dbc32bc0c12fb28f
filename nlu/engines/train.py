"""Trains the local engine from the training files. Imports scikit-learn when called."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib import resources
from pathlib import Path

from nlu.engines.fit import train_model
from nlu.engines.registry import chosen_for, with_extra
from nlu.engines.store import MODEL_FILE, save_model, stored_version
from nlu.lexicon import load_lexicon
from nlu.segment import build_segmenter
from nlu.taxonomy import load_taxonomy
from nlu.training_data import Example, load_examples, training_files

Progress = Callable[[str], None]

_CODE = (
    "cues.yml",
    "engines/fit.py",
    "lexicon.txt",
    "taxonomy.yml",
    "classify_fit.py",
    "cues.py",
    "eight_bits.py",
    "features.py",
    "lexicon.py",
    "neural.py",
    "neural_fit.py",
    "normalise.py",
    "patterns.py",
    "places.txt",
    "segment.py",
    "severity.py",
    "severity.yml",
    "tagger.py",
    "tagger_fit.py",
    "thresholds.py",
    "training_data.py",
    "vectors.npz",
    "vectors.py",
)
"""Packaged files that shape a model: a change in any of them makes it another version."""

_DIGITS = 12
_LOCK_FILE = ".training.lock"


def training_dir() -> Path:
    """Folder of the packaged training files."""
    return Path(str(resources.files("nlu").joinpath("training")))


def models_dir() -> Path:
    """Default folder for trained models (not part of the package's sources)."""
    return Path(str(resources.files("nlu").joinpath("models")))


def train_local(
    training: Path,
    models: Path,
    progress: Progress = lambda _: None,
    extra: Sequence[Example] = (),
) -> Path:
    """Train on a folder of training files, and `extra` examples, and store the model at once.

    Returns the model file. Whether it is better than the one before is not asked here but in
    nlu/engines/promotion.py. Raises TrainingDataError for bad training files, OSError.
    """
    version = model_version(training, extra)
    with alone(models, progress) as waited:
        if waited and stored_version(models) == version:
            return models / MODEL_FILE
        examples = [*load_examples(training_files(training), load_taxonomy()), *extra]
        progress(f"{len(examples)} examples")
        return save_model(train_model(examples, version, progress), models)


@contextmanager
def alone(models: Path, progress: Progress) -> Iterator[bool]:
    """Keep other processes from training into the same folder; yields whether it had to wait."""
    models.mkdir(parents=True, exist_ok=True)
    with (models / _LOCK_FILE).open("w") as file:
        waited = False
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            progress("another process is training, waiting for it")
            fcntl.flock(file, fcntl.LOCK_EX)
            waited = True
        yield waited


def needs_training(training: Path, models: Path) -> bool:
    """Whether the model in use is missing or was not chosen for these data and this code."""
    return not chosen_for(models, model_version(training))


def model_version(training: Path, extra: Sequence[Example] = ()) -> str:
    """Hash of the training files and of the code; extra examples add a hash of their own."""
    hashes = code_hash() + data_hash(training)
    return with_extra(hashlib.sha256(hashes.encode()).hexdigest()[:_DIGITS], extra)


def data_hash(training: Path) -> str:
    """Hash of the training files."""
    digest = hashlib.sha256()
    for path in training_files(training):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:_DIGITS]


def code_hash() -> str:
    """Hash of what turns sentences into a model, and of the segmenter."""
    digest = hashlib.sha256(build_segmenter(load_lexicon().terms()).name.encode())
    for name in _CODE:
        digest.update(resources.files("nlu").joinpath(name).read_bytes())
    return digest.hexdigest()[:_DIGITS]
