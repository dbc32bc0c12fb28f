"""What a report is made of: plain results, nothing computed here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from nlu.evaluation.evaluate import Report
from nlu.evaluation.scores import Rates


@dataclass(frozen=True, slots=True)
class Point:
    """Answering every message of at least this confidence: how many that is, how many are right."""

    threshold: float
    coverage: float
    accuracy: float


Curve = tuple[Point, ...]
"""One point for each confidence stated, the most confident first."""


@dataclass(frozen=True, slots=True)
class Bin:
    """Messages of like confidence: how many, what was stated on average, the share right."""

    count: int
    stated: float
    right: float


@dataclass(frozen=True, slots=True)
class Leads:
    """Leading departments in one jurisdiction, found labels against gold labels."""

    place: str
    matters: int
    """Messages that have a leading department by their gold labels."""
    triaged: int
    """Of these, found labels send so many to the triage desk."""
    of_matters: Curve
    of_all: Curve
    """All messages; where nothing is to be routed, finding nothing is right."""


@dataclass(frozen=True, slots=True)
class Pace:
    """Time for one message at a time: milliseconds, and messages a second."""

    p50_ms: float
    p99_ms: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Footprint:
    """What keeping an engine costs; None where it could not be measured."""

    load_seconds: float | None
    resident_mb: float | None


@dataclass(frozen=True, slots=True)
class Given:
    """What an engine gave beside labels."""

    explained: int
    """Messages with words that decided."""
    entities: int
    valued: int
    """Entities with a normalised value."""


@dataclass(frozen=True, slots=True)
class LetterScore:
    """One sample of real letters: was what concerns food let in, and only that?"""

    sample: str
    letters: int
    let_in: Rates
    at_once: Rates
    """The same over the letters that nobody would be asked about."""
    asked: int
    """Letters where the citizen would be asked first, whatever the reading."""


@dataclass(frozen=True, slots=True)
class Measured:
    """One engine, measured."""

    name: str
    version: str
    current: bool
    """Whether the model was made of the present training files and code."""
    scores: Report
    intents: Mapping[tuple[str, str], int]
    """(gold, found) -> messages, right ones included."""
    bins: tuple[Bin, ...]
    intent: Curve
    leads: tuple[Leads, ...]
    pace: Pace
    footprint: Footprint
    given: Given
    unanswered: int
    letters: tuple[LetterScore, ...]


@dataclass(frozen=True, slots=True)
class Missing:
    """One engine that could not be measured, why, and what would help."""

    name: str
    why: str
    remedy: str


Engine = Measured | Missing


@dataclass(frozen=True, slots=True)
class Source:
    """A file of labelled sentences."""

    name: str
    sentences: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Training:
    """What the engines learned from."""

    files: int
    sentences: int
    data_hash: str


@dataclass(frozen=True, slots=True)
class Run:
    """The circumstances. `at` is aware; `machine` names no machine."""

    at: datetime
    command: str
    machine: Mapping[str, str | int | None]
    heldout: tuple[Source, ...]
    training: Training
    letters: str
    """The file of real letters, or '' where there was none."""


@dataclass(frozen=True, slots=True)
class Results:
    """Everything a report says."""

    run: Run
    engines: tuple[Engine, ...]

    @property
    def measured(self) -> tuple[Measured, ...]:
        """The engines that have results."""
        return tuple(one for one in self.engines if isinstance(one, Measured))

    @property
    def missing(self) -> tuple[Missing, ...]:
        """The engines that have none."""
        return tuple(one for one in self.engines if isinstance(one, Missing))
