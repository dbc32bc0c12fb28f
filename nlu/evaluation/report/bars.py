"""The bars an engine has to clear, and whether it does."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nlu.evaluation.report.curves import accuracy_at
from nlu.evaluation.report.results import Measured
from nlu.evaluation.scores import Rates

COVERAGE = 0.90
SIX_TYPES = ("food", "merchant", "address", "symptom", "people", "event_time")
_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Limit:
    """One number and the value it must reach, or must not exceed."""

    value: Callable[[Measured], float]
    bound: float
    at_least: bool = True
    unit: str = ""

    def met(self, of: Measured) -> bool:
        """Whether an engine keeps to it."""
        value = self.value(of)
        return value >= self.bound - _ROUNDING if self.at_least else value <= self.bound + _ROUNDING

    def shown(self, of: Measured) -> str:
        """The value with its unit."""
        return f"{self.value(of):.2f}{self.unit}" if self.unit else f"{self.value(of):.3f}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A named demand; all its limits have to hold."""

    name: str
    limits: tuple[Limit, ...]

    def met(self, by: Measured) -> bool:
        """Whether an engine clears it."""
        return all(limit.met(by) for limit in self.limits)

    def shown(self, of: Measured) -> str:
        """What an engine reached."""
        return " / ".join(limit.shown(of) for limit in self.limits)

    @property
    def demand(self) -> str:
        """What is asked for."""
        return " / ".join(
            f"{'≥' if one.at_least else '≤'} {one.bound:g}{one.unit}" for one in self.limits
        )


def six_types(of: Measured) -> Rates:
    """Rates of the six entity types together."""
    rates = [of.scores.entities.get(kind, Rates(0, 0, 0)) for kind in SIX_TYPES]
    return Rates(
        sum(r.gold for r in rates), sum(r.found for r in rates), sum(r.both for r in rates)
    )


def _lead(of: Measured) -> float:
    """Of the jurisdictions, the one it does worst in."""
    return min((accuracy_at(one.of_matters, COVERAGE) for one in of.leads), default=0.0)


BARS = (
    Bar(
        f"intent accuracy at coverage {COVERAGE:.2f}",
        (Limit(lambda m: accuracy_at(m.intent, COVERAGE), 0.95),),
    ),
    Bar(f"leading department at coverage {COVERAGE:.2f}, worse place", (Limit(_lead, 0.95),)),
    Bar(
        "urgent: recall / precision",
        (
            Limit(lambda m: m.scores.urgent.recall, 0.99),
            Limit(lambda m: m.scores.urgent.precision, 0.85),
        ),
    ),
    Bar(
        "calibration error of the intent",
        (Limit(lambda m: m.scores.tasks["intent"].calibration_error, 0.03, at_least=False),),
    ),
    Bar("entity F1, six types", (Limit(lambda m: six_types(m).f1, 0.85),)),
    Bar("latency p50", (Limit(lambda m: m.pace.p50_ms, 2.0, at_least=False, unit=" ms"),)),
    Bar("latency p99", (Limit(lambda m: m.pace.p99_ms, 8.0, at_least=False, unit=" ms"),)),
)
