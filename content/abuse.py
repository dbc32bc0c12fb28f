"""Words that no public nickname may hold, and which characters count as the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from content.errors import ContentError, Problem
from content.schema import Row, form_problems
from content.source import LINE, read_yaml


@dataclass(frozen=True)
class AbuseWords:
    """Words by what is wrong with them (insults, contact, office); `alike` maps look-alikes."""

    words: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    alike: Mapping[str, str] = field(default_factory=dict)


class _AbuseFile(Row):
    schema_version: Literal[1]
    insults: list[str]
    contact: list[str]
    office: list[str]
    alike: dict[str, str | int]


KINDS = ("insults", "contact", "office")


def load_abuse(folder: Path) -> AbuseWords:
    """The words of `folder`/abuse.yml; raises ContentError naming file, line and remedy."""
    path = folder / "abuse.yml"
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, _AbuseFile))
    if problems:
        raise ContentError(problems)
    alike = {key: str(value) for key, value in raw["alike"].items() if key != LINE}
    problems = [
        Problem(path, 1, f"alike {key!r}: {value!r}", "one character each")
        for key, value in alike.items()
        if len(key) != 1 or len(value) != 1
    ]
    problems += [
        Problem(path, 1, f"{kind}: an empty word", "remove it")
        for kind in KINDS
        if any(not word.strip() for word in raw[kind])
    ]
    if problems:
        raise ContentError(problems)
    return AbuseWords({kind: tuple(raw[kind]) for kind in KINDS}, alike)
