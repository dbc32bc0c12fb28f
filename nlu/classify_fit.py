"""Trains the classifiers, linear model and network, and calibrates the two together.

Both are trained twice: on three quarters of the examples, to see what their scores are worth
on the last quarter (calibration, abstention thresholds), and on all of them for the model that
is kept. The four trainings are independent jobs for an executor. Imports scikit-learn; never
imported at run time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from scipy.optimize import minimize
from sklearn.svm import LinearSVC
from threadpoolctl import threadpool_limits

from nlu.classify import Classifier, Head, sigmoid, softmax
from nlu.eight_bits import eight_bits
from nlu.features import Occurrence, Vocabulary, build_vocabulary, vectorise
from nlu.neural import Network
from nlu.neural_fit import Target, fit_network
from nlu.vectors import WordVectors, load_vectors

Doubles = NDArray[np.float64]
Floats = NDArray[np.float32]
Ints = NDArray[np.int64]
Columns = tuple[Floats, Floats]
"""Weights (features x labels) and biases of the linear model."""

_COST = 1.0
_SEED = 20_260
_PARTS = 4
_FIRST_TASK_WEIGHT, _OTHER_WEIGHT = 1.0, 0.5


@dataclass(frozen=True, slots=True)
class Document:
    """A text as the models see it: occurrences of features, length, rows of the word vectors."""

    occurrences: Sequence[Occurrence]
    length: int
    rows: Sequence[int]


@dataclass(frozen=True, slots=True)
class Task:
    """What a head has to learn: for each example one label, or any number of labels."""

    name: str
    labels: tuple[str, ...]
    gold: Sequence[frozenset[str]]
    many: bool

    def truth(self) -> Floats:
        """Examples x labels, one where the label is right."""
        rows = [[label in one for label in self.labels] for one in self.gold]
        return np.array(rows, dtype=np.float32)


@dataclass(frozen=True, slots=True)
class Fitted:
    """A trained classifier, and what it was calibrated on."""

    vocabulary: Vocabulary
    classifier: Classifier
    judged: Ints
    """The examples that the calibrating models had not seen."""
    held_out: Mapping[str, Doubles]
    """By task: judged examples x labels."""


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
    executor: Executor,
    progress: Callable[[str], None] = lambda _: None,
) -> Fitted:
    """Train one head for each task on the same features.

    Raises ValueError for a task with fewer than two labels.
    """
    _check(tasks)
    vocabulary = build_vocabulary(document.occurrences for document in documents)
    table = matrix(documents, vocabulary)
    judged, others = _split(len(documents))
    progress(f"classifier: {len(vocabulary.idf)} features, {len(tasks)} tasks")
    seen, unseen = _rows_of(documents, others), _rows_of(documents, judged)
    part = _tasks_at(tasks, others)
    linear = executor.submit(linear_scores, table[others], part, table[judged])
    networks = executor.submit(network_scores, seen, part, unseen)
    separators = executor.submit(linear_columns, table, tasks)
    kept = executor.submit(network, [document.rows for document in documents], tasks)
    judged_tasks = _tasks_at(tasks, judged)
    heads, held_out = _calibrate(judged_tasks, linear.result(), networks.result())
    weights, bias = (_centred(one, heads) for one in separators.result())
    learned = kept.result()
    centred = replace(
        learned, head=_centred(learned.head, heads), bias=_centred(learned.bias, heads)
    )
    classifier = Classifier(eight_bits(weights), bias, centred, heads)
    return Fitted(vocabulary, classifier, judged, held_out)


def matrix(documents: Sequence[Document], vocabulary: Vocabulary) -> sparse.csr_matrix:
    """The documents as rows of a sparse matrix."""
    vectors = [vectorise(one.occurrences, one.length, vocabulary) for one in documents]
    pointers = np.cumsum([0, *(len(vector.ids) for vector in vectors)])
    columns = np.concatenate([vector.ids for vector in vectors])
    values = np.concatenate([vector.values for vector in vectors])
    shape = (len(vectors), len(vocabulary.idf))
    return sparse.csr_matrix((values, columns, pointers), shape=shape)


def linear_columns(table: sparse.csr_matrix, tasks: Sequence[Task]) -> Columns:
    """One linear separator for each label of each task."""
    found = [_one(table, task, label) for task in tasks for label in task.labels]
    weights = np.vstack([row for row, _ in found]).T
    bias = np.array([offset for _, offset in found])
    return np.ascontiguousarray(weights, dtype=np.float32), bias.astype(np.float32)


def linear_scores(
    table: sparse.csr_matrix, tasks: Sequence[Task], others: sparse.csr_matrix
) -> Floats:
    """Scores on `others` of separators trained on `table`."""
    weights, bias = linear_columns(table, tasks)
    return np.asarray(others @ weights + bias, dtype=np.float32)


def network(texts: Sequence[Sequence[int]], tasks: Sequence[Task]) -> Network:
    """The network trained on all tasks at once; the first task has the most say."""
    weights = [_FIRST_TASK_WEIGHT, *[_OTHER_WEIGHT] * (len(tasks) - 1)]
    targets = [
        Target(task.truth(), task.many, weight) for task, weight in zip(tasks, weights, strict=True)
    ]
    with threadpool_limits(limits=1):  # the matrices are small: more threads only wait in turns
        return fit_network(texts, targets, load_vectors())


def network_scores(
    texts: Sequence[Sequence[int]], tasks: Sequence[Task], others: Sequence[Sequence[int]]
) -> Floats:
    """Scores on `others` of a network trained on `texts`."""
    vectors: WordVectors = load_vectors()
    trained = network(texts, tasks)
    heard = [trained.read(vectors.of(rows)) for rows in others]
    return np.vstack([trained.scores(one) for one in heard])


def _centred(columns: Floats, heads: Mapping[str, Head]) -> Floats:
    """Scores for one label out of several, less their mean: softmax does not see it."""
    result = columns.copy()
    for head in heads.values():
        if not head.many:
            result[..., head.columns] -= columns[..., head.columns].mean(axis=-1, keepdims=True)
    return result


def _check(tasks: Sequence[Task]) -> None:
    for task in tasks:
        if len(task.labels) < 2:
            raise ValueError(f"task {task.name!r} has fewer than two labels")


def _split(count: int) -> tuple[Ints, Ints]:
    """The quarter that is judged and the rest, by chance with a fixed seed."""
    order = np.random.default_rng(_SEED).permutation(count)
    edge = max(count // _PARTS, 1)
    return np.sort(order[:edge]), np.sort(order[edge:])


def _rows_of(documents: Sequence[Document], places: Ints) -> list[Sequence[int]]:
    return [documents[int(i)].rows for i in places]


def _tasks_at(tasks: Sequence[Task], places: Ints) -> list[Task]:
    return [
        Task(task.name, task.labels, [task.gold[int(i)] for i in places], task.many)
        for task in tasks
    ]


def _one(table: sparse.csr_matrix, task: Task, label: str) -> tuple[Doubles, float]:
    gold = np.array([label in one for one in task.gold])
    if gold.all() or not gold.any():
        return np.zeros(table.shape[1]), 1.0 if gold.all() else -1.0
    # liblinear penalises the bias as if it were a feature: a larger one is penalised less.
    model = LinearSVC(C=_COST, random_state=_SEED, intercept_scaling=2.0).fit(table, gold)
    return model.coef_[0], float(model.intercept_[0])


def _calibrate(
    tasks: Sequence[Task], linear: Floats, network: Floats
) -> tuple[dict[str, Head], dict[str, Doubles]]:
    heads: dict[str, Head] = {}
    held_out: dict[str, Doubles] = {}
    first = 0
    for task in tasks:
        columns = slice(first, first + len(task.labels))
        heads[task.name] = head = _head(task, first, linear[:, columns], network[:, columns])
        chances = head.probabilities(linear[:, columns], network[:, columns])
        held_out[task.name] = np.asarray(chances, dtype=np.float64)
        first += len(task.labels)
    return heads, held_out


def _head(task: Task, first: int, linear: Floats, network: Floats) -> Head:
    """The mixture of both models under which the judged examples are most likely."""
    truth = task.truth()

    def loss(mixture: Doubles) -> float:
        slope, neural, shift = mixture
        logits = np.exp(slope) * linear + np.exp(neural) * network + (shift if task.many else 0)
        chances = sigmoid(logits) if task.many else softmax(logits)
        likely = (
            np.where(truth > 0, chances, 1 - chances) if task.many else (chances * truth).sum(1)
        )
        return -float(np.log(np.maximum(likely, 1e-9)).mean())

    found = minimize(loss, np.array([0.7, -0.7, 0.0]), method="Nelder-Mead")
    slope, neural, shift = found.x
    offset = float(shift) if task.many else 0.0
    return Head(
        task.name,
        task.labels,
        first,
        task.many,
        float(np.exp(slope)),
        float(np.exp(neural)),
        offset,
    )
