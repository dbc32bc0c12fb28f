"""Training and test sentences in Rasa's NLU 3.1 YAML, read into labelled examples."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from nlu.taxonomy import NONE, OPTIONAL_TASKS, Taxonomy
from nlu.understanding import Entity

_MARK = re.compile(r"\[(?P<text>[^\[\]]+)\]\((?P<type>[A-Za-z_]+)\)")
_LEFTOVER = re.compile(r"\]\(|\]\{")
_METADATA = frozenset({"severity", "stage", "venue", "product", "hazards", "voice"})


class TrainingDataError(ValueError):
    """A training file says something that cannot be learned from; names file and line."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message: text without markup, entities with offsets, labels of all tasks."""

    text: str
    intent: str
    severity: str
    stage: str | None
    venue: str | None
    product: str | None
    hazards: tuple[str, ...]
    voice: str
    entities: tuple[Entity, ...]
    source: str

    def label(self, task: str) -> str:
        """Label of a single-label task, `none` where it has none."""
        value: str | None = getattr(self, task)
        return NONE if value is None else value


def load_examples(paths: Sequence[Path], taxonomy: Taxonomy) -> list[Example]:
    """Read files, in the order given.

    Raises TrainingDataError for markup or labels that are wrong, OSError for unreadable files.
    """
    return [example for path in paths for example in _Reader(path, taxonomy).examples()]


def training_files(directory: Path) -> list[Path]:
    """The training files of a directory, by name."""
    return sorted([*directory.glob("*.yml"), *directory.glob("*.yaml")])


def parse_markup(marked: str) -> tuple[str, tuple[Entity, ...]]:
    """Take the `[span](entity)` markup out of a sentence.

    Raises ValueError for markup that is not of this form.
    """
    pieces: list[str] = []
    entities: list[Entity] = []
    position = length = 0
    for match in _MARK.finditer(marked):
        before = marked[position : match.start()]
        start = length + len(before)
        length = start + len(match["text"])
        pieces += [before, match["text"]]
        entities.append(Entity(match["type"], match["text"], start, length))
        position = match.end()
    text = "".join([*pieces, marked[position:]])
    if _LEFTOVER.search(text):
        raise ValueError(f"bad markup in {text!r}")
    return text, tuple(entities)


class _Reader:
    """Walks the YAML nodes of one file, which know their lines."""

    def __init__(self, path: Path, taxonomy: Taxonomy) -> None:
        self._path = path
        self._taxonomy = taxonomy

    def examples(self) -> Iterator[Example]:
        for block in self._blocks():
            intent = self._scalar(block, "intent")
            self._check("intent", intent.value, intent)
            for node in self._sequence(block, "examples"):
                yield self._example(intent.value, node)

    def _blocks(self) -> Iterator[yaml.Node]:
        try:
            root = yaml.compose(self._path.read_text(encoding="utf-8"), Loader=yaml.CSafeLoader)
        except yaml.YAMLError as error:
            raise TrainingDataError(f"{self._path.name}: {error}") from error
        if root is None:
            raise TrainingDataError(f"{self._path.name}: the file is empty")
        yield from self._sequence(root, "nlu")

    def _example(self, intent: str, node: yaml.Node) -> Example:
        text_node = self._scalar(node, "text")
        text, entities = self._parsed(text_node)
        for entity in entities:
            self._check("entity", entity.type, text_node)
        labels = self._metadata(node)
        return Example(
            text=text,
            intent=intent,
            entities=entities,
            source=f"{self._path.name}:{node.start_mark.line + 1}",
            **labels,
        )

    def _parsed(self, node: yaml.ScalarNode) -> tuple[str, tuple[Entity, ...]]:
        try:
            text, entities = parse_markup(str(node.value).strip())
        except ValueError as error:
            raise self._error(node, str(error)) from error
        if not text:
            raise self._error(node, "empty text")
        return text, entities

    def _metadata(self, node: yaml.Node) -> dict[str, Any]:
        found = self._value(node, "metadata")
        raw = _plain(found) if found is not None else {}
        if not isinstance(raw, dict) or set(raw) - _METADATA:
            raise self._error(node, f"metadata must be a mapping of {sorted(_METADATA)}")
        labels = {task: raw.get(task) for task in OPTIONAL_TASKS}
        hazards = raw.get("hazards") or []
        severity = raw.get("severity", "normal")
        for task, label in [("severity", severity), *labels.items()]:
            if label is not None:
                self._check(task, label, node)
        for hazard in hazards:
            self._check("hazard", hazard, node)
        voice = raw.get("voice", "plain")
        return {**labels, "severity": severity, "hazards": tuple(hazards), "voice": voice}

    def _check(self, task: str, label: str, node: yaml.Node) -> None:
        if not self._taxonomy.has(task, label):
            raise self._error(node, f"unknown {task} {label!r}")

    def _sequence(self, node: yaml.Node, key: str) -> list[yaml.Node]:
        value = self._value(node, key)
        if not isinstance(value, yaml.SequenceNode):
            raise self._error(node, f"`{key}` must be a list")
        return list(value.value)

    def _scalar(self, node: yaml.Node, key: str) -> yaml.ScalarNode:
        value = self._value(node, key)
        if not isinstance(value, yaml.ScalarNode):
            raise self._error(node, f"`{key}` must be a text")
        return value

    def _value(self, node: yaml.Node, key: str) -> yaml.Node | None:
        if not isinstance(node, yaml.MappingNode):
            raise self._error(node, "expected a mapping")
        return next((value for name, value in node.value if name.value == key), None)

    def _error(self, node: yaml.Node, message: str) -> TrainingDataError:
        sentence = str(getattr(node, "value", ""))[:40] if isinstance(node, yaml.ScalarNode) else ""
        where = f"{self._path.name}:{node.start_mark.line + 1}"
        return TrainingDataError(f"{where}: {message}" + (f" in {sentence!r}" if sentence else ""))


def _plain(node: yaml.Node) -> Any:
    """The plain value of a metadata node: mappings, lists and texts only."""
    if isinstance(node, yaml.MappingNode):
        return {name.value: _plain(value) for name, value in node.value}
    if isinstance(node, yaml.SequenceNode):
        return [_plain(item) for item in node.value]
    is_null = node.tag == "tag:yaml.org,2002:null"
    return None if is_null else node.value
