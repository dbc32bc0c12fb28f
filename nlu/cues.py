"""Turns of phrase the classifier may learn from, as named regular expressions."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

import yaml

Hit = tuple[str, int, int]


@dataclass(frozen=True, slots=True)
class Cues:
    """Named patterns over folded text."""

    patterns: Mapping[str, re.Pattern[str]]

    def hits(self, text: str) -> Iterator[Hit]:
        """Every match of every cue, with its span."""
        for name, pattern in self.patterns.items():
            for match in pattern.finditer(text):
                if match.end() > match.start():
                    yield name, match.start(), match.end()


def load_cues() -> Cues:
    """Read the packaged `cues.yml`."""
    text = resources.files("nlu").joinpath("cues.yml").read_text(encoding="utf-8")
    table: dict[str, str] = yaml.safe_load(text)
    return Cues({name: re.compile(pattern) for name, pattern in table.items()})
