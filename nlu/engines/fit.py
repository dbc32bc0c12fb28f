"""Fits a local model to examples: classifiers and tagger side by side, then the thresholds.

Two worker processes share the work where there is much of it; their number does not change
the result. Imports scikit-learn when called.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing import get_context
from sys import intern
from typing import TYPE_CHECKING

import numpy as np

from nlu.engines.store import LocalModel, Thresholds
from nlu.normalise import Normalised
from nlu.reading import Reading, build_reading
from nlu.severity import Floor, SeverityRules
from nlu.tagger import Span, tags_of
from nlu.taxonomy import SINGLE_TASKS
from nlu.thresholds import for_f1, for_precision
from nlu.training_data import Example

if TYPE_CHECKING:
    from nlu.classify_fit import Document, Fitted, Task

Progress = Callable[[str], None]

_ANSWER_PRECISION = 0.86
_URGENT_PRECISION = 0.75
"""On the training sentences, which are harder than what people write: recall comes first."""
_WORKERS = 2
_WORTH_WORKERS = 1_500
"""With fewer examples starting a process takes longer than the work."""


@dataclass(frozen=True, slots=True)
class _Message:
    """A normalised training message with its entities."""

    text: str
    spans: list[Span]


def train_model(
    examples: Sequence[Example], version: str, progress: Progress = lambda _: None
) -> LocalModel:
    """Train classifier and tagger on examples. Raises ValueError when there are too few."""
    # Imported here: scikit-learn and SciPy cost a second and 100 MB, and only training needs them.
    from nlu.classify_fit import fit_classifier

    reading = build_reading()
    messages = [_message(example, reading) for example in examples]
    with workers(len(examples)) as executor:
        documents = [document(one.text, reading) for one in messages]
        tagging = executor.submit(tagger_bytes, messages)
        fitted = fit_classifier(documents, _tasks(examples), executor, progress)
        progress("entity tagger")
        tagger = tagging.result()
    thresholds = _thresholds(examples, messages, fitted, reading.severity)
    return LocalModel(version, fitted.vocabulary, fitted.classifier, tagger, thresholds)


@contextmanager
def workers(count: int) -> Iterator[Executor]:
    """Processes for much work, a single thread for little."""
    if count < _WORTH_WORKERS:
        with ThreadPoolExecutor(1) as alone:
            yield alone
    else:
        with ProcessPoolExecutor(_WORKERS, mp_context=get_context("spawn")) as pool:
            yield pool


def document(text: str, reading: Reading) -> Document:
    """A normalised text as the classifiers see it."""
    from nlu.classify_fit import Document

    found = [(intern(name), a, b) for name, a, b in reading.features.occurrences(text)]
    return Document(found, len(text), reading.located(text).rows)


def tagger_bytes(messages: Sequence[_Message]) -> bytes:
    """The tagger trained on messages, as bytes: a job of its own."""
    from nlu.tagger_fit import fit_tagger

    reading = build_reading()
    rows = [reading.tagging.rows(one.text) for one in messages]
    return fit_tagger(rows, [tags_of(one.spans, len(one.text)) for one in messages])


def _message(example: Example, reading: Reading) -> _Message:
    text: Normalised = reading.normaliser.normalise(example.text)
    located = [(e.type, text.locate(e.start, e.end)) for e in example.entities]
    return _Message(text.text, [(kind, *span) for kind, span in located if span])


def _tasks(examples: Sequence[Example]) -> list[Task]:
    from nlu.classify_fit import several, single

    one_label = [single(task, [e.label(task) for e in examples]) for task in SINGLE_TASKS]
    return [*one_label, several("hazard", [e.hazards for e in examples])]


def _thresholds(
    examples: Sequence[Example],
    messages: Sequence[_Message],
    fitted: Fitted,
    rules: SeverityRules,
) -> Thresholds:
    """Chosen on the examples that the calibrating models had not seen."""
    judged = [examples[int(i)] for i in fitted.judged]
    texts = [messages[int(i)].text for i in fitted.judged]
    heads, held_out = fitted.classifier.heads, fitted.held_out
    intents = np.array(heads["intent"].labels)[held_out["intent"].argmax(axis=1)]
    correct = intents == np.array([e.intent for e in judged])
    hazards = np.array([[name in e.hazards for name in heads["hazard"].labels] for e in judged])
    floors = [rules.floor(text, i) for text, i in zip(texts, intents.tolist(), strict=True)]
    return Thresholds(
        answer=for_precision(held_out["intent"].max(axis=1), correct, _ANSWER_PRECISION),
        urgent=_urgent_threshold([e.severity for e in judged], floors, fitted),
        hazard=for_f1(held_out["hazard"], hazards),
    )


def _urgent_threshold(gold: Sequence[str], floors: Sequence[Floor | None], fitted: Fitted) -> float:
    """The lowest chance at which classifier and rules together give few enough false alarms.

    That finds the most urgent cases that can be found at this price.
    """
    ruled = np.array([floor is not None and floor[0] == "urgent" for floor in floors])
    column = fitted.classifier.heads["severity"].labels.index("urgent")
    chances = np.where(ruled, 1.0, fitted.held_out["severity"][:, column])
    return for_precision(chances, np.array(gold) == "urgent", _URGENT_PRECISION)
