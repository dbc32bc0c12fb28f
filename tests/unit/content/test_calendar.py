"""Awareness days: what is fixed, what moves, and what nobody knows."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from content.calendar import load_calendar
from content.errors import ContentError

CONTENT = Path("content")
GOOD = """schema_version: 1
days:
- id: a
  name: 甲
  rule: {month: 6, day: 7}
  sets: []
"""


def span(day: str, year: int) -> tuple[date, date | None] | None:
    found = {d.id: d for d in load_calendar(CONTENT).days}[day].span(year)
    return (found.start, found.to) if found else None


@pytest.mark.parametrize(
    ("year", "first", "last"), [(2019, 12, 18), (2022, 15, 21), (2023, 14, 20)]
)
def test_the_nutrition_week_is_the_third_of_may(year: int, first: int, last: int) -> None:
    assert span("national-nutrition-week", year) == (date(year, 5, first), date(year, 5, last))


def test_the_food_safety_week_is_known_by_the_year_or_not_at_all() -> None:
    assert span("food-safety-week", 2025) == (date(2025, 9, 11), None)
    assert span("food-safety-week", 2020) is None
    assert "food-safety-week" in {day.id for day in load_calendar(CONTENT).unknown(2027)}


def test_a_day_finds_what_is_going_on_and_says_no_more_than_its_grade() -> None:
    [(occasion, found)] = load_calendar(CONTENT).on(date(2026, 6, 7))
    assert (occasion.id, found.claims, found.theme) == ("world-food-safety-day", False, None)
    assert load_calendar(CONTENT).on(date(2026, 2, 11)) == []
    assert [day.id for day, _ in load_calendar(CONTENT).on(date(2030, 3, 31))] == ["march-31"]


def test_one_of_unknown_length_goes_on_for_its_first_day() -> None:
    calendar = load_calendar(CONTENT)
    assert calendar.on(date(2025, 9, 11)) and not calendar.on(date(2025, 9, 12))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("{month: 6, day: 7}", "{month: 2, day: 30}", "day is out of range"),
        ("{month: 6, day: 7}", "{month: 6}", "either a day or a week"),
        ("{month: 6, day: 7}", "{month: 6, day: 7}\n  moving: true", "neither fixed nor moving"),
        (
            "rule: {month: 6, day: 7}",
            "moving: true\n  years: {2025: {from: 2026-01-01, to: null, theme: null, grade: C}}",
            "dates of 2025",
        ),
        (
            "  sets: []\n",
            "  sets: []\n- {id: a, name: 乙, rule: {month: 1, day: 1}, sets: []}\n",
            "twice",
        ),
    ],
)
def test_what_makes_no_sense_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    (tmp_path / "calendar.yml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=told) as caught:
        load_calendar(tmp_path)
    assert caught.value.problems[0].line > 2
