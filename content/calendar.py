"""Awareness days: fixed dates by rule, moving ones by the year as a publicist entered it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from content.errors import ContentError, Problem
from content.schema import Name, Row, form_problems
from content.source import LINE, line_of, read_yaml

WEEK = 7
_LEAP = 2000  # so that 29 February is a day


@dataclass(frozen=True)
class Span:
    """The days of one occurrence, both ends included. `to` is None where only the start is known.

    `claims` says whether more than date and name may be told: days of grade C are dates and names
    only until somebody reviewed their source.
    """

    name: str
    start: date
    to: date | None
    theme: str | None
    claims: bool

    def holds(self, day: date) -> bool:
        """Whether it is going on; one of unknown length goes on for its first day only."""
        return self.start <= day <= (self.to or self.start)


@dataclass(frozen=True)
class Day:
    """A named occasion; gives its span for a year, or None where nobody knows it yet."""

    id: str
    name: str
    moving: bool
    sets: tuple[str, ...]
    claims: bool
    month: int = 0
    day: int | None = None
    week: int | None = None
    years: tuple[tuple[int, Span], ...] = ()

    def span(self, year: int) -> Span | None:
        """When it is in `year`; an unknown year stays unknown (law.md §9: the week moves)."""
        if self.moving:
            return dict(self.years).get(year)
        if self.day is not None:
            start = date(year, self.month, self.day)
            return Span(self.name, start, start, None, self.claims)
        start = _sunday_of(year, self.month, self.week or 1)
        return Span(self.name, start, start + timedelta(days=WEEK - 1), None, self.claims)

    def in_year(self, year: int, span: Span) -> Day:
        """The same occasion with its dates in `year` put in or replaced."""
        return replace(self, years=(*((y, s) for y, s in self.years if y != year), (year, span)))


@dataclass(frozen=True)
class Calendar:
    """All occasions of a jurisdiction."""

    days: tuple[Day, ...]

    def on(self, day: date) -> list[tuple[Day, Span]]:
        """What is going on that day."""
        known = [(occasion, occasion.span(day.year)) for occasion in self.days]
        return [(occasion, span) for occasion, span in known if span and span.holds(day)]

    def unknown(self, year: int) -> list[Day]:
        """Moving occasions that nobody has entered for that year."""
        return [occasion for occasion in self.days if occasion.span(year) is None]


class _Rule(Row):
    month: int = Field(ge=1, le=12)
    day: int | None = Field(default=None, ge=1, le=31)
    week: int | None = Field(default=None, ge=1, le=4)

    @model_validator(mode="after")
    def _a_day_or_a_week(self) -> Self:
        if (self.day is None) == (self.week is None):
            raise ValueError("give either a day or a week")
        if self.day is not None:
            date(_LEAP, self.month, self.day)
        return self


class _Year(Row):
    start: date = Field(alias="from")
    to: date | None
    theme: str | None
    grade: Literal["A", "B", "C", "C-"]


class _Day(Row):
    id: str = Name
    name: str = Name
    rule: _Rule | None = None
    moving: bool = False
    grade: Literal["A", "B", "C", "U"] | None = None
    years: dict[int | str, _Year | int] = Field(default={})
    sets: list[str]


class _CalendarFile(Row):
    schema_version: Literal[1]
    days: list[_Day] = Field(min_length=1)


def load_calendar(folder: Path) -> Calendar:
    """The occasions of `folder`/calendar.yml; raises ContentError naming line and remedy."""
    path = folder / "calendar.yml"
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, _CalendarFile)) or list(_senseless(path, raw))
    if problems:
        raise ContentError(problems)
    return Calendar(tuple(_day(row) for row in raw["days"]))


def _senseless(path: Path, raw: dict[str, Any]) -> Iterator[Problem]:
    """Rows of the right form that say nothing, the same twice, or a year's dates in another year."""
    seen: set[str] = set()
    for row in raw["days"]:
        line, name = line_of(row), row["id"]
        if name in seen:
            yield Problem(path, line, f"{name} stands twice", "remove one")
        seen.add(name)
        if bool(row.get("rule")) == bool(row.get("moving")):
            what = f"{name}: neither fixed nor moving, or both"
            yield Problem(path, line, what, "give a rule, or moving: true and its years")
        for year, entry in _years(row):
            end = entry["to"] or entry["from"]
            if entry["from"].year != year or end < entry["from"]:
                what = f"{name}: the dates of {year} are not in that year or end before they start"
                yield Problem(path, line_of(entry), what, "mend from and to")


def _years(row: dict[str, Any]) -> list[tuple[int, dict[str, Any]]]:
    return [(int(y), entry) for y, entry in row.get("years", {}).items() if y != LINE]


def _day(row: dict[str, Any]) -> Day:
    rule = row.get("rule") or {}
    spans = [
        (year, Span(row["name"], e["from"], e["to"], e["theme"], _may_claim(e["grade"])))
        for year, e in _years(row)
    ]
    return Day(
        id=row["id"],
        name=row["name"],
        moving=bool(row.get("moving")),
        sets=tuple(row["sets"]),
        claims=_may_claim(row.get("grade")),
        month=rule.get("month", 0),
        day=rule.get("day"),
        week=rule.get("week"),
        years=tuple(spans),
    )


def _may_claim(grade: str | None) -> bool:
    return grade in ("A", "B")


def _sunday_of(year: int, month: int, week: int) -> date:
    """The Sunday that begins the month's `week`-th week; the first week is the one with the 1st.

    So counted, 全民营养周 (third week of May) fell as announced in 2019, 2022 and 2023 (law.md §9).
    """
    first = date(year, month, 1)
    since_sunday = (first.weekday() + 1) % WEEK
    return first + timedelta(days=(week - 1) * WEEK - since_sunday)
