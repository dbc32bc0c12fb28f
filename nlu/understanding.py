"""What one citizen message means: the result every engine returns.

Labels are those of `nlu/taxonomy.yml`. Offsets count Unicode code points of the text as it
was sent, whatever normalisation did to it. Nothing here knows a department.
"""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Entity:
    """A span of the message that names something.

    `value` is the normalised form (ISO 8601 time, number as text, digits of a phone) or None.
    """

    type: str
    text: str
    start: int
    end: int
    value: str | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A span that decided a task, with its weight (share of the decision, 0..1)."""

    task: str
    start: int
    end: int
    text: str
    weight: float


@dataclass(frozen=True, slots=True)
class Understanding:
    """What a message means. `confidence` is the calibrated probability of `intent`."""

    intent: str
    severity: str = "normal"
    stage: str | None = None
    venue: str | None = None
    product: str | None = None
    hazards: tuple[str, ...] = ()
    entities: tuple[Entity, ...] = ()
    confidence: float = 1.0
    abstained: bool = False
    evidence: tuple[Evidence, ...] = ()
    engine: str = "local"
    model_version: str = ""
    probabilities: dict[str, float] = field(default_factory=dict)
    """Calibrated probability of the winning label of each single-label task."""

    def first(self, entity_type: str) -> Entity | None:
        """The first entity of a type, or None."""
        return next((e for e in self.entities if e.type == entity_type), None)


@dataclass(frozen=True, slots=True)
class Found:
    """What a question is about: the key of the nearest passage, and how near (0..1)."""

    key: str
    score: float
