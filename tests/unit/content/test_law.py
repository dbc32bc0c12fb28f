"""content/law.yml and the tables of working days: what is shipped, and how mistakes are named."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from content.errors import ContentError
from content.law import Law, NoClockRule, load_law
from content.workdays import Workdays, load_workdays
from handlers.tickets.moves import MOVES

LAW = load_law(Path("content"))
TODAY = date(2026, 11, 24)
NOTES = {
    "received",
    "new_facts",
    "notified",
    "reply",
    "question",
    "incident_reply",
}  # entries that are no states
PERIODS = {
    "complaint.accept": (7, "working"),
    "complaint.mediate": (60, "calendar"),
    "complaint.notify_end": (7, "working"),
    "report.verify": (15, "working"),
    "report.verify_extended": (15, "working"),
    "report.reassess": (15, "working"),
    "case.decide": (90, "calendar"),
    "case.decide_extended": (30, "calendar"),
    "case.decide_collective": (None, "calendar"),
    "dispute.settle": (7, "working"),
}
ROW = """\
  - {id: x.do, name: 试, law: a, article: 第1条, days: %(days)s, unit: working, binds: law,
     kinds: [complaint], starts_on: [received], stops_on: [accepted], pausable: false,
     extends: %(extends)s, approvers: %(approvers)s, effective_from: %(since)s, effective_to: %(until)s, grade: A}
"""
FIRST = {
    "days": 5,
    "extends": "null",
    "approvers": "[]",
    "since": "2020-01-01",
    "until": "2020-12-31",
}
SECOND = {**FIRST, "days": 9, "since": "2021-01-01", "until": "null"}
HEAD = (
    "schema_version: 1\nlaws:\n  a: {title: 试行办法, number: 第1号, from: 2020-01-01}\nclocks:\n"
)
TAIL = "declining: [{number: 1, text: 甲}, {number: 2, text: 乙}]\nterminating: []\nremedies: 丙\n"


def fictional(folder: Path, *rows: dict[str, object], tail: str = TAIL) -> Law:
    """A law of one clock with these rows."""
    text = HEAD + "".join(ROW % row for row in rows) + tail
    (folder / "law.yml").write_text(text, encoding="utf-8")
    return load_law(folder)


def refusal(folder: Path, *rows: dict[str, object], tail: str = TAIL) -> ContentError:
    with pytest.raises(ContentError) as error:
        fictional(folder, *rows, tail=tail)
    return error.value


@pytest.mark.parametrize(("name", "period"), PERIODS.items())
def test_the_periods_are_those_of_the_law_in_force(
    name: str, period: tuple[int | None, str]
) -> None:
    rule = LAW.clock(name, TODAY)
    assert (rule.days, rule.unit) == period


def test_the_repealed_order_is_cited_nowhere() -> None:
    text = Path("content/law.yml").read_text(encoding="utf-8")
    for gone in ("暂行办法", "第20号", "45个工作日"):
        assert gone not in text


def test_every_event_of_a_clock_can_happen() -> None:
    """A clock waiting for a misspelt event would never start or never stop."""
    for rule in LAW.rules:
        for kind in rule.kinds:
            assert kind in MOVES
        states = set().union(*(MOVES[kind] for kind in rule.kinds))
        assert rule.starts_on | rule.stops_on <= states | NOTES, rule.id


def test_every_clock_that_starts_can_end() -> None:
    for rule in LAW.rules:
        assert bool(rule.starts_on) == bool(rule.stops_on) == (rule.extends is None), rule.id


def test_only_mediation_stands_still_for_an_appraisal() -> None:
    assert [rule.id for rule in LAW.rules if rule.pausable] == ["complaint.mediate"]


def test_the_collective_extension_needs_a_supervisor() -> None:
    assert LAW.clock("case.decide_collective", TODAY).approvers == {"supervisor"}


def test_the_grounds_stand_in_the_order_of_the_articles() -> None:
    assert [ground.number for ground in LAW.declining] == [1, 2, 3, 4, 5, 6, 7]
    assert [ground.number for ground in LAW.terminating] == [1, 2, 3, 4, 5, 6, 7, 8]
    assert "三年" in LAW.declining[3].text
    assert "六十日" in LAW.terminating[4].text
    assert "第三十九条" in LAW.remedies


def test_before_the_order_took_effect_there_is_no_clock() -> None:
    assert LAW.clock("complaint.accept", date(2026, 4, 15)).days == 7
    with pytest.raises(NoClockRule):
        LAW.clock("complaint.accept", date(2026, 4, 14))


def test_rows_follow_each_other(tmp_path: Path) -> None:
    law = fictional(tmp_path, SECOND, FIRST)
    assert law.clock("x.do", date(2020, 12, 31)).days == 5
    assert law.clock("x.do", date(2021, 1, 1)).days == 9
    assert len(law.clocks(date(2021, 1, 1))) == 1
    assert law.names() == ("x.do",)


@pytest.mark.parametrize(
    ("until", "said"),
    [
        ("2021-01-01", "two rows hold on 2021-01-01"),
        ("null", "two rows hold on 2021-01-01"),
        ("2020-12-30", "no row holds from 2020-12-31"),
    ],
)
def test_overlaps_and_gaps_are_named_with_the_line(tmp_path: Path, until: str, said: str) -> None:
    problem = refusal(tmp_path, {**FIRST, "until": until}, SECOND).problems[0]
    assert said in problem.what
    assert problem.remedy
    assert (problem.file.name, problem.line) == ("law.yml", 8)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"days": "null"}, "has no length"),
        ({"days": 0}, "days"),
        ({"days": "七"}, "days"),
        ({"since": "2021-06-01"}, "ends before it begins"),
        ({"extends": "y.do", "approvers": "[supervisor]"}, "extends 'y.do'"),
        ({"extends": "x.do"}, "nobody may approve it"),
        ({"approvers": "[citizen]"}, "approvers"),
    ],
)
def test_a_senseless_row_is_refused(tmp_path: Path, change: dict[str, object], said: str) -> None:
    assert any(said in p.what for p in refusal(tmp_path, {**FIRST, **change}).problems)


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ({**FIRST, "extends": "x.do"}, "x.do: nobody may approve it"),
        ({**FIRST, "extends": "y.do", "approvers": "[supervisor]"}, "x.do extends 'y.do'"),
    ],
)
def test_a_bad_extension_is_named_with_file_line_and_remedy(
    tmp_path: Path, row: dict[str, object], said: str
) -> None:
    problem = next(p for p in refusal(tmp_path, row).problems if said in p.what)
    assert (problem.file.name, problem.line) == ("law.yml", 5)
    assert "name" in problem.remedy


def test_a_law_nobody_knows_is_named_with_its_line(tmp_path: Path) -> None:
    fictional(tmp_path, SECOND)
    path = tmp_path / "law.yml"
    text = path.read_text(encoding="utf-8").replace("law: a,", "law: order20,")
    path.write_text(text, encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_law(tmp_path)
    problem = error.value.problems[0]
    assert problem.what == "x.do: law 'order20'"
    assert (problem.file.name, problem.line) == ("law.yml", 5)


def test_grounds_are_numbered_as_the_article_does(tmp_path: Path) -> None:
    tail = TAIL.replace("number: 2", "number: 3")
    assert "stands in place 2" in refusal(tmp_path, SECOND, tail=tail).problems[0].what


YEAR = "schema_version: 1\nyear: 2027\nholidays: [2027-01-01]\nworkdays: [2027-01-02]\n"


def year_file(folder: Path, text: str = YEAR, name: str = "2027.yml") -> Workdays:
    (folder / "workdays").mkdir()
    (folder / "workdays" / name).write_text(text, encoding="utf-8")
    return load_workdays(folder)


def test_make_up_days_are_worked_and_holidays_are_not() -> None:
    days = load_workdays(Path("content"))
    assert days.known(2026)
    assert days.is_working(date(2026, 10, 10)), "Saturday, made up for the National Day"
    assert not days.is_working(date(2026, 10, 7)), "Wednesday of the National Day"
    assert not days.is_working(date(2026, 10, 11)), "an ordinary Sunday"


def test_a_year_that_is_not_known_has_weekdays_only(tmp_path: Path) -> None:
    days = load_workdays(tmp_path)
    assert not days.known(2031)
    assert days.is_working(date(2031, 1, 1))


def test_a_year_is_added_by_a_file(tmp_path: Path) -> None:
    days = year_file(tmp_path)
    assert days.known(2027)
    assert not days.is_working(date(2027, 1, 1))
    assert days.is_working(date(2027, 1, 2))


def test_a_file_takes_the_place_of_the_packaged_year(tmp_path: Path) -> None:
    days = year_file(
        tmp_path, YEAR.replace("2027-01-02", "2026-01-03").replace("2027", "2026"), "2026.yml"
    )
    assert days.is_working(date(2026, 10, 1)), "the file knows one holiday only"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("year: 2027", "year: 2028", "year 2028 in 2027.yml"),
        ("[2027-01-01]", "[2026-12-31]", "2026-12-31 is not in 2027"),
        ("[2027-01-01]", "[2027-01-02]", "2027-01-02 is both"),
        ("[2027-01-02]", "[2027-01-04]", "2027-01-04 is no weekend"),
        ("[2027-01-02]", "[春节]", "workdays"),
        ("[2027-01-01]", "[]", "holidays"),
    ],
)
def test_a_senseless_year_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ContentError) as error:
        year_file(tmp_path, YEAR.replace(old, new))
    assert any(said in problem.what for problem in error.value.problems)
