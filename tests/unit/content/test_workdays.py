"""The announced year 2026 as a whole; tables of other years are tested with the law they serve (test_law.py)."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest

from content.errors import ContentError
from content.workdays import Workdays, load_workdays

DAYS = load_workdays(Path("content"))
OFF = {  # 国务院办公厅: first and last day of each holiday
    "元旦": ("01-01", "01-03"),
    "春节": ("02-15", "02-23"),
    "清明": ("04-04", "04-06"),
    "五一": ("05-01", "05-05"),
    "端午": ("06-19", "06-21"),
    "中秋": ("09-25", "09-27"),
    "国庆": ("10-01", "10-07"),
}
MADE_UP = ["01-04", "02-14", "02-28", "05-09", "09-20", "10-10"]
ALL = [date(2026, 1, 1) + timedelta(days=n) for n in range(365)]


def day(text: str) -> date:
    return date.fromisoformat(f"2026-{text}")


@pytest.mark.parametrize(("first", "last"), OFF.values(), ids=OFF)
def test_a_holiday_is_off_from_its_first_to_its_last_day(first: str, last: str) -> None:
    assert not any(DAYS.is_working(d) for d in ALL if day(first) <= d <= day(last))


def test_the_weekend_days_that_are_worked_are_those_announced() -> None:
    assert [d for d in ALL if d.isoweekday() > 5 and DAYS.is_working(d)] == [*map(day, MADE_UP)]


def test_the_year_has_248_working_days() -> None:
    """261 weekdays, 19 of them holidays, 6 made up."""
    assert sum(DAYS.is_working(d) for d in ALL) == 248


def test_an_override_replaces_a_year_and_no_other(tmp_path: Path) -> None:
    text = "schema_version: 1\nyear: 2026\nholidays: [2026-03-03]\nworkdays: [2026-03-01]\n"
    (tmp_path / "workdays").mkdir()
    (tmp_path / "workdays" / "2026.yml").write_text(text, encoding="utf-8")
    days = load_workdays(tmp_path)
    assert [d for d in ALL if d.isoweekday() < 6 and not days.is_working(d)] == [day("03-03")]
    assert [d for d in ALL if d.isoweekday() > 5 and days.is_working(d)] == [day("03-01")]
    assert days.years[2025] == DAYS.years[2025]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("- 2027\n", 1),
        ("schema_version: 1\nyear: 2027\nholidays: [2027-01-01\n", 4),
        ("schema_version: 1\nyear: 2027\nholidays: [2027-01-01]\n", 1),
        ("schema_version: 1\nyear: '2027'\nholidays: [2027-01-01]\nworkdays: []\n", 1),
        ("schema_version: 1\nyear: 2027\nholidays: ['2027-01-01']\nworkdays: []\n", 1),
        ("schema_version: 1\nyear: 2027\nholidays: [2027-01-01]\nworkdays: []\nextra: 1\n", 1),
    ],
)
def test_a_bad_table_is_refused_with_file_line_and_remedy(
    tmp_path: Path, text: str, line: int
) -> None:
    (tmp_path / "workdays").mkdir()
    (tmp_path / "workdays" / "2027.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_workdays(tmp_path)
    problem = error.value.problems[0]
    assert (problem.file.name, problem.line) == ("2027.yml", line)
    assert problem.remedy


def test_no_table_at_all_leaves_weekdays() -> None:
    assert [Workdays().is_working(day(f"10-0{n}")) for n in (1, 2, 3, 4, 5)] == [
        True,
        True,
        False,
        False,
        True,
    ]
