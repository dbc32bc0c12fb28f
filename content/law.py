"""Deadlines, grounds and remedies of the law in force, as dated data: content/law.yml."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from content.errors import ContentError, Problem
from content.schema import Name, Row, form_problems
from content.source import LINE, line_of, read_yaml

SETS = ("kinds", "starts_on", "stops_on", "supersedes", "approvers")


class NoClockRule(LookupError):
    """No clock of that name is in force on that day."""


@dataclass(frozen=True, slots=True)
class ClockRule:
    """One deadline as long as it is in force. `days` None: set by a supervisor.

    `unit` is working or calendar; `binds` law or target; `starts_on`, `stops_on` are types of
    timeline entries; `extends` names the clock this is an extension of, for `approvers` (roles).
    """

    id: str
    name: str
    law: str
    article: str
    days: int | None
    unit: str
    binds: str
    kinds: frozenset[str]
    starts_on: frozenset[str]
    stops_on: frozenset[str]
    pausable: bool
    supersedes: frozenset[str]
    extends: str | None
    approvers: frozenset[str]
    effective_from: date
    effective_to: date | None
    grade: str

    def in_force(self, on: date) -> bool:
        """Whether the row holds on a day."""
        return self.effective_from <= on and (self.effective_to is None or on <= self.effective_to)


@dataclass(frozen=True, slots=True)
class Ground:
    """One of the grounds on which the law lets a complaint be declined or a mediation end."""

    number: int
    text: str
    article: str


@dataclass(frozen=True)
class Law:
    """Every clock and ground; rows of one clock follow each other in time."""

    rules: tuple[ClockRule, ...]
    declining: tuple[Ground, ...]
    terminating: tuple[Ground, ...]
    remedies: str

    def clock(self, name: str, on: date) -> ClockRule:
        """The row of a clock in force on a day. Raises NoClockRule."""
        for rule in self.rules:
            if rule.id == name and rule.in_force(on):
                return rule
        raise NoClockRule(f"{name} on {on}")

    def clocks(self, on: date) -> tuple[ClockRule, ...]:
        """Every row in force on a day."""
        return tuple(rule for rule in self.rules if rule.in_force(on))

    def names(self) -> tuple[str, ...]:
        """The names of all clocks, in the order of the file."""
        return tuple(dict.fromkeys(rule.id for rule in self.rules))


def load_law(folder: Path) -> Law:
    """The law of `folder`/law.yml; raises ContentError with every problem found."""
    path = folder / "law.yml"
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, LawFile)) or list(_problems(path, raw))
    if problems:
        raise ContentError(problems)
    return _build(raw)


class _LawText(Row):
    title: str = Name
    number: str = Name
    from_: date = Field(alias="from")


class _Clock(Row):
    id: str = Name
    name: str = Name
    law: str = Name
    article: str = Name
    days: int | None = Field(gt=0)
    unit: Literal["working", "calendar"]
    binds: Literal["law", "target"]
    kinds: list[str] = Field(min_length=1)
    starts_on: list[str]
    stops_on: list[str]
    pausable: bool
    supersedes: list[str] = Field(default=[])
    extends: str | None
    approvers: list[Literal["unit_head", "supervisor"]]
    effective_from: date
    effective_to: date | None
    grade: Literal["A", "B"]


class _Ground(Row):
    number: int
    text: str = Name


class LawFile(Row):
    """content/law.yml."""

    schema_version: Literal[1]
    laws: dict[str, _LawText | int]
    clocks: list[_Clock] = Field(min_length=1)
    declining: list[_Ground]
    terminating: list[_Ground]
    remedies: str = Name


def _build(raw: dict[str, Any]) -> Law:
    laws = {key: _cited(text) for key, text in raw["laws"].items() if key != LINE}
    return Law(
        tuple(_rule(row, laws) for row in raw["clocks"]),
        tuple(Ground(g["number"], g["text"], "第16条") for g in raw["declining"]),
        tuple(Ground(g["number"], g["text"], "第23条") for g in raw["terminating"]),
        raw["remedies"],
    )


def _cited(text: dict[str, Any]) -> str:
    if "内部" in text["number"]:
        return f"{text['title']}（{text['number']}）"
    return f"《{text['title']}》（{text['number']}，{text['from']}起施行）"


def _rule(row: dict[str, Any], laws: dict[str, str]) -> ClockRule:
    fields: dict[str, Any] = {key: row[key] for key in row if key != LINE}
    sets = {key: frozenset(row.get(key, ())) for key in SETS}
    return ClockRule(**{**fields, **sets, "law": laws[row["law"]]})


def _problems(path: Path, raw: dict[str, Any]) -> Iterator[Problem]:
    known = {row["id"] for row in raw["clocks"]}
    for row in raw["clocks"]:
        line, name = line_of(row), row["id"]
        if row["law"] not in raw["laws"]:
            yield Problem(path, line, f"{name}: law {row['law']!r}", "name one of `laws`")
        if row["extends"] is not None and row["extends"] not in known:
            yield Problem(path, line, f"{name} extends {row['extends']!r}", "name a clock")
        if row["extends"] is not None and not row["approvers"]:
            yield Problem(path, line, f"{name}: nobody may approve it", "name approvers")
        if row["extends"] is None and row["days"] is None:
            yield Problem(
                path, line, f"{name} has no length", "give days; only extensions go without"
            )
        if row["effective_to"] is not None and row["effective_to"] < row["effective_from"]:
            yield Problem(path, line, f"{name} ends before it begins", "mend effective_to")
    for name in sorted(known):
        yield from _gaps(path, [row for row in raw["clocks"] if row["id"] == name])
    for listed in ("declining", "terminating"):
        yield from _numbering(path, listed, raw[listed])


def _numbering(path: Path, listed: str, grounds: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    """Written notices cite a ground by its number in the article."""
    for expected, ground in enumerate(grounds, 1):
        if ground["number"] != expected:
            what = f"{listed}: number {ground['number']} stands in place {expected}"
            yield Problem(path, line_of(ground), what, "number them as the article does")


def _gaps(path: Path, rows: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    """Rows of one clock follow each other: no day with none, none with two."""
    ordered = sorted(rows, key=lambda row: row["effective_from"])
    for before, after in pairwise(ordered):
        end, line = before["effective_to"], line_of(after)
        if end is None or end >= after["effective_from"]:
            what = f"{after['id']}: two rows hold on {after['effective_from']}"
            yield Problem(path, line, what, "end the earlier row the day before")
        elif end + timedelta(days=1) < after["effective_from"]:
            what = f"{after['id']}: no row holds from {end + timedelta(days=1)}"
            yield Problem(path, line, what, "let the rows follow each other without a gap")
