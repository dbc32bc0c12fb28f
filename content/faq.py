"""Reviewed answers to common questions of procedure, found by the words that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from content.errors import ContentError, Problem
from content.source import line_of, read_yaml


@dataclass(frozen=True)
class Faq:
    """Patterns in order; the first that fits names the phrase `faq.<name>`."""

    patterns: tuple[tuple[str, re.Pattern[str]], ...]

    def find(self, text: str) -> str | None:
        """The name of the answer, or None when nobody wrote one."""
        return next((name for name, pattern in self.patterns if pattern.search(text)), None)


def load_faq(folder: Path) -> Faq:
    """The patterns of `folder`/faq.yml; raises ContentError naming the line of a bad one."""
    path = folder / "faq.yml"
    rows = []
    for entry in read_yaml(path)["answers"]:
        try:
            rows.append((entry["name"], re.compile(entry["about"])))
        except (re.error, KeyError) as error:
            problem = Problem(path, line_of(entry), f"bad entry ({error})", "give name and about")
            raise ContentError([problem]) from error
    return Faq(tuple(rows))
