"""Trains the linear classifiers and calibrates them by cross-fitting.

Scores of each example come from a model that has not seen it; on those the probabilities are
fitted and the abstention thresholds chosen. Imports scikit-learn; never imported at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize, minimize_scalar
from sklearn.svm import LinearSVC

from nlu.classify import Classifier, Head, sigmoid, softmax
from nlu.features import Occurrence, Vocabulary, build_vocabulary, vectorise

Doubles = NDArray[np.float64]
Document = tuple[Sequence[Occurrence], int]
"""The occurrences of a text, and its length."""

FOLDS = 5
_COST = 1.0
_SEED = 20_260


@dataclass(frozen=True, slots=True)
class Task:
    """What a head has to learn: for each example one label, or any number of labels."""

    name: str
    labels: tuple[str, ...]
    gold: Sequence[frozenset[str]]
    many: bool


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained classifier with the out-of-fold probabilities it was calibrated on."""

    vocabulary: Vocabulary
    classifier: Classifier
    held_out: Mapping[str, Doubles]
    """By task: examples x labels."""


def single(name: str, gold: Sequence[str]) -> Task:
    """A task with exactly one label for each example."""
    return Task(name, tuple(sorted(set(gold))), [frozenset({label}) for label in gold], many=False)


def several(name: str, gold: Sequence[Sequence[str]]) -> Task:
    """A task with any number of labels for each example."""
    labels = tuple(sorted({label for one in gold for label in one}))
    return Task(name, labels, [frozenset(one) for one in gold], many=True)


def fit_classifier(
    documents: Sequence[Document],
    tasks: Sequence[Task],
    progress: Callable[[str], None] = lambda _: None,
) -> Fitted:
    """Train one head for each task on the same features.

    Raises ValueError for a task with fewer than two labels.
    """
    vocabulary = build_vocabulary(occurrences for occurrences, _ in documents)
    table = matrix(documents, vocabulary)
    parts: list[tuple[Doubles, Doubles]] = []
    heads: dict[str, Head] = {}
    held_out: dict[str, Doubles] = {}
    first = 0
    for task in tasks:
        progress(f"classifier: {task.name} ({len(task.labels)} labels)")
        parts.append(_weights(table, task))
        head = _calibrated(task, first, _out_of_fold(table, task))
        heads[task.name], held_out[task.name] = head
        first += len(task.labels)
    weights = np.vstack([weight for weight, _ in parts]).T.astype(np.float16)
    bias = np.concatenate([bias for _, bias in parts]).astype(np.float32)
    return Fitted(vocabulary, Classifier(np.ascontiguousarray(weights), bias, heads), held_out)


def matrix(documents: Sequence[Document], vocabulary: Vocabulary) -> sparse.csr_matrix:
    """The documents as rows of a sparse matrix."""
    vectors = [vectorise(found, length, vocabulary) for found, length in documents]
    pointers = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    columns = np.concatenate([vector.ids for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    shape = (len(vectors), len(vocabulary.idf))
    return sparse.csr_matrix((values, columns, pointers), shape=shape)


def folds_of(count: int, folds: int = FOLDS) -> NDArray[np.int64]:
    """A fold number for each of `count` examples, shuffled with a fixed seed."""
    order = np.random.default_rng(_SEED).permutation(count)
    numbers = np.empty(count, dtype=np.int64)
    numbers[order] = np.arange(count) % folds
    return numbers


def _weights(table: sparse.csr_matrix, task: Task) -> tuple[Doubles, Doubles]:
    """Weights (labels x features) and biases; a label without examples never wins."""
    if len(task.labels) < 2:
        raise ValueError(f"task {task.name!r} has fewer than two labels")
    rows = [_one(table, task, label) for label in task.labels]
    return np.vstack([row for row, _ in rows]), np.array([bias for _, bias in rows])


def _one(table: sparse.csr_matrix, task: Task, label: str) -> tuple[Doubles, float]:
    gold = np.array([label in one for one in task.gold])
    if gold.all() or not gold.any():
        return np.zeros(table.shape[1]), 1.0 if gold.all() else -1.0
    # liblinear penalises the bias as if it were a feature: a larger one is penalised less.
    model = LinearSVC(C=_COST, random_state=_SEED, intercept_scaling=2.0).fit(table, gold)
    return model.coef_[0], float(model.intercept_[0])


def _out_of_fold(table: sparse.csr_matrix, task: Task) -> Doubles:
    scores = np.zeros((table.shape[0], len(task.labels)))
    numbers = folds_of(table.shape[0])
    for fold in range(FOLDS):
        inside, outside = np.flatnonzero(numbers != fold), np.flatnonzero(numbers == fold)
        if not len(outside):
            continue
        part = Task(task.name, task.labels, [task.gold[int(i)] for i in inside], task.many)
        weights, bias = _weights(table[inside], part)
        scores[outside] = table[outside] @ weights.T + bias
    return scores


def _calibrated(task: Task, first: int, scores: Doubles) -> tuple[Head, Doubles]:
    truth = np.array([[label in one for label in task.labels] for one in task.gold], dtype=float)
    slope, shift = (_platt if task.many else _temperature)(scores, truth)
    head = Head(task.name, task.labels, first, task.many, slope, shift)
    return head, np.asarray(head.probabilities(scores.astype(np.float32)), dtype=np.float64)


def _temperature(scores: Doubles, truth: Doubles) -> tuple[float, tuple[float, ...]]:
    def loss(log_slope: float) -> float:
        chances = softmax((np.exp(log_slope) * scores).astype(np.float32))
        return -float(np.log(np.maximum((chances * truth).sum(axis=1), 1e-9)).mean())

    found = minimize_scalar(loss, bounds=(-2.0, 4.0), method="bounded")
    return float(np.exp(found.x)), (0.0,) * scores.shape[1]


def _platt(scores: Doubles, truth: Doubles) -> tuple[float, tuple[float, ...]]:
    """One slope and one shift for all labels: rare labels have too few examples of their own."""

    def loss(line: Doubles) -> float:
        chances = sigmoid((line[0] * scores + line[1]).astype(np.float32))
        likely = np.where(truth > 0, chances, 1 - chances)
        return -float(np.log(np.maximum(likely, 1e-9)).mean())

    found = minimize(loss, np.array([2.0, 0.0]), method="Nelder-Mead")
    return float(found.x[0]), (float(found.x[1]),) * scores.shape[1]
