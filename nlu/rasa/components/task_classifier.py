"""Severity, stage, venue, product and hazards: what Rasa has no field for.

The labels stand in the `metadata` of the training examples. One component learns one task, from
the features that Rasa's featurizers made of the whole message, and answers under `tasks` in the
parse result.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, vstack

NONE = "none"
"""Stands for "no label" while learning; the answer has null instead."""

OUTPUT = "tasks"
_WEIGHTS, _LABELS = "weights.npz", "labels.json"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class TaskClassifier(GraphComponent):
    """A logistic regression for one task, named in the configuration.

    `many`: the task may have several labels (hazards) and answers with a list. `edges`: a label is
    chosen as soon as its chance reaches its edge, even where another is likelier; with `many` the
    edge of all labels stands under `any`.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Features have to be made before."""
        return [Featurizer]

    @staticmethod
    def required_packages() -> list[str]:
        """What training imports."""
        return ["sklearn"]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`strength`: how closely the training examples are followed (C of scikit-learn)."""
        return {"task": None, "many": False, "edges": {}, "strength": 10.0}

    def __init__(
        self, config: dict[str, Any], model_storage: ModelStorage, resource: Resource
    ) -> None:
        self._config = config
        self._storage = model_storage
        self._resource = resource
        self._labels: list[str] = []
        self._weights = np.zeros((0, 0), dtype=np.float32)
        self._bias = np.zeros(0, dtype=np.float32)

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> TaskClassifier:
        """A component that has learned nothing yet."""
        return cls(config, model_storage, resource)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> TaskClassifier:
        """The component as it was stored. Raises ValueError when nothing was."""
        component = cls(config, model_storage, resource)
        with model_storage.read_from(resource) as folder:
            component._read(folder)
        return component

    def train(self, training_data: TrainingData) -> Resource:
        """Learn from the examples that carry metadata; stores the result."""
        examples = [one for one in training_data.intent_examples if _features(one) is not None]
        labels = [self._gold(example) for example in examples]
        self._labels = sorted({label for found in labels for label in found})
        gold = np.array([[label in found for label in self._labels] for found in labels])
        self._fit(vstack([_features(example) for example in examples]), gold)
        with self._storage.write_to(self._resource) as folder:
            self._write(folder)
        return self._resource

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Nothing later in the pipeline learns from the answers."""
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Add the answer of this task to every message."""
        for message in messages:
            features = _features(message)
            if features is not None:
                answers = {**(message.get(OUTPUT) or {}), self._task: self._answer(features)}
                message.set(OUTPUT, answers, add_to_output=True)
        return messages

    @property
    def _task(self) -> str:
        return str(self._config["task"])

    def _gold(self, example: Message) -> list[str]:
        labels = (example.get("metadata") or {}).get("example") or {}
        if self._config["many"]:
            return list(labels.get(self._task) or [])
        return [labels.get(self._task) or self._config.get("otherwise") or NONE]

    def _fit(self, features: csr_matrix, gold: np.ndarray) -> None:
        if len(self._labels) < 2:  # data without labels for this task: nothing to tell apart
            coefficients = np.zeros((len(self._labels), features.shape[1]))
            bias = np.zeros(len(self._labels))
        elif self._config["many"] or len(self._labels) == 2:
            fits = [self._fitted(features, column) for column in gold.T]
            coefficients = np.vstack([weights for weights, _ in fits])
            bias = np.concatenate([one for _, one in fits])
        else:
            coefficients, bias = self._fitted(features, gold.argmax(axis=1))
        self._weights, self._bias = coefficients.astype(np.float32), bias.astype(np.float32)

    def _fitted(self, features: csr_matrix, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        from sklearn.linear_model import LogisticRegression

        model = LogisticRegression(C=self._config["strength"], max_iter=300, random_state=20)
        model.fit(features, target)
        return model.coef_, model.intercept_

    def _answer(self, features: csr_matrix) -> Any:
        scores = np.asarray(features @ self._weights.T).ravel() + self._bias
        if self._config["many"]:
            return self._several(1 / (1 + np.exp(-scores)))
        chances = np.exp(scores - scores.max())
        return self._one(chances / chances.sum())

    def _several(self, chances: np.ndarray) -> list[dict[str, Any]]:
        edge = self._config["edges"].get("any", 0.5)
        order = [index for index in np.argsort(-chances) if chances[index] >= edge]
        return [_named(self._labels[index], chances[index]) for index in order]

    def _one(self, chances: np.ndarray) -> dict[str, Any]:
        by_label = dict(zip(self._labels, chances))  # noqa: B905  equal by construction
        edges = self._config["edges"]
        reached = [label for label, edge in edges.items() if by_label.get(label, 0.0) >= edge]
        label = reached[0] if reached else max(by_label, key=by_label.__getitem__)
        return _named(None if label == NONE else label, by_label[label])

    def _write(self, folder: Path) -> None:
        np.savez_compressed(folder / _WEIGHTS, weights=self._weights, bias=self._bias)
        (folder / _LABELS).write_text(json.dumps(self._labels), encoding="utf-8")

    def _read(self, folder: Path) -> None:
        with np.load(folder / _WEIGHTS, allow_pickle=False) as stored:
            self._weights, self._bias = stored["weights"], stored["bias"]
        self._labels = json.loads((folder / _LABELS).read_text(encoding="utf-8"))


def _features(message: Message) -> csr_matrix | None:
    """The message's features, counts dampened and scaled to length one; None without any."""
    _, sentence = message.get_sparse_features(TEXT)
    if sentence is None:
        return None
    features = csr_matrix(sentence.features, dtype=np.float32).log1p()
    length = float(np.sqrt(features.multiply(features).sum()))
    return features / length if length else features


def _named(label: str | None, chance: float) -> dict[str, Any]:
    return {"name": label, "confidence": float(chance)}
