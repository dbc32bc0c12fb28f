"""How alike texts are: character 5-grams, their Jaccard index, groups of near-duplicates."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.sparse.csgraph import connected_components

from nlu.features import fold
from nlu.lexicon import Lexicon
from nlu.training_data import Example

Ints = NDArray[np.int64]
Pair = tuple[int, int, float]
"""Two texts and their Jaccard index."""

NEAR = 0.8
_SIZE = 5
_BLOCK = 512
_MASK = "\x00"
_FILLER = re.compile(r"[\W\d_]+")


def grams(text: str, size: int = _SIZE) -> frozenset[str]:
    """The character n-grams of a text; a shorter text is its own only one."""
    return frozenset(text[i : i + size] for i in range(max(1, len(text) - size + 1)))


def near_pairs(texts: Sequence[str], others: Sequence[str] | None = None) -> Iterator[Pair]:
    """Pairs of texts (or of a text and another) with a Jaccard index above `NEAR`."""
    index: dict[str, int] = {}
    first = _table(texts, index)
    second = first if others is None else _table(others, index)
    width = len(index)
    first.resize((first.shape[0], width))
    second.resize((second.shape[0], width))
    for start in range(0, len(texts), _BLOCK):
        yield from _near(first[start : start + _BLOCK], second, start, others is None)


def groups(texts: Sequence[str]) -> Ints:
    """A group number for each text; texts joined by near-duplicate pairs share it."""
    pairs = [(a, b) for a, b, _ in near_pairs(texts)]
    rows, columns = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    links = sparse.coo_matrix((np.ones(len(rows)), (rows, columns)), (len(texts), len(texts)))
    _, labels = connected_components(links, directed=False)
    return np.asarray(labels, dtype=np.int64)


def skeleton(example: Example, lexicon: Lexicon) -> str:
    """What is left of a sentence without its entities, digits, lexicon words and punctuation."""
    masked = list(fold(example.text))
    for entity in example.entities:
        masked[entity.start : entity.end] = _MASK * (entity.end - entity.start)
    for _, start, end in lexicon.hits("".join(masked)):
        masked[start:end] = _MASK * (end - start)
    return _FILLER.sub("·", "".join(masked)).strip("·")


def same_skeletons(examples: Sequence[Example], lexicon: Lexicon) -> list[list[int]]:
    """Groups of two or more examples whose skeletons are equal or nearly so.

    Sentences of which the mask leaves less than six characters say too little to be compared.
    """
    bare = [skeleton(example, lexicon) for example in examples]
    long_enough = [i for i, one in enumerate(bare) if len(one.replace("·", "")) > _SIZE]
    labels = groups([bare[i] for i in long_enough])
    found: dict[int, list[int]] = defaultdict(list)
    for place, label in zip(long_enough, labels.tolist(), strict=True):
        found[label].append(place)
    return [members for members in found.values() if len(members) > 1]


def _table(texts: Sequence[str], index: dict[str, int]) -> sparse.csr_matrix:
    rows = [[index.setdefault(gram, len(index)) for gram in grams(text)] for text in texts]
    pointers = np.cumsum([0, *(len(row) for row in rows)])
    columns = np.array([one for row in rows for one in row], dtype=np.int64)
    ones = np.ones(len(columns), dtype=np.float32)
    return sparse.csr_matrix((ones, columns, pointers), shape=(len(texts), len(index)))


def _near(
    block: sparse.csr_matrix, table: sparse.csr_matrix, offset: int, same: bool
) -> Iterator[Pair]:
    shared = (block @ table.T).tocoo()
    sizes, other_sizes = np.diff(block.indptr), np.diff(table.indptr)
    union = sizes[shared.row] + other_sizes[shared.col] - shared.data
    indexes = shared.data / np.maximum(union, 1)
    for hit in np.flatnonzero(indexes > NEAR):
        first, second = int(shared.row[hit]) + offset, int(shared.col[hit])
        if not same or first < second:
            yield first, second, float(indexes[hit])
