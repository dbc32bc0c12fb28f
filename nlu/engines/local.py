"""The local engine: in process, NumPy only, about a millisecond for a short message."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from threadpoolctl import threadpool_limits

from nlu.classify import Look, best
from nlu.engines.store import LocalModel, load_model
from nlu.entities import EntityFinder
from nlu.evidence import gather, span_evidence
from nlu.features import fold, vectorise
from nlu.normalise import Normalised
from nlu.reading import Reading, build_reading
from nlu.tagger import Tagger
from nlu.taxonomy import NONE, OPTIONAL_TASKS
from nlu.understanding import Evidence, Understanding

ENGINE = "local"
_RANK = ("normal", "illness", "urgent")
_LEAST_URGENT = 0.12
_URGENT_WITHOUT_SIGN = 0.3
_ILLNESS_WITHOUT_SIGN = 0.6
"""Chosen on a held-out fifth of the training set: fewer false alarms, little recall lost."""
_OUTSIDE = "out_of_scope"
_NOBODY_ILL = frozenset(
    {_OUTSIDE, "smalltalk", "human", "subscribe", "unsubscribe", "quiz", "poll"}
)
"""Without a sign of illness such a message is never about ill people, however many it counts."""
_OF_FOOD = frozenset(
    {"complaint", "report", "complaint_and_report", "consult", "suggestion", "dissatisfied"}
    | {"quiz", "poll"}
)
"""What people also want of other offices: only the matter tells whether it is ours."""
_PRODUCT_SHARE = 0.7
_NO_FOOD, _LEAST_FOOD = -1.0, 1.0
"""Log-odds below which a matter is no food, or in a letter may be none and is asked about.

Found, with the share of the product, on letters to a city's leaders.
"""
_LETTER = 30
_LEAST_CHANCE = 1e-4
_RULE_CONFIDENCE = 0.9
"""Stated for a severity that a rule set against the classifier; rules are not calibrated."""

Chances = Mapping[str, Mapping[str, float]]


@dataclass(frozen=True, slots=True)
class _Message:
    """A message in the forms the steps need."""

    raw: str
    text: Normalised
    look: Look


class LocalEngine:
    """An interpreter over a trained local model. Safe to share between threads."""

    def __init__(self, model: LocalModel, reading: Reading) -> None:
        self._model = model
        self._reading = reading
        self._finder = EntityFinder(reading.tagging, Tagger(model.tagger))

    @property
    def version(self) -> str:
        """Version of the model."""
        return self._model.version

    def understand(self, text: str, now: datetime) -> Understanding:
        """What a message means. Takes any string; `now` must be aware."""
        normalised = self._reading.normaliser.normalise(text)
        if not any(char.isalnum() for char in normalised.text):
            return self._nothing_said(normalised)
        found = self._reading.features.occurrences(normalised.text, self._model.vocabulary.index)
        vector = vectorise(found, len(normalised.text), self._model.vocabulary)
        located = self._reading.located(normalised.text)
        look = self._model.classifier.look(vector, located, self._reading.vectors)
        return self._judged(_Message(text, normalised, look), now)

    def _nothing_said(self, text: Normalised) -> Understanding:
        intent = "smalltalk" if text.text.strip() else "out_of_scope"
        return Understanding(
            intent,
            confidence=0.0,
            abstained=True,
            engine=ENGINE,
            model_version=self._model.version,
        )

    def _judged(self, message: _Message, now: datetime) -> Understanding:
        chances = self._model.classifier.classify(message.look)
        intent, confidence = _wish(chances)
        severity, severity_chance, floor = self._severity(message, intent, chances["severity"])
        labels = {task: best(chances[task]) for task in OPTIONAL_TASKS}
        optional = {t: None if label == NONE else label for t, (label, _) in labels.items()}
        hazards = self._hazards(chances["hazard"], severity)
        spans = self._finder.spans(message.text.text)
        decisions = [("intent", intent), ("severity", severity), *labels_of(optional)]
        decisions += [("hazard", hazard) for hazard in hazards]
        return Understanding(
            intent=intent,
            severity=severity,
            **optional,
            hazards=hazards,
            entities=self._finder.entities(spans, message.raw, message.text, now),
            confidence=confidence,
            abstained=confidence < self._model.thresholds.answer
            or (
                intent in _OF_FOOD
                and len(message.text.text) >= _LETTER
                and _log_odds_of_food(chances) < _LEAST_FOOD
            ),
            evidence=tuple(floor + self._evidence(message, decisions)),
            engine=ENGINE,
            model_version=self._model.version,
            probabilities={
                "intent": confidence,
                "severity": severity_chance,
                **{task: chance for task, (_, chance) in labels.items()},
            },
        )

    def _severity(
        self, message: _Message, intent: str, chances: Mapping[str, float]
    ) -> tuple[str, float, list[Evidence]]:
        rules, text = self._reading.severity, message.text.text
        sign = rules.shows_a_sign(text)
        nobody_ill = not sign and intent in _NOBODY_ILL
        learned = "normal" if nobody_ill else self._learned_severity(chances, sign)
        floor = rules.floor(text, intent)
        if floor is None or _RANK.index(floor[0]) <= _RANK.index(learned):
            return learned, chances[learned], []
        evidence = span_evidence("severity", floor[1:3], 1.0, message.raw, message.text)
        return floor[0], max(chances[floor[0]], _RULE_CONFIDENCE), [evidence]

    def _learned_severity(self, chances: Mapping[str, float], sign: bool) -> str:
        """Urgent as soon as it is likely enough: missing one costs more than a false alarm.

        A message without any sign of illness or poison has to be much more likely.
        """
        edge = max(self._model.thresholds.urgent, _LEAST_URGENT) if sign else _URGENT_WITHOUT_SIGN
        if chances["urgent"] >= edge:
            return "urgent"
        likely = sign or chances["illness"] >= _ILLNESS_WITHOUT_SIGN
        return "illness" if likely and chances["illness"] > chances["normal"] else "normal"

    def _hazards(self, chances: Mapping[str, float], severity: str) -> tuple[str, ...]:
        """The likely ones; illness only where somebody is ill."""
        edge = self._model.thresholds.hazard
        possible = {n: c for n, c in chances.items() if n != "illness" or severity != "normal"}
        likely = [name for name, chance in possible.items() if chance >= edge]
        return tuple(sorted(likely, key=lambda name: -chances[name]))

    def _evidence(self, message: _Message, decisions: list[tuple[str, str]]) -> list[Evidence]:
        words = self._reading.segmenter.words(fold(message.text.text))
        gains = self._model.classifier.gains(message.look, decisions)
        tasks = [task for task, _ in decisions]
        return list(gather(tasks, gains, words, message.raw, message.text))


def _wish(chances: Chances) -> tuple[str, float]:
    """The intent; a wish that other offices hear as well is ours only if the matter is."""
    intent, confidence = best(chances["intent"])
    food = _log_odds_of_food(chances)
    if intent in _OF_FOOD and food < _NO_FOOD:
        return _OUTSIDE, 1 / (1 + math.exp(food))
    return intent, confidence


def _log_odds_of_food(chances: Chances) -> float:
    """How sure it is that a matter concerns food: it is no other office's, and names a product."""
    named = _log_odds(1 - chances["product"][NONE])
    return _log_odds(1 - chances["intent"][_OUTSIDE]) + _PRODUCT_SHARE * named


def _log_odds(chance: float) -> float:
    kept = min(max(chance, _LEAST_CHANCE), 1 - _LEAST_CHANCE)
    return math.log(kept / (1 - kept))


def labels_of(optional: Mapping[str, str | None]) -> list[tuple[str, str]]:
    """Task and label of the tasks that have one."""
    return [(task, label) for task, label in optional.items() if label is not None]


def load_local(model_dir: Path) -> LocalEngine:
    """The engine with the model of a directory, warmed up.

    Raises ModelError when there is no usable model.
    """
    # The products are small: more threads would wait for each other longer than they compute.
    threadpool_limits(limits=1, user_api="blas")
    reading = build_reading()
    reading.segmenter.words("食品安全")  # builds the word table now, not at the first message
    return LocalEngine(load_model(model_dir), reading)
