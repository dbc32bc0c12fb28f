"""Which days offices work in China: public holidays and make-up days, year by year.

The package chinesecalendar knows the years the State Council has announced; a file
`workdays/<year>.yml` (holidays, workdays) in the content folder adds a year or overrides one.
Beyond that Monday to Friday count, and what is computed so is provisional.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from content.errors import ContentError, Problem
from content.schema import Row, form_problems
from content.source import line_of, read_yaml

SATURDAY = 5


@dataclass(frozen=True)
class Year:
    """One year's table: days off that are weekdays, and weekend days that are worked."""

    holidays: frozenset[date]
    workdays: frozenset[date]


@dataclass(frozen=True)
class Workdays:
    """The tables of all years known."""

    years: Mapping[int, Year] = field(default_factory=dict)

    def known(self, year: int) -> bool:
        """Whether the holidays of a year have been announced to us."""
        return year in self.years

    def is_working(self, day: date) -> bool:
        """Whether offices work on a day."""
        year = self.years.get(day.year)
        if year is not None and day in year.workdays:
            return True
        off = day.weekday() >= SATURDAY or (year is not None and day in year.holidays)
        return not off


def load_workdays(folder: Path) -> Workdays:
    """The tables of the package, with those of `folder`/workdays over them. Raises ContentError."""
    years = _packaged()
    for path in sorted((folder / "workdays").glob("*.yml")):
        year, table = _read(path)
        years[year] = table
    return Workdays(years)


def _packaged() -> dict[int, Year]:
    from chinese_calendar import constants

    found = {day.year for day in constants.holidays}
    return {
        year: Year(
            frozenset(day for day in constants.holidays if day.year == year),
            frozenset(day for day in constants.workdays if day.year == year),
        )
        for year in found
    }


class WorkdaysFile(Row):
    """content/workdays/<year>.yml."""

    schema_version: Literal[1]
    year: int
    holidays: list[date] = Field(min_length=1)
    workdays: list[date]


def _read(path: Path) -> tuple[int, Year]:
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, WorkdaysFile)) or list(_problems(path, raw))
    if problems:
        raise ContentError(problems)
    return raw["year"], Year(frozenset(raw["holidays"]), frozenset(raw["workdays"]))


def _problems(path: Path, raw: dict[str, Any]) -> Iterator[Problem]:
    line = line_of(raw)
    if path.stem != str(raw["year"]):
        yield Problem(path, line, f"year {raw['year']} in {path.name}", "name the file by its year")
    for day in {*raw["holidays"], *raw["workdays"]}:
        if day.year != raw["year"]:
            yield Problem(path, line, f"{day} is not in {raw['year']}", "move it to its own file")
    for day in sorted({*raw["holidays"]} & {*raw["workdays"]}):
        yield Problem(path, line, f"{day} is both", "keep it in one list")
    for day in raw["workdays"]:
        if day.weekday() < SATURDAY:
            yield Problem(path, line, f"make-up day {day} is no weekend", "leave it out")
