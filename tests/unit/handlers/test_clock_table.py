"""Every public holiday of 2026 counted with a pencil, and properties over pauses, extensions, reopening, new years."""

from __future__ import annotations

import copy
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from content.law import load_law
from content.phrasebook import load_phrasebook
from content.workdays import Workdays, Year, load_workdays
from handlers.tickets import clocks
from handlers.tickets.clocks import Clock, Extension

CONTENT = Path("content")
LAW = load_law(CONTENT)
WORKDAYS = load_workdays(CONTENT)
PHRASES = load_phrasebook(CONTENT)
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)
BY_HAND = [
    # 元旦 01-01 to 01-03 off, Sunday 01-04 worked: 4 | 5-9 | 12-16 | 19 20 21 22
    ("report.verify", "2025-12-31", "2026-01-22"),
    # 01-30 | 02-02 to 06 | 09 to 13, Saturday 14 worked | 春节 02-15 to 02-23 | 24 25 26
    ("report.verify", "2026-01-29", "2026-02-26"),
    ("target.claim", "2026-02-13", "2026-02-14"),  # Saturday 02-14 is worked
    ("target.claim", "2026-02-14", "2026-02-24"),  # then ten days nobody works
    # 清明 04-04 to 04-06: 03-31, 04-01 02 03 | 07 08 09 10 | 13 to 17 | 20 21
    ("report.verify", "2026-03-30", "2026-04-21"),
    ("report.verify", "2026-04-03", "2026-04-27"),  # 07 to 10 | 13 to 17 | 20 to 24 | 27
    ("report.verify", "2026-04-05", "2026-04-27"),  # on the day itself: the same
    # 五一 05-01 to 05-05, Saturday 05-09 worked: 06 07 08 09 | 11 12 13
    ("complaint.accept", "2026-04-30", "2026-05-13"),
    ("complaint.accept", "2026-05-01", "2026-05-13"),
    ("target.claim", "2026-09-18", "2026-09-20"),  # Friday; Sunday 09-20 is worked
    # 11 | 14 to 18 | 21 to 25 | 28 29 30 31: the last day whose table is known
    ("report.verify", "2026-12-10", "2026-12-31"),
    # 90 days: 11-30 is 13, 12-31 is 44, 01-31 is 75, so 02-15, 春节 up to 02-23
    ("case.decide", "2025-11-17", "2026-02-24"),
    # 90 days: 01-31 is 26, 02-28 is 54, 03-31 is 85, so 04-05, 清明 up to 04-06
    ("case.decide", "2026-01-05", "2026-04-07"),
    # 90 days: 07-31 is 28, 08-31 is 59, 09-30 is 89, so 10-01, 国庆 up to 10-07
    ("case.decide", "2026-07-03", "2026-10-08"),
    # 60 days: 04-30 is 15, 05-31 is 46, so Sunday 06-14
    ("complaint.mediate", "2026-04-15", "2026-06-15"),
    # 60 days: 04-30 is 10, 05-31 is 41, so 06-19, 端午 up to Sunday 06-21
    ("complaint.mediate", "2026-04-20", "2026-06-22"),
    # 60 days: 07-31 is 9, 08-31 is 40, so 09-20, a Sunday that is worked
    ("complaint.mediate", "2026-07-22", "2026-09-20"),
    # 60 days: 07-31 is 4, 08-31 is 35, so 09-25, 中秋 up to Sunday 09-27
    ("complaint.mediate", "2026-07-27", "2026-09-28"),
]
PROVISIONAL = [
    # 14 to 18 | 21 to 25 | 28 to 31 | 2027-01-01 counts as a Friday as long as nobody said otherwise
    ("report.verify", "2026-12-11", "2027-01-01"),
    ("target.first_response", "2026-12-31", "2027-01-05"),  # 01, 04, 05
]
NEXT_YEAR = Workdays(
    {**WORKDAYS.years, 2027: Year(frozenset({date(2027, 1, 1)}), frozenset({date(2027, 1, 3)}))}
)
EVENTS = (
    "registered dispatched claimed received accepted mediating settled terminated notified returned"
    " verifying filed not_filed decided new_facts resolved struck_off reopened reply withdrawn"
).split()


@pytest.mark.parametrize(("name", "start", "ends"), BY_HAND)
def test_counted_with_a_pencil(name: str, start: str, ends: str) -> None:
    due = clocks.due(LAW.clock(name, TODAY), date.fromisoformat(start), WORKDAYS)
    assert (due.on.isoformat(), due.provisional) == (ends, False)


@pytest.mark.parametrize(("name", "start", "ends"), PROVISIONAL)
def test_what_ends_in_an_unknown_year_is_provisional(name: str, start: str, ends: str) -> None:
    due = clocks.due(LAW.clock(name, TODAY), date.fromisoformat(start), WORKDAYS)
    assert (due.on.isoformat(), due.provisional) == (ends, True)


def closed(day: date, table: Workdays) -> bool:
    year = table.years.get(day.year)
    if year and day in year.workdays:
        return False
    return day.isoweekday() > 5 or bool(year and day in year.holidays)


def walk(unit: str, start: date, days: int, table: Workdays) -> date:
    """One day after the other, as a clerk with a wall calendar does it."""
    day = start
    while days:
        day += DAY
        days -= unit == "calendar" or not closed(day, table)
    while unit == "calendar" and closed(day, table):
        day += DAY
    return day


def at(day: date, hour: int = 9) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=clocks.SHANGHAI)


STARTS = st.dates(date(2026, 4, 15), date(2026, 12, 31))


@given(STARTS, st.integers(1, 60), st.integers(0, 45))
@settings(deadline=None, max_examples=100)
def test_a_pause_moves_mediation_by_its_days_before_the_end_is_moved_off_a_day_off(
    start: date, since: int, stood: int
) -> None:
    clock = clocks.start(LAW.clock("complaint.mediate", start), start, "scjg", WORKDAYS)
    clocks.pause(clock, start + since * DAY, "检测", LAW)
    clocks.resume(clock, start + (since + stood) * DAY, LAW, WORKDAYS)
    counted = start + (60 + stood) * DAY
    while closed(counted, WORKDAYS):
        counted += DAY
    assert clock.due_on == counted


@pytest.mark.parametrize(
    ("name", "more", "unit"),
    [
        ("report.verify", "report.verify_extended", "working"),
        ("case.decide", "case.decide_extended", "calendar"),
    ],
)
@given(start=STARTS, given_after=st.integers(0, 15))
@settings(deadline=None, max_examples=50)
def test_an_approved_extension_is_the_whole_period_from_the_start(
    name: str, more: str, unit: str, start: date, given_after: int
) -> None:
    rule, extension = LAW.clock(name, start), LAW.clock(more, start)
    assert rule.days is not None and extension.days is not None
    clock = clocks.start(rule, start, "scjg", WORKDAYS)
    on = start + given_after * DAY
    approval = Extension(more, extension.days, "李负责", "复杂", on)
    clocks.extend(clock, extension, approval, "supervisor", LAW, WORKDAYS)
    assert clock.due_on == walk(unit, start, rule.days + extension.days, WORKDAYS)


@given(STARTS, st.integers(1, 60), st.integers(1, 90))
@settings(deadline=None, max_examples=100)
def test_reopening_leaves_history_alone_and_a_new_receipt_counts_anew(
    start: date, until: int, gap: int
) -> None:
    running: list[Clock] = []
    again = start + (until + gap) * DAY
    for event, on in (("received", start), ("resolved", start + until * DAY)):
        clocks.follow(running, event, "complaint", "scjg", at(on), LAW, WORKDAYS)
    before = copy.deepcopy(running)
    for event in ("struck_off", "reopened", "dispatched", "claimed"):
        clocks.follow(running, event, "complaint", "scjg", at(again), LAW, WORKDAYS)
    assert running == before, "what ended stays ended, met or missed"
    clocks.follow(running, "received", "complaint", "scjg", at(again), LAW, WORKDAYS)
    assert running[:-1] == before
    assert (running[-1].started_on, running[-1].due_on) == (
        again,
        walk("working", again, 7, WORKDAYS),
    )


@given(st.sampled_from(["complaint.accept", "complaint.mediate", "report.verify"]), STARTS)
@settings(deadline=None, max_examples=100)
def test_a_year_that_becomes_known_leaves_no_trace_of_the_guess(name: str, start: date) -> None:
    clock = clocks.start(LAW.clock(name, start), start, "scjg", WORKDAYS)
    clocks.recount(clock, LAW, NEXT_YEAR)
    assert clock == clocks.start(LAW.clock(name, start), start, "scjg", NEXT_YEAR)
    assert not clock.provisional
    rule = LAW.clock(name, start)
    assert clock.due_on == walk(rule.unit, start, rule.days or 0, NEXT_YEAR)


@given(
    st.sampled_from(["complaint", "report"]),
    STARTS,
    st.lists(st.tuples(st.sampled_from(EVENTS), st.integers(0, 9)), min_size=1, max_size=8),
)
@settings(deadline=None, max_examples=100)
def test_the_same_event_at_once_again_changes_nothing(
    kind: str, start: date, events: list[tuple[str, int]]
) -> None:
    """And storing in between neither; one clock of a name is open at most."""
    running, day = list[Clock](), start
    for event, gap in events:
        day += gap * DAY
        clocks.follow(running, event, kind, "scjg", at(day), LAW, WORKDAYS)
        once = copy.deepcopy(running)
        running = [Clock.from_json(clock.to_json()) for clock in running]
        assert clocks.follow(running, event, kind, "scjg", at(day, 23), LAW, WORKDAYS) == []
        assert running == once
    names = [clock.name for clock in running if clock.state in clocks.OPEN]
    assert len(names) == len(set(names))


def test_a_clock_of_a_fictional_law_keeps_its_row_when_the_law_changes() -> None:
    old = replace(
        LAW.clock("complaint.mediate", TODAY),
        id="x.do",
        days=30,
        effective_from=date(2026, 1, 1),
        effective_to=date(2026, 6, 30),
    )
    new = replace(old, days=10, effective_from=date(2026, 7, 1), effective_to=None)
    law, running = replace(LAW, rules=(old, new)), list[Clock]()
    clocks.follow(running, "accepted", "complaint", "a", at(date(2026, 6, 30)), law, WORKDAYS)
    clocks.recount(running[0], law, WORKDAYS)
    assert running[0].due_on == date(2026, 7, 30)
    clocks.follow(running, "settled", "complaint", "a", at(date(2026, 7, 29)), law, WORKDAYS)
    assert running[0].state == "met", "ten days would have been over by then"
    clocks.follow(running, "accepted", "complaint", "a", at(date(2026, 7, 29)), law, WORKDAYS)
    assert running[1].due_on == date(2026, 8, 10), "08-08 is a Saturday"


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("report.verify", "report.verify_extended", "延长15个工作日。"),
        ("case.decide", "case.decide_extended", "延长30日。"),
    ],
)
def test_an_extension_is_explained_in_the_days_it_has(name: str, more: str, said: str) -> None:
    start = date(2026, 7, 1)
    clock = clocks.start(LAW.clock(name, start), start, "scjg", WORKDAYS)
    rule = LAW.clock(more, start)
    approval = Extension(more, rule.days or 0, "李负责", "复杂", start)
    clocks.extend(clock, rule, approval, "supervisor", LAW, WORKDAYS)
    assert f"经李负责批准{said}" in clocks.explain_clock(clock, LAW, WORKDAYS, PHRASES)
