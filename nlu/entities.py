"""Finds what a message names: the tagger's spans, plus phone numbers, which have a shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from nlu.normalise import Normalised
from nlu.patterns import shaped
from nlu.tagger import Span, Tagger, TaggingReader
from nlu.understanding import Entity
from nlu.values import value_of

_CERTAIN = "phone"
"""The only shape that needs no context; the tagger beats rules for all others."""


@dataclass(frozen=True, slots=True)
class EntityFinder:
    """Finds entities in normalised text and gives them back in the original's offsets."""

    reader: TaggingReader
    tagger: Tagger

    def spans(self, text: str) -> list[Span]:
        """Spans in the normalised text, in order, without overlaps."""
        return merge(self.tagger.spans(self.reader.rows(text)), shaped(text))

    def entities(
        self, spans: Sequence[Span], message: str, text: Normalised, now: datetime
    ) -> tuple[Entity, ...]:
        """Entities of `spans`, with offsets into `message` and their values."""
        return tuple(_entity(span, message, text, now) for span in spans)


def merge(tagged: Sequence[Span], shapes: Iterable[Span]) -> list[Span]:
    """The tagger's spans, where a shape does not say otherwise."""
    certain = _fill([], (shape for shape in shapes if shape[0] == _CERTAIN))
    return sorted(_fill(certain, tagged), key=lambda span: span[1])


def _fill(spans: list[Span], more: Iterable[Span]) -> list[Span]:
    kept = list(spans)
    for span in more:
        if not any(_overlap(span, other) for other in kept):
            kept.append(span)
    return kept


def _overlap(first: Span, second: Span) -> bool:
    return first[1] < second[2] and second[1] < first[2]


def _entity(span: Span, message: str, text: Normalised, now: datetime) -> Entity:
    kind, start, end = span
    first, last = text.span(start, end)
    value = value_of(kind, text.text[start:end], now)
    return Entity(kind, message[first:last], first, last, value)
