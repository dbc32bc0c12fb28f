"""The Rasa engine: a server of its own, trained from the same files, asked over HTTP.

What Rasa lacks stays empty and is never filled in from the local engine: normalised values of
entities and the words that decided.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any

from nlu.engines.rasa_client import RasaClient, RasaUnavailable
from nlu.taxonomy import OPTIONAL_TASKS, Taxonomy, load_taxonomy
from nlu.understanding import Entity, Understanding

ENGINE = "rasa"

ANSWER = 0.8
"""Confidence of the intent below which the engine abstains. DIET states its softmax, which is not
calibrated: docs/operations.md says how this was chosen."""

LENGTH_LIMIT = 4_000
"""Characters sent; the beginning of an over-long letter decides."""

_SURROGATE = re.compile("[\ud800-\udfff]")
_MODEL_SUFFIX = ".tar.gz"


class RasaEngine:
    """An interpreter over a Rasa server; raises RasaUnavailable when it does not answer."""

    def __init__(self, client: RasaClient, answer: float = ANSWER) -> None:
        self._client = client
        self._reader = ReplyReader(load_taxonomy(), answer)
        self._version: str | None = None

    def understand(self, text: str, now: datetime) -> Understanding:
        """What a message means; `now` is not used, Rasa knows no times."""
        try:
            version = self._version or self._ask_version()
            if not any(char.isalnum() for char in text):
                return _nothing_said(text, version)
            heard = self._reader.read(self._client.parse(sendable(text)), text, version)
        except RasaUnavailable:
            self._version = None  # it may come back with another model
            raise
        self._version = version
        return heard

    def _ask_version(self) -> str:
        file = self._client.status().get("model_file")
        if not isinstance(file, str):
            raise RasaUnavailable("no model loaded")
        return PurePath(file).name.removesuffix(_MODEL_SUFFIX)


def sendable(text: str) -> str:
    """The text as Rasa may get it, every character in its place.

    A leading slash is a command to Rasa: `/report` would be believed to be a report. The full-width
    one means the same to people and nothing to Rasa. Halves of characters cannot be encoded.
    """
    whole = _SURROGATE.sub("\ufffd", text[:LENGTH_LIMIT])
    start = len(whole) - len(whole.lstrip())
    if whole.startswith("/", start):
        return f"{whole[:start]}／{whole[start + 1 :]}"
    return whole


def _nothing_said(text: str, version: str) -> Understanding:
    intent = "smalltalk" if text.strip() else "out_of_scope"
    return Understanding(
        intent, confidence=0.0, abstained=True, engine=ENGINE, model_version=version
    )


@dataclass(frozen=True, slots=True)
class ReplyReader:
    """Reads replies of `/model/parse`; labels have to be those of the taxonomy."""

    taxonomy: Taxonomy
    answer: float

    def read(self, reply: Mapping[str, Any], text: str, version: str) -> Understanding:
        """The reply to `text` as an Understanding. Raises RasaUnavailable for any other reply."""
        try:
            return self._read(reply, text, version)
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise RasaUnavailable(f"unreadable reply: {type(error).__name__}") from error

    def _read(self, reply: Mapping[str, Any], text: str, version: str) -> Understanding:
        tasks = reply["tasks"]
        intent, confidence = self._label("intent", reply["intent"])
        severity, severity_chance = self._label("severity", tasks["severity"])
        optional = {task: self._optional(task, tasks[task]) for task in OPTIONAL_TASKS}
        return Understanding(
            intent=intent,
            severity=severity,
            stage=optional["stage"][0],
            venue=optional["venue"][0],
            product=optional["product"][0],
            hazards=tuple(self._label("hazard", one)[0] for one in tasks["hazards"]),
            entities=tuple(self._entity(one, text) for one in reply["entities"]),
            confidence=confidence,
            abstained=confidence < self.answer,
            engine=ENGINE,
            model_version=version,
            probabilities={
                "intent": confidence,
                "severity": severity_chance,
                **{task: chance for task, (_, chance) in optional.items()},
            },
        )

    def _label(self, task: str, answer: Mapping[str, Any]) -> tuple[str, float]:
        label, chance = answer["name"], float(answer["confidence"])
        if not self.taxonomy.has(task, label) or not 0 <= chance <= 1:
            raise ValueError(f"{task}: no such answer")
        return str(label), chance

    def _optional(self, task: str, answer: Mapping[str, Any]) -> tuple[str | None, float]:
        if answer["name"] is None:
            return None, float(answer["confidence"])
        return self._label(task, answer)

    def _entity(self, found: Mapping[str, Any], text: str) -> Entity:
        kind, start, end = found["entity"], int(found["start"]), int(found["end"])
        if not self.taxonomy.has("entity", kind) or not 0 <= start < end <= len(text):
            raise ValueError("no such entity")
        return Entity(kind, text[start:end], start, end)
