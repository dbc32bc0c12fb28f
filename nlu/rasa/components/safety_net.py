"""Signs of danger that no classifier may miss, from the word lists both engines share."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from nlu.normalise import Normaliser
from nlu.rasa.components.task_classifier import OUTPUT
from nlu.severity import build_severity_rules

RANK = ("normal", "illness", "urgent")
RULE_CONFIDENCE = 0.9
"""Stated for a severity that a rule set against the classifier, as in the local engine."""


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class SafetyNet(GraphComponent):
    """Raises the severity where `nlu/severity.yml` says so; never lowers it.

    Has to stand behind the intent classifier and the TaskClassifier of `severity`.
    """

    def __init__(self) -> None:
        self._normaliser = Normaliser()
        self._rules = build_severity_rules()

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> SafetyNet:
        """The component; it has nothing to learn."""
        return cls()

    def process(self, messages: list[Message]) -> list[Message]:
        """Check every message."""
        for message in messages:
            tasks = message.get(OUTPUT) or {}
            raised = self._raised(message, tasks.get("severity"))
            if raised is not None:
                message.set(OUTPUT, {**tasks, "severity": raised}, add_to_output=True)
        return messages

    def _raised(self, message: Message, learned: dict[str, Any] | None) -> dict[str, Any] | None:
        intent = (message.get("intent") or {}).get("name") or ""
        floor = self._rules.floor(self._normaliser.normalise(message.get(TEXT)).text, intent)
        if floor is None or (learned and RANK.index(floor[0]) <= RANK.index(learned["name"])):
            return None
        return {"name": floor[0], "confidence": RULE_CONFIDENCE, "rule": floor[3]}
