"""Compares families of classifiers on our own sentences: `shian nlu families`.

Every family learns from the same three quarters of the training sentences and answers the
intent of the last quarter. The held-out files are not touched: models are chosen here,
examined there.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.linear_model import LogisticRegression
from sklearn.svm import LinearSVC

from nlu.classify_fit import (
    Document,
    Task,
    linear_scores,
    matrix,
    network_scores,
    single,
)
from nlu.engines.fit import document
from nlu.evaluation.scores import score_task
from nlu.features import build_vocabulary
from nlu.reading import build_reading
from nlu.training_data import Example
from nlu.vectors import load_vectors

Floats = NDArray[np.float32]
Family = Callable[["Split"], Floats]
"""Scores (judged texts x labels) of a model trained on the others."""

_SEED = 11
_PARTS = 4
_MIX = 0.25
"""What the network's scores weigh beside the linear ones in the plain mixture compared here."""


@dataclass(frozen=True, slots=True)
class Split:
    """Documents to learn from, documents to answer, and the task of the first."""

    learned: Sequence[Document]
    asked: Sequence[Document]
    task: Task


@dataclass(frozen=True, slots=True)
class Outcome:
    """How one family did."""

    name: str
    accuracy: float
    macro_f1: float
    seconds: float


def compare(examples: Sequence[Example], progress: Callable[[str], None]) -> list[Outcome]:
    """Every family on the same split, in the order of the table."""
    reading = build_reading()
    documents = [document(reading.normaliser.normalise(e.text).text, reading) for e in examples]
    order = np.random.default_rng(_SEED).permutation(len(examples)).tolist()
    edge = len(order) // _PARTS
    asked, learned = order[:edge], order[edge:]
    task = single("intent", [examples[i].intent for i in learned])
    split = Split([documents[i] for i in learned], [documents[i] for i in asked], task)
    gold = [examples[i].intent for i in asked]
    return [_outcome(name, family, split, gold, progress) for name, family in FAMILIES.items()]


def _outcome(
    name: str, family: Family, split: Split, gold: list[str], progress: Callable[[str], None]
) -> Outcome:
    progress(name)
    start = perf_counter()
    scores = family(split)
    found = [split.task.labels[i] for i in scores.argmax(axis=1)]
    score = score_task(gold, found, [1.0] * len(gold))
    return Outcome(name, score.accuracy, score.macro_f1, perf_counter() - start)


def _tables(split: Split, plain: bool) -> tuple[sparse.csr_matrix, sparse.csr_matrix]:
    learned, asked = (
        [_plain(one) if plain else one for one in part] for part in (split.learned, split.asked)
    )
    vocabulary = build_vocabulary(one.occurrences for one in learned)
    return matrix(learned, vocabulary), matrix(asked, vocabulary)


def _plain(one: Document) -> Document:
    """Character n-grams only: no words, lexicon tags, cues, nor ends counted apart."""
    return replace(one, occurrences=[o for o in one.occurrences if o[0][0] >= " "])


def _characters(split: Split) -> Floats:
    table, others = _tables(split, plain=True)
    return linear_scores(table, [split.task], others)


def _linear(split: Split) -> Floats:
    table, others = _tables(split, plain=False)
    return linear_scores(table, [split.task], others)


def _naive_bayes_svm(split: Split) -> Floats:
    """Each label's separator on features scaled by their log-count ratio (Wang, Manning 2012)."""
    table, others = _tables(split, plain=False)
    truth = split.task.truth()
    seen = table > 0
    columns = []
    for label in range(truth.shape[1]):
        inside = truth[:, label] > 0
        yes, no = seen[inside].sum(axis=0) + 1, seen[~inside].sum(axis=0) + 1
        ratio = sparse.diags(np.asarray(np.log((yes / yes.sum()) / (no / no.sum()))).ravel())
        model = LinearSVC(C=1.0, random_state=_SEED).fit(table @ ratio, inside)
        columns.append(model.decision_function(others @ ratio))
    return np.stack(columns, axis=1)


def _word_means(split: Split) -> Floats:
    """fastText's way with vectors that do not learn: the mean of the word vectors."""
    vectors = load_vectors()

    def means(documents: Sequence[Document]) -> Floats:
        rows = [vectors.of(one.rows).mean(axis=0) for one in documents if one.rows]
        zero = np.zeros(vectors.size, dtype=np.float32)
        found = iter(rows)
        return np.vstack([next(found) if one.rows else zero for one in documents])

    gold = [next(iter(one)) for one in split.task.gold]
    model = LogisticRegression(C=10.0, max_iter=500).fit(means(split.learned), gold)
    return np.asarray(model.decision_function(means(split.asked)), dtype=np.float32)


def _network(split: Split) -> Floats:
    learned, asked = ([one.rows for one in part] for part in (split.learned, split.asked))
    return network_scores(learned, [split.task], asked)


def _mixture(split: Split) -> Floats:
    return np.asarray(_linear(split) + _MIX * _network(split), dtype=np.float32)


FAMILIES: dict[str, Family] = {
    "linear, character n-grams": _characters,
    "linear, all features": _linear,
    "NB-SVM, all features": _naive_bayes_svm,
    "mean word vector, logistic": _word_means,
    "convolutional network": _network,
    "linear + network": _mixture,
}
