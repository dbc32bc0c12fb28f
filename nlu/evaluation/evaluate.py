"""Evaluates an interpreter on labelled examples, and the local engine by cross-validation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from time import perf_counter
from typing import Any

from nlu.evaluation.scores import (
    Rates,
    TaskScore,
    macro_f1,
    overall,
    rates_by_label,
    score_task,
)
from nlu.interpreter import Interpreter
from nlu.taxonomy import NONE, SINGLE_TASKS
from nlu.training_data import Example
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Report:
    """What an evaluation found."""

    examples: int
    tasks: dict[str, TaskScore]
    hazards: dict[str, Rates]
    hazards_overall: Rates
    entities: dict[str, Rates]
    entities_overall: Rates
    abstained: float
    """Share of messages the engine abstained on."""
    answered_accuracy: float
    """Intent accuracy on the others."""
    milliseconds: float
    """Mean time for one message."""

    @property
    def urgent(self) -> Rates:
        """Precision and recall of the urgent severity."""
        return self.tasks["severity"].per_label.get("urgent", Rates(0, 0, 0))

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return {
            "examples": self.examples,
            "tasks": {name: _task_dict(score) for name, score in self.tasks.items()},
            "urgent": _rates_dict(self.urgent),
            "hazards": {
                "micro_f1": self.hazards_overall.f1,
                "macro_f1": macro_f1(self.hazards),
                "labels": {name: _rates_dict(one) for name, one in self.hazards.items()},
            },
            "entities": {
                "micro_f1": self.entities_overall.f1,
                "types": {name: _rates_dict(one) for name, one in self.entities.items()},
            },
            "abstained": self.abstained,
            "answered_accuracy": self.answered_accuracy,
            "milliseconds": self.milliseconds,
        }


def evaluate(examples: Sequence[Example], interpreter: Interpreter, now: datetime) -> Report:
    """Let an interpreter read every example and compare."""
    found, seconds = _read(examples, interpreter, now)
    return report(examples, found, seconds)


def report(examples: Sequence[Example], found: Sequence[Understanding], seconds: float) -> Report:
    """Compare what was found with the labels of the examples."""
    answered = [(e, u) for e, u in zip(examples, found, strict=True) if not u.abstained]
    right = sum(e.intent == u.intent for e, u in answered)
    gold_hazards, found_hazards = [e.hazards for e in examples], [u.hazards for u in found]
    gold_spans, found_spans = [_spans(e) for e in examples], [_spans(u) for u in found]
    return Report(
        examples=len(examples),
        tasks={task: _task(task, examples, found) for task in SINGLE_TASKS},
        hazards=rates_by_label(gold_hazards, found_hazards),
        hazards_overall=overall(gold_hazards, found_hazards),
        entities=_by_type(gold_spans, found_spans),
        entities_overall=overall(gold_spans, found_spans),
        abstained=1 - len(answered) / max(len(examples), 1),
        answered_accuracy=right / max(len(answered), 1),
        milliseconds=1_000 * seconds / max(len(examples), 1),
    )


def cross_validate(
    examples: Sequence[Example],
    train: Callable[[Sequence[Example]], Interpreter],
    now: datetime,
    folds: int = 5,
    progress: Callable[[str], None] = lambda _: None,
) -> Report:
    """Train on all folds but one, read that one, and report on all of them together."""
    numbers = fold_numbers(len(examples), folds)
    found: dict[int, Understanding] = {}
    seconds = 0.0
    for fold in range(folds):
        progress(f"fold {fold + 1} of {folds}")
        engine = train([e for e, n in zip(examples, numbers, strict=True) if n != fold])
        held = [i for i, n in enumerate(numbers) if n == fold]
        read, spent = _read([examples[i] for i in held], engine, now)
        found.update(zip(held, read, strict=True))
        seconds += spent
    return report(examples, [found[i] for i in range(len(examples))], seconds)


def fold_numbers(count: int, folds: int) -> list[int]:
    """A fold for each example; neighbours, which helpers wrote in one go, go apart."""
    return [i % folds for i in range(count)]


def _read(
    examples: Sequence[Example], interpreter: Interpreter, now: datetime
) -> tuple[list[Understanding], float]:
    start = perf_counter()
    found = [interpreter.understand(example.text, now) for example in examples]
    return found, perf_counter() - start


def _task(task: str, examples: Sequence[Example], found: Sequence[Understanding]) -> TaskScore:
    labels = [getattr(one, task) or NONE for one in found]
    chances = [one.probabilities.get(task, one.confidence) for one in found]
    return score_task([e.label(task) for e in examples], labels, chances)


def _spans(of: Example | Understanding) -> list[tuple[str, int, int]]:
    return [(entity.type, entity.start, entity.end) for entity in of.entities]


def _by_type(
    gold: Sequence[list[tuple[str, int, int]]], found: Sequence[list[tuple[str, int, int]]]
) -> dict[str, Rates]:
    types = sorted({span[0] for spans in (*gold, *found) for span in spans})
    return {
        kind: overall(
            [[s for s in spans if s[0] == kind] for spans in gold],
            [[s for s in spans if s[0] == kind] for spans in found],
        )
        for kind in types
    }


def _task_dict(score: TaskScore) -> dict[str, Any]:
    worst = sorted(score.confusion.items(), key=lambda item: -item[1])
    return {
        "accuracy": score.accuracy,
        "macro_f1": score.macro_f1,
        "calibration_error": score.calibration_error,
        "coverage": {str(target): share for target, share in score.coverage.items()},
        "labels": {name: _rates_dict(one) for name, one in score.per_label.items()},
        "confusion": [{"gold": a, "found": b, "count": n} for (a, b), n in worst],
    }


def _rates_dict(rates: Rates) -> dict[str, float]:
    return {
        "precision": rates.precision,
        "recall": rates.recall,
        "f1": rates.f1,
        "gold": rates.gold,
        "found": rates.found,
    }
