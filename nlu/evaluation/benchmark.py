"""`shian nlu benchmark`: the engine's own classifier and tagger on anybody's data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nlu.classify_fit import Fitted, fit_classifier, single
from nlu.engines.fit import document, workers
from nlu.evaluation.overlap import groups
from nlu.evaluation.scores import Rates, TaskScore, overall, score_task
from nlu.evaluation.tables import Row, Tagged
from nlu.features import vectorise
from nlu.reading import Reading, build_reading
from nlu.tagger import Tagger, spans_of, tags_of
from nlu.tagger_fit import fit_tagger

Ints = NDArray[np.int64]
Progress = Callable[[str], None]
Answers = list[tuple[str, float]]
"""Label and probability for each text."""
Learner = Callable[[Sequence[Row], Sequence[str]], Answers]
"""Trains on rows and answers texts."""

_TASK = "label"
_SEED = 7


@dataclass(frozen=True, slots=True)
class Result:
    """What a benchmark on texts found."""

    rows: int
    tested: int
    score: TaskScore
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        labels = self.score.per_label
        return {
            "rows": self.rows,
            "tested": self.tested,
            "accuracy": self.score.accuracy,
            "macro_f1": self.score.macro_f1,
            "labels": {name: {"f1": one.f1, "gold": one.gold} for name, one in labels.items()},
            "calibration_error": self.score.calibration_error,
            "coverage": {str(target): share for target, share in self.score.coverage.items()},
            "seconds": round(self.seconds, 1),
        }


def on_split(train: Sequence[Row], test: Sequence[Row], learn: Learner) -> Result:
    """Train on one table, test on the other."""
    start = perf_counter()
    answers = learn(train, [row.text for row in test])
    return _result(len(train), test, answers, perf_counter() - start)


def cross_validated(
    rows: Sequence[Row], folds: int, learn: Learner, grouped: bool, progress: Progress
) -> Result:
    """Each row answered by a model trained on the other folds.

    With `grouped`, near-duplicates (5-gram Jaccard above .8) stay in one fold.
    """
    start = perf_counter()
    numbers = _folds(rows, folds, grouped)
    answers: list[tuple[str, float]] = [("", 0.0)] * len(rows)
    for fold in range(folds):
        progress(f"fold {fold + 1} of {folds}")
        held = np.flatnonzero(numbers == fold).tolist()
        rest = [rows[i] for i in np.flatnonzero(numbers != fold).tolist()]
        found = learn(rest, [rows[i].text for i in held])
        for place, answer in zip(held, found, strict=True):
            answers[place] = answer
    return _result(len(rows), rows, answers, perf_counter() - start)


def learn_locally(rows: Sequence[Row], texts: Sequence[str]) -> Answers:
    """The local engine's classifier."""
    reading = build_reading()
    documents = [document(_normal(row.text, reading), reading) for row in rows]
    with workers(len(rows)) as executor:
        fitted = fit_classifier(documents, [single(_TASK, [row.label for row in rows])], executor)
    return [_answer(_normal(text, reading), fitted, reading) for text in texts]


def tag(train: Sequence[Tagged], test: Sequence[Tagged]) -> tuple[Rates, float]:
    """Span rates of the engine's tagger, and seconds."""
    start = perf_counter()
    reading = build_reading()
    rows = [reading.tagging.rows(one.text) for one in train]
    gold = [tags_of(spans_of(one.tags), len(one.tags)) for one in train]
    tagger = Tagger(fit_tagger(rows, gold))
    found = [tagger.spans(reading.tagging.rows(one.text)) for one in test]
    return overall([spans_of(one.tags) for one in test], found), perf_counter() - start


def _normal(text: str, reading: Reading) -> str:
    return reading.normaliser.normalise(text).text


def _answer(text: str, fitted: Fitted, reading: Reading) -> tuple[str, float]:
    vector = vectorise(reading.features.occurrences(text), len(text), fitted.vocabulary)
    look = fitted.classifier.look(vector, reading.located(text), reading.vectors)
    chances = fitted.classifier.classify(look)[_TASK]
    label = max(chances, key=lambda name: chances[name])
    return label, chances[label]


def _folds(rows: Sequence[Row], folds: int, grouped: bool) -> Ints:
    """A fold for each row, by chance with a fixed seed, whole groups together."""
    labels = groups([row.text for row in rows]) if grouped else np.arange(len(rows))
    order = np.random.default_rng(_SEED).permutation(int(labels.max()) + 1)
    return np.asarray(order[labels] % folds, dtype=np.int64)


def _result(rows: int, test: Sequence[Row], answers: Answers, seconds: float) -> Result:
    labels, chances = [label for label, _ in answers], [chance for _, chance in answers]
    score = score_task([row.label for row in test], labels, chances)
    return Result(rows, len(test), score, seconds)


def table(result: Result) -> Iterator[str]:
    """The result for people, line by line."""
    score = result.score
    yield f"{result.rows} rows, {result.tested} tested, {result.seconds:.0f} s"
    yield f"accuracy {score.accuracy:.4f}  macro-F1 {score.macro_f1:.4f}"
    for label, rates in score.per_label.items():
        yield f"  {label:<20} F1 {rates.f1:.4f}  P {rates.precision:.4f}  R {rates.recall:.4f}"
