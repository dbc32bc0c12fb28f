"""What the office offers after a matter is filed: how long and how often it is done again."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.errors import ContentError, Problem
from content.source import LINE, read_yaml

SCHEMA_VERSION = 1


@dataclass(frozen=True)
class ServiceRules:
    """Limits in calendar days (`reopen_days`, `review_remind_days`) and times (`reopen_limit`)."""

    reopen_days: int = 15
    reopen_limit: int = 2
    review_remind_days: int = 3


BOUNDS = {"reopen_days": (1, 365), "reopen_limit": (0, 20), "review_remind_days": (1, 60)}


def load_service(folder: Path) -> ServiceRules:
    """The rules of `folder`/service.yml; raises ContentError for one missing, unknown or senseless."""
    path = folder / "service.yml"
    raw = read_yaml(path)
    given = {key: value for key, value in raw.items() if key not in (LINE, "schema_version")}
    problems = [*_version(path, raw), *_names(path, given), *_values(path, given)]
    if problems:
        raise ContentError(problems)
    rules = ServiceRules(**given)
    if rules.review_remind_days >= rules.reopen_days:
        what = "the reminder comes when a matter can no longer be reopened"
        raise ContentError(
            [Problem(path, 1, what, "make review_remind_days less than reopen_days")]
        )
    return rules


def _version(path: Path, raw: dict[str, Any]) -> list[Problem]:
    if raw.get("schema_version") == SCHEMA_VERSION:
        return []
    return [Problem(path, 1, "unknown schema_version", f"write schema_version: {SCHEMA_VERSION}")]


def _names(path: Path, given: dict[str, Any]) -> list[Problem]:
    missing = [(name, "is missing", "add it") for name in BOUNDS if name not in given]
    unknown = [(name, "is no rule", "remove it") for name in given if name not in BOUNDS]
    return [Problem(path, 1, f"{name} {what}", todo) for name, what, todo in [*missing, *unknown]]


def _values(path: Path, given: dict[str, Any]) -> list[Problem]:
    return [
        Problem(
            path, _line(path, name), f"{name}: {given[name]!r}", f"a number from {low} to {high}"
        )
        for name, (low, high) in BOUNDS.items()
        if name in given and not _within(given[name], low, high)
    ]


def _within(value: object, low: int, high: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _line(path: Path, name: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    return next((n for n, line in enumerate(lines, 1) if line.startswith(f"{name}:")), 1)
