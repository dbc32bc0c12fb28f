"""The table that puts the engines side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from nlu.evaluation.report.bars import COVERAGE, six_types
from nlu.evaluation.report.curves import accuracy_at, coverage_at
from nlu.evaluation.report.markdown import NOTHING, share, table
from nlu.evaluation.report.results import Leads, Measured, Results
from nlu.evaluation.scores import PRECISIONS, Rates, macro_f1
from nlu.taxonomy import SINGLE_TASKS

NOT_MEASURED = "not measured"
NOT_GIVEN = "not given by this engine"

Cell = Callable[[Measured], str]
Row = tuple[str, Cell]


def side_by_side(results: Results) -> str:
    """One row a measure, one column an engine."""
    head = ["", *(one.name for one in results.engines)]
    return table(head, ([title, *_cells(cell, results)] for title, cell in _rows(results)))


def _cells(cell: Cell, results: Results) -> list[str]:
    return [cell(e) if isinstance(e, Measured) else NOT_MEASURED for e in results.engines]


def _rows(results: Results) -> Iterator[Row]:
    for task in SINGLE_TASKS:
        yield from _task_rows(task)
    yield from _HAZARDS
    yield from _entity_rows(results.measured)
    yield from _ANSWERS
    yield from _coverage_rows()
    for place in dict.fromkeys(lead.place for one in results.measured for lead in one.leads):
        yield from _lead_rows(place)
    yield from _GIVEN
    yield from _COSTS


def _task_rows(task: str) -> Iterator[Row]:
    yield f"{task}: accuracy", lambda m: share(m.scores.tasks[task].accuracy)
    yield f"{task}: macro F1", lambda m: share(m.scores.tasks[task].macro_f1)
    yield f"{task}: calibration error", lambda m: share(m.scores.tasks[task].calibration_error)


def _entity_rows(engines: Sequence[Measured]) -> Iterator[Row]:
    yield "entities: micro F1", lambda m: share(m.scores.entities_overall.f1)
    yield "entities: micro F1 of the six types", lambda m: _f1(six_types(m))
    for kind in sorted({kind for one in engines for kind in one.scores.entities}):
        yield f"entities: {kind}", partial(_type_f1, kind)


def _coverage_rows() -> Iterator[Row]:
    title = f"intent: accuracy at coverage {COVERAGE:.2f}"
    yield title, lambda m: share(accuracy_at(m.intent, COVERAGE))
    for wanted in PRECISIONS:
        title = f"intent: coverage at {wanted:.0%} precision"
        yield title, partial(_coverage_at, wanted)


def _lead_rows(place: str) -> Iterator[Row]:
    name = f"leading department, {place}"

    def of(engine: Measured) -> Leads:
        return next(lead for lead in engine.leads if lead.place == place)

    yield f"{name}: complaints and reports", lambda m: str(of(m).matters)
    yield f"{name}: of these to the triage desk", lambda m: str(of(m).triaged)
    at = f"accuracy at coverage {COVERAGE:.2f}"
    yield f"{name}: {at}", lambda m: share(accuracy_at(of(m).of_matters, COVERAGE))
    yield f"{name}: accuracy", lambda m: share(accuracy_at(of(m).of_matters, 1.0))
    yield f"{name}: all messages, {at}", lambda m: share(accuracy_at(of(m).of_all, COVERAGE))


def _type_f1(kind: str, of: Measured) -> str:
    return _f1(of.scores.entities.get(kind))


def _coverage_at(wanted: float, of: Measured) -> str:
    return share(coverage_at(of.intent, wanted))


def _f1(rates: Rates | None) -> str:
    return share(rates.f1) if rates is not None and rates.gold else NOTHING


def _of(count: int, total: int) -> str:
    return f"{count} of {total}" if count else NOT_GIVEN


def _measure(value: float | None, unit: str) -> str:
    return f"{value:.1f} {unit}" if value is not None else NOT_MEASURED


_HAZARDS: tuple[Row, ...] = (
    ("hazards: micro F1", lambda m: share(m.scores.hazards_overall.f1)),
    ("hazards: macro F1", lambda m: share(macro_f1(m.scores.hazards))),
    ("urgent: recall", lambda m: share(m.scores.urgent.recall)),
    ("urgent: precision", lambda m: share(m.scores.urgent.precision)),
)
_ANSWERS: tuple[Row, ...] = (
    ("answered at its own threshold", lambda m: share(1 - m.scores.abstained)),
    ("intent: accuracy of those", lambda m: share(m.scores.answered_accuracy)),
    ("no answer in time", lambda m: str(m.unanswered)),
)
_GIVEN: tuple[Row, ...] = (
    ("messages with the words that decided", lambda m: _of(m.given.explained, m.scores.examples)),
    ("entities with a normalised value", lambda m: _of(m.given.valued, m.given.entities)),
)
_COSTS: tuple[Row, ...] = (
    ("latency p50", lambda m: f"{m.pace.p50_ms:.2f} ms"),
    ("latency p99", lambda m: f"{m.pace.p99_ms:.2f} ms"),
    ("messages a second, one at a time", lambda m: f"{m.pace.per_second:.0f}"),
    ("resident memory added", lambda m: _measure(m.footprint.resident_mb, "MB")),
    ("load time", lambda m: _measure(m.footprint.load_seconds, "s")),
)
