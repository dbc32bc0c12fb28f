"""The label set of the project: what a message may be said to mean.

Read from `taxonomy.yml`, the copy of the domain's label list. A label carries its Chinese
definition, which consoles and reports may show.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from importlib import resources
from types import MappingProxyType
from typing import Any

import yaml

NONE = "none"
"""Stands for "no label" where a single-label task may have none."""

OPTIONAL_TASKS = ("stage", "venue", "product")
SINGLE_TASKS = ("intent", "severity", *OPTIONAL_TASKS)
TASKS = (*SINGLE_TASKS, "hazard")


@dataclass(frozen=True, slots=True)
class Taxonomy:
    """Allowed labels by task, in file order, each with its Chinese definition ('' if none)."""

    labels: Mapping[str, Mapping[str, str]]
    schema_version: int

    def of(self, task: str) -> tuple[str, ...]:
        """Labels of a task (`intent`, `severity`, ..., `hazard`, `entity`).

        Raises KeyError for an unknown task.
        """
        return tuple(self.labels[task])

    def has(self, task: str, label: str) -> bool:
        """Whether a label belongs to a task."""
        return label in self.labels[task]


def load_taxonomy() -> Taxonomy:
    """Read the packaged label list."""
    text = resources.files("nlu").joinpath("taxonomy.yml").read_text(encoding="utf-8")
    return _taxonomy_of(yaml.safe_load(text))


def _taxonomy_of(data: dict[str, Any]) -> Taxonomy:
    version = int(data.pop("schema_version"))
    labels = {task: MappingProxyType(_definitions(raw)) for task, raw in data.items()}
    return Taxonomy(MappingProxyType(labels), version)


def _definitions(raw: list[str] | dict[str, str]) -> dict[str, str]:
    if isinstance(raw, list):
        return dict.fromkeys(raw, "")
    return {str(label): str(meaning) for label, meaning in raw.items()}
