"""Deadlines: a table counted by hand over the holidays of 2026, and what the law allows."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from content.law import ClockRule, load_law
from content.phrasebook import load_phrasebook
from content.workdays import Workdays, Year, load_workdays
from handlers.errors import ClockRefused
from handlers.tickets import clocks
from handlers.tickets.clocks import Clock, Extension

CONTENT = Path("content")
LAW = load_law(CONTENT)
WORKDAYS = load_workdays(CONTENT)
PHRASES = load_phrasebook(CONTENT)
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
BY_HAND = [
    # 10-01 to 10-07 are off, Saturday 10-10 is worked: 29, 30, 08, 09, 10, 12, 13
    ("complaint.accept", "2026-09-28", "2026-10-13"),
    # Friday 09-25 (中秋) is off, 26 and 27 a weekend: 24, 28, 29, 30, 08, 09, 10
    ("complaint.accept", "2026-09-23", "2026-10-10"),
    # received on a Saturday that is worked; the day itself does not count: 12, 13, 14, 15, 16, 19, 20
    ("complaint.accept", "2026-10-10", "2026-10-20"),
    # received in the middle of the holidays: 08, 09, 10, 12, 13, 14, 15
    ("complaint.accept", "2026-10-03", "2026-10-15"),
    # 05-01 to 05-05 off, Saturday 05-09 worked: 30, 06, 07, 08, 09, 11, 12
    ("complaint.accept", "2026-04-29", "2026-05-12"),
    # 06-19 to 06-21 off: 18, 22, 23, 24, 25, 26, 29
    ("complaint.accept", "2026-06-17", "2026-06-29"),
    # Spring Festival 02-15 to 02-23, Saturdays 02-14 and 02-28 worked:
    # 11 12 13 14 24 25 26 27 28 | March 2 3 4 5 6 9
    ("report.verify", "2026-02-10", "2026-03-09"),
    # 60 days after 2026-08-02 are 2026-10-01, the National Day: the first working day after is 10-08
    ("complaint.mediate", "2026-08-02", "2026-10-08"),
    # 60 days after 2026-08-11 are Saturday 10-10, which is worked
    ("complaint.mediate", "2026-08-11", "2026-10-10"),
    # 60 days after 2026-08-12 are Sunday 10-11
    ("complaint.mediate", "2026-08-12", "2026-10-12"),
    # 90 days after 2026-08-03 are Sunday 2026-11-01
    ("case.decide", "2026-08-03", "2026-11-02"),
]
ACROSS_THE_YEAR = [
    # 28 29 30 31 | January 2027 as Monday to Friday: 1, 4, 5
    ("complaint.accept", "2026-12-25", "2027-01-05"),
    # 60 days after 2026-12-01 are Saturday 2027-01-30
    ("complaint.mediate", "2026-12-01", "2027-02-01"),
]


def rule(name: str) -> ClockRule:
    return LAW.clock(name, TODAY)


def begin(name: str, on: str | date) -> Clock:
    day = date.fromisoformat(on) if isinstance(on, str) else on
    return clocks.start(rule(name), day, "scjg", WORKDAYS)


def day(text: str) -> date:
    return date.fromisoformat(text)


def approval(name: str, on: str | date, days: int | None = None) -> Extension:
    at = day(on) if isinstance(on, str) else on
    return Extension(name, days or rule(name).days or 0, "李负责", "案情复杂", at)


def extend(clock: Clock, name: str, role: str, on: str | date, days: int | None = None) -> None:
    given_by = approval(name, on, days)
    clocks.extend(clock, rule(name), given_by, role, LAW, WORKDAYS)


def why(refused: pytest.ExceptionInfo[ClockRefused]) -> object:
    return refused.value.details["why"]


@pytest.mark.parametrize(("name", "start", "ends"), BY_HAND)
def test_deadlines_counted_by_hand(name: str, start: str, ends: str) -> None:
    due = clocks.due(rule(name), day(start), WORKDAYS)
    assert (due.on, due.provisional) == (day(ends), False)


@pytest.mark.parametrize(("name", "start", "ends"), ACROSS_THE_YEAR)
def test_a_year_without_a_table_is_provisional(name: str, start: str, ends: str) -> None:
    due = clocks.due(rule(name), day(start), WORKDAYS)
    assert (due.on, due.provisional) == (day(ends), True)


def test_what_was_skipped_is_named() -> None:
    due = clocks.due(rule("complaint.accept"), day("2026-09-28"), WORKDAYS)
    assert due.skipped == (*(date(2026, 10, n) for n in range(1, 8)), date(2026, 10, 11))


def test_a_year_s_table_moves_what_was_provisional() -> None:
    clock = begin("complaint.accept", "2026-12-25")
    new_year = Year(frozenset({day("2027-01-01")}), frozenset({day("2027-01-03")}))
    loaded = Workdays({**WORKDAYS.years, 2027: new_year})
    clocks.recount(clock, LAW, loaded)
    assert (clock.due_on, clock.provisional) == (day("2027-01-05"), False)
    ended = copy.deepcopy(clock)
    clocks.stop(ended, day("2026-12-30"))
    clocks.recount(ended, LAW, WORKDAYS)
    assert not ended.provisional, "what ended stays as it was"


def test_the_day_is_that_of_shanghai() -> None:
    """17:30 in London is half past one of the next day here."""
    running: list[Clock] = []
    at = datetime(2026, 9, 27, 17, 30, tzinfo=UTC)
    clocks.follow(running, "received", "complaint", "scjg", at, LAW, WORKDAYS)
    assert running[0].started_on == day("2026-09-28")


def test_days_of_an_appraisal_do_not_count() -> None:
    """60 days after 2026-07-01 are 08-30; ten days of appraisal make it 09-09."""
    clock = begin("complaint.mediate", "2026-07-01")
    assert clock.due_on == day("2026-08-31"), "08-30 is a Sunday"
    clocks.pause(clock, day("2026-07-20"), "送检", LAW)
    assert clocks.colour(clock, day("2026-07-25")) == "paused"
    clocks.resume(clock, day("2026-07-30"), LAW, WORKDAYS)
    assert (clock.due_on, clock.state) == (day("2026-09-09"), "running")


def test_only_what_the_law_lets_stand_still_can_be_paused() -> None:
    clock = begin("complaint.accept", "2026-07-01")
    with pytest.raises(ClockRefused) as refused:
        clocks.pause(clock, day("2026-07-02"), "忙", LAW)
    assert why(refused) == "not_pausable"


def test_a_pause_is_not_paused_and_a_running_clock_not_resumed() -> None:
    clock = begin("complaint.mediate", "2026-07-01")
    with pytest.raises(ClockRefused) as refused:
        clocks.resume(clock, day("2026-07-02"), LAW, WORKDAYS)
    assert why(refused) == "not_paused"
    clocks.pause(clock, day("2026-07-02"), "送检", LAW)
    with pytest.raises(ClockRefused) as refused:
        clocks.pause(clock, day("2026-07-03"), "送检", LAW)
    assert why(refused) == "not_running"


def test_a_paused_clock_can_be_recounted_and_explained() -> None:
    working = replace(rule("complaint.mediate"), unit="working")
    clock, law = (
        clocks.start(working, day("2026-07-01"), "scjg", WORKDAYS),
        replace(LAW, rules=(working,)),
    )
    before = clock.due_on
    clocks.pause(clock, day("2026-07-10"), "送检", law)
    clocks.recount(clock, law, WORKDAYS)
    assert clock.due_on == before
    assert before.isoformat() in clocks.explain_clock(clock, law, WORKDAYS, PHRASES)


def test_a_pause_begun_too_late_does_not_mend_what_was_missed() -> None:
    clock = begin("complaint.mediate", "2026-07-01")
    clocks.pause(clock, day("2026-09-15"), "送检", LAW)
    clocks.stop(clock, day("2026-09-16"))
    assert clock.state == "missed"


def test_what_ends_during_an_appraisal_begun_in_time_is_met() -> None:
    clock = begin("complaint.mediate", "2026-07-01")
    clocks.pause(clock, day("2026-08-31"), "送检", LAW)
    clocks.stop(clock, day("2026-10-15"))
    assert clock.state == "met"


def test_an_extension_comes_on_top_of_the_period() -> None:
    """15 + 15 working days after 2026-07-01: 07-22, then 08-12."""
    clock = begin("report.verify", "2026-07-01")
    assert clock.due_on == day("2026-07-22")
    extend(clock, "report.verify_extended", "unit_head", "2026-07-22")
    assert clock.due_on == day("2026-08-12")
    assert clock.extensions[0].by == "李负责"


@pytest.mark.parametrize("role", ["officer", "triage", "admin", "citizen"])
def test_an_extension_needs_somebody_who_may_approve(role: str) -> None:
    clock = begin("report.verify", "2026-07-01")
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "report.verify_extended", role, "2026-07-10")
    assert why(refused) == "not_approved"


def test_an_extension_is_given_once_in_time_and_to_its_own_clock() -> None:
    clock = begin("report.verify", "2026-07-01")
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "case.decide_extended", "supervisor", "2026-07-10")
    assert why(refused) == "not_approved"
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "report.verify_extended", "supervisor", "2026-07-23")
    assert why(refused) == "too_late"
    extend(clock, "report.verify_extended", "supervisor", "2026-07-10")
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "report.verify_extended", "supervisor", "2026-07-11")
    assert why(refused) == "extended_before"


def test_collective_discussion_follows_the_ordinary_extension() -> None:
    """90, then 120, then 120 + 45 days after 2026-03-02."""
    clock = begin("case.decide", "2026-03-02")
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "case.decide_collective", "supervisor", "2026-05-20", 45)
    assert why(refused) == "ordinary_first"
    extend(clock, "case.decide_extended", "unit_head", "2026-05-20")
    assert clock.due_on == day("2026-06-30")
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "case.decide_collective", "unit_head", "2026-06-20", 45)
    assert why(refused) == "not_approved"
    with pytest.raises(ClockRefused) as refused:
        extend(clock, "case.decide_collective", "supervisor", "2026-06-20")
    assert why(refused) == "no_length"
    extend(clock, "case.decide_collective", "supervisor", "2026-06-20", 45)
    assert clock.due_on == day("2026-08-14")


def test_a_period_without_a_length_has_no_end() -> None:
    with pytest.raises(ClockRefused) as refused:
        clocks.due(rule("case.decide_collective"), day("2026-07-01"), WORKDAYS)
    assert why(refused) == "no_length"


@pytest.mark.parametrize(("on", "state"), [("2026-10-13", "met"), ("2026-10-14", "missed")])
def test_the_last_day_is_still_in_time(on: str, state: str) -> None:
    clock = begin("complaint.accept", "2026-09-28")
    clocks.stop(clock, day(on))
    clocks.stop(clock, day("2026-12-01"))
    assert (clock.state, clock.stopped_on) == (state, day(on))


@pytest.mark.parametrize(
    ("today", "colour"),
    [
        ("2026-07-01", "green"),
        ("2026-07-31", "green"),  # 31 of 61 days remain
        ("2026-08-01", "yellow"),  # 30 of 61
        ("2026-08-18", "yellow"),  # 13 of 61
        ("2026-08-19", "red"),  # 12 of 61
        ("2026-08-31", "red"),
        ("2026-09-01", "overdue"),
    ],
)
def test_colours_follow_the_share_that_remains(today: str, colour: str) -> None:
    clock = begin("complaint.mediate", "2026-07-01")
    assert clocks.colour(clock, day(today)) == colour
    clocks.stop(clock, day("2026-08-01"))
    assert clocks.colour(clock, day(today)) == "done"


def test_a_short_period_is_red_on_its_last_day() -> None:
    clock = begin("target.claim", "2026-07-01")
    assert clocks.colour(clock, day("2026-07-02"), yellow=0, red=0) == "red"


def test_a_clock_keeps_the_row_it_was_born_with() -> None:
    """A fictional law shortens a period while a ticket is under way."""
    old = replace(
        rule("complaint.mediate"),
        id="x.do",
        days=30,
        effective_from=date(2026, 1, 1),
        effective_to=date(2026, 6, 30),
    )
    new = replace(old, days=10, effective_from=date(2026, 7, 1), effective_to=None)
    law = replace(LAW, rules=(old, new))
    first = clocks.start(law.clock("x.do", day("2026-06-30")), day("2026-06-30"), "a", WORKDAYS)
    second = clocks.start(law.clock("x.do", day("2026-07-01")), day("2026-07-01"), "a", WORKDAYS)
    first = Clock.from_json(first.to_json())
    clocks.pause(first, day("2026-07-05"), "送检", law)
    clocks.resume(first, day("2026-07-06"), law, WORKDAYS)
    assert (first.due_on, second.due_on) == (day("2026-07-31"), day("2026-07-13"))
    assert clocks.rule_of(first, law) is old


def test_the_explanation_names_law_article_length_and_what_was_skipped() -> None:
    of = rule("complaint.accept")
    due = clocks.due(of, day("2026-09-28"), WORKDAYS)
    said = clocks.explain(of, day("2026-09-28"), due, PHRASES)
    for part in (
        "《市场监督管理投诉举报处理办法》（总局令第121号，2026-04-15起施行）第15条",
        "7个工作日",
        "2026-09-28的次日起算",
        "10-01～10-07、10-11",
        "截止2026-10-13",
    ):
        assert part in said
    assert "暂算" not in said


def test_the_explanation_says_what_is_provisional_paused_and_extended() -> None:
    clock = begin("case.decide", "2026-10-12")
    extend(clock, "case.decide_extended", "supervisor", "2026-10-20")
    said = clocks.explain_clock(clock, LAW, WORKDAYS, PHRASES)
    assert "暂算" in said
    assert "经李负责批准延长30日" in said
    paused = begin("complaint.mediate", "2026-07-01")
    clocks.pause(paused, day("2026-07-20"), "送检", LAW)
    clocks.resume(paused, day("2026-07-30"), LAW, WORKDAYS)
    said = clocks.explain_clock(paused, LAW, WORKDAYS, PHRASES)
    assert "中止的10天" in said
    assert "截止2026-09-09" in said


@pytest.mark.parametrize("extended", [False, True])
def test_what_is_stored_comes_back(extended: bool) -> None:
    clock = begin("complaint.mediate", "2026-07-01")
    clocks.pause(clock, day("2026-07-20"), "送检", LAW)
    if extended:
        clock.extensions.append(approval("case.decide_extended", "2026-07-21"))
    assert Clock.from_json(clock.to_json()) == clock
