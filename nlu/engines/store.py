"""The local engine's model on disk: one npz file without pickles, replaced atomically."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any
from zipfile import BadZipFile, is_zipfile

import numpy as np
from numpy.typing import NDArray

from nlu.classify import Classifier, Head
from nlu.eight_bits import EightBits
from nlu.features import Vocabulary, vocabulary_of
from nlu.neural import Network
from nlu.tagger import check_model

MODEL_FILE = "local.npz"
_SEPARATOR = "\x1e"  # normalised text holds no control character but the line feed
_FORMAT = 3

_NETWORK = "network_"
_LAYERS = ("filters", "offsets", "head", "bias")

_UNREADABLE = (OSError, BadZipFile, EOFError, KeyError, TypeError, ValueError)

Arrays = Mapping[str, NDArray[Any]]


class ModelError(Exception):
    """The model file is missing, damaged, or of another format."""


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Where decisions fall: below `answer` the engine abstains."""

    answer: float
    urgent: float
    hazard: float


@dataclass(frozen=True, slots=True)
class LocalModel:
    """Everything the local engine learned."""

    version: str
    vocabulary: Vocabulary
    classifier: Classifier
    tagger: bytes
    """A CRFsuite file, from which a `Tagger` is made."""
    thresholds: Thresholds


def save_model(model: LocalModel, directory: Path) -> Path:
    """Write a model so that a reader sees the old file or the new one, never half of one.

    Raises OSError.
    """
    directory.mkdir(parents=True, exist_ok=True)
    target = directory / MODEL_FILE
    with replacing(target) as file:
        np.savez(file, allow_pickle=False, **_arrays(model))
    return target


@contextmanager
def replacing(target: Path) -> Iterator[IO[bytes]]:
    """A file to write that takes the place of `target` when it is whole, or else vanishes."""
    handle, name = tempfile.mkstemp(dir=target.parent, suffix=".tmp")
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        Path(name).chmod(0o644)  # the bot may run as another user than the trainer
        Path(name).replace(target)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def load_model(directory: Path) -> LocalModel:
    """Read a model back. Raises ModelError."""
    try:
        with _opened(directory) as arrays:
            return _model(_metadata(arrays), arrays)
    except _UNREADABLE as error:
        raise ModelError(f"no usable model in {directory}: {error}") from error


def stored_version(directory: Path) -> str | None:
    """Version of the model on disk, None where there is none that can be read."""
    try:
        with _opened(directory) as arrays:
            return str(_metadata(arrays)["version"])
    except _UNREADABLE:
        return None


@contextmanager
def _opened(directory: Path) -> Iterator[Arrays]:
    # Opened here and not by NumPy, which leaves a damaged file open.
    with (directory / MODEL_FILE).open("rb") as file:
        if not is_zipfile(file):
            raise ValueError("not an npz file")
        file.seek(0)
        with np.load(file, allow_pickle=False) as arrays:
            yield arrays


def _arrays(model: LocalModel) -> dict[str, NDArray[Any]]:
    metadata = {
        "format": _FORMAT,
        "version": model.version,
        "thresholds": asdict(model.thresholds),
        "heads": [asdict(head) for head in model.classifier.heads.values()],
    }
    return {
        "metadata": _bytes(json.dumps(metadata)),
        "features": _bytes(_SEPARATOR.join(model.vocabulary.index)),
        "idf": model.vocabulary.idf,
        "weights": model.classifier.weights.table,
        "scale": model.classifier.weights.scale,
        "bias": model.classifier.bias,
        **{_NETWORK + name: getattr(model.classifier.network, name) for name in _LAYERS},
        "tagger": np.frombuffer(model.tagger, dtype=np.uint8),
    }


def _metadata(arrays: Arrays) -> dict[str, Any]:
    metadata: dict[str, Any] = json.loads(_text(arrays["metadata"]))
    if metadata.get("format") != _FORMAT:
        raise ValueError(f"model format {metadata.get('format')}, expected {_FORMAT}")
    return metadata


def _model(metadata: dict[str, Any], arrays: Arrays) -> LocalModel:
    heads = [_head(raw) for raw in metadata["heads"]]
    return LocalModel(
        version=metadata["version"],
        vocabulary=vocabulary_of(_names(arrays["features"]), arrays["idf"]),
        classifier=Classifier(
            EightBits(arrays["weights"], arrays["scale"]),
            arrays["bias"],
            Network(*(arrays[_NETWORK + name] for name in _LAYERS)),
            {head.task: head for head in heads},
        ),
        tagger=_checked(arrays["tagger"].tobytes()),
        thresholds=Thresholds(**metadata["thresholds"]),
    )


def _checked(tagger: bytes) -> bytes:
    check_model(tagger)
    return tagger


def _head(raw: dict[str, Any]) -> Head:
    return Head(**{**raw, "labels": tuple(raw["labels"])})


def _names(array: NDArray[Any]) -> Sequence[str]:
    return _text(array).split(_SEPARATOR)


def _bytes(text: str) -> NDArray[np.uint8]:
    return np.frombuffer(text.encode("utf-8"), dtype=np.uint8)


def _text(array: NDArray[Any]) -> str:
    return array.tobytes().decode("utf-8")
