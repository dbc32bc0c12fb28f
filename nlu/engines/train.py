"""Trains the local engine from the training files. Imports scikit-learn when called."""

from __future__ import annotations

import fcntl
import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from sys import intern
from typing import TYPE_CHECKING

import numpy as np

from nlu.engines.store import MODEL_FILE, LocalModel, Thresholds, save_model, stored_version
from nlu.features import Occurrence
from nlu.lexicon import load_lexicon
from nlu.reading import Reading, build_reading
from nlu.segment import build_segmenter
from nlu.severity import Floor, SeverityRules
from nlu.tagger import tags_of
from nlu.taxonomy import SINGLE_TASKS, load_taxonomy
from nlu.thresholds import for_f1, for_precision, for_recall
from nlu.training_data import Example, load_examples, training_files

if TYPE_CHECKING:
    from nlu.classify_fit import Fitted, Task

Progress = Callable[[str], None]

_CODE = (
    "cues.yml",
    "engines/train.py",
    "lexicon.txt",
    "taxonomy.yml",
    "classify_fit.py",
    "cues.py",
    "features.py",
    "lexicon.py",
    "normalise.py",
    "patterns.py",
    "segment.py",
    "severity.py",
    "severity.yml",
    "tagger.py",
    "tagger_fit.py",
    "thresholds.py",
    "training_data.py",
)
"""Packaged files that shape a model: a change in any of them makes it another version."""

_LOCK_FILE = ".training.lock"
_ANSWER_PRECISION = 0.85
_URGENT_RECALL = 0.93
_OUTSIDE_BIAS = 0.5
"""Annotators left many spans out, so the tagger is too shy: +1.6 points of F1 on held-out data."""


def training_dir() -> Path:
    """Folder of the packaged training files."""
    return Path(str(resources.files("nlu").joinpath("training")))


def models_dir() -> Path:
    """Default folder for trained models (not part of the package's sources)."""
    return Path(str(resources.files("nlu").joinpath("models")))


def train_local(training: Path, models: Path, progress: Progress = lambda _: None) -> Path:
    """Train on a folder of training files and store the model; returns the model file.

    Raises TrainingDataError for bad training files, OSError when files cannot be used.
    """
    version = model_version(training)
    with _alone(models, progress) as waited:
        if waited and stored_version(models) == version:
            return models / MODEL_FILE
        examples = load_examples(training_files(training), load_taxonomy())
        progress(f"{len(examples)} examples")
        return save_model(train_model(examples, version, progress), models)


@contextmanager
def _alone(models: Path, progress: Progress) -> Iterator[bool]:
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
    """Whether the stored model is missing or was made of other data or by other code."""
    return stored_version(models) != model_version(training)


def model_version(training: Path) -> str:
    """Hash of the training files, of what turns them into a model, and of the segmenter."""
    digest = hashlib.sha256(build_segmenter(load_lexicon().terms()).name.encode())
    for name in _CODE:
        digest.update(resources.files("nlu").joinpath(name).read_bytes())
    for path in training_files(training):
        digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:12]


def train_model(
    examples: Sequence[Example], version: str, progress: Progress = lambda _: None
) -> LocalModel:
    """Train classifier and tagger on examples. Raises ValueError when there are too few."""
    # Imported here: scikit-learn and SciPy cost a second and 100 MB, and only training needs them.
    from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]

    from nlu.classify_fit import fit_classifier
    from nlu.tagger_fit import fit_tagger

    reading = build_reading()
    prepared = [_prepare(example, reading) for example in examples]
    with threadpool_limits(limits=1):  # the matrices are small: more threads only wait in turns
        fitted = fit_classifier([one.document for one in prepared], _tasks(examples), progress)
        progress("entity tagger")
        tagger = fit_tagger(
            [one.rows for one in prepared],
            [one.tags for one in prepared],
            outside_bias=_OUTSIDE_BIAS,
        )
    thresholds = _thresholds(examples, prepared, fitted, reading.severity)
    return LocalModel(version, fitted.vocabulary, fitted.classifier, tagger, thresholds)


@dataclass(frozen=True, slots=True)
class _Prepared:
    text: str
    document: tuple[list[Occurrence], int]
    rows: list[list[str]]
    tags: list[str]


def _prepare(example: Example, reading: Reading) -> _Prepared:
    text = reading.normaliser.normalise(example.text)
    located = [(e.type, text.locate(e.start, e.end)) for e in example.entities]
    spans = [(kind, *span) for kind, span in located if span]
    return _Prepared(
        text.text,
        (
            [(intern(n), a, b) for n, a, b in reading.features.occurrences(text.text)],
            len(text.text),
        ),
        [[intern(name) for name in row] for row in reading.tagging.rows(text.text)],
        tags_of(spans, len(text.text)),
    )


def _tasks(examples: Sequence[Example]) -> list[Task]:
    from nlu.classify_fit import several, single

    one_label = [single(task, [e.label(task) for e in examples]) for task in SINGLE_TASKS]
    return [*one_label, several("hazard", [e.hazards for e in examples])]


def _thresholds(
    examples: Sequence[Example],
    prepared: Sequence[_Prepared],
    fitted: Fitted,
    rules: SeverityRules,
) -> Thresholds:
    heads, held_out = fitted.classifier.heads, fitted.held_out
    intents = np.array(heads["intent"].labels)[held_out["intent"].argmax(axis=1)]
    correct = intents == np.array([e.intent for e in examples])
    hazards = np.array([[name in e.hazards for name in heads["hazard"].labels] for e in examples])
    floors = [rules.floor(p.text, i) for p, i in zip(prepared, intents.tolist(), strict=True)]
    return Thresholds(
        answer=for_precision(held_out["intent"].max(axis=1), correct, _ANSWER_PRECISION),
        urgent=_urgent_threshold([e.severity for e in examples], floors, fitted),
        hazard=for_f1(held_out["hazard"], hazards),
    )


def _urgent_threshold(gold: Sequence[str], floors: Sequence[Floor | None], fitted: Fitted) -> float:
    """The highest chance at which classifier and rules together find enough urgent cases."""
    ruled = np.array([floor is not None and floor[0] == "urgent" for floor in floors])
    column = fitted.classifier.heads["severity"].labels.index("urgent")
    chances = np.where(ruled, 1.0, fitted.held_out["severity"][:, column])
    return for_recall(chances, np.array(gold) == "urgent", _URGENT_RECALL)
