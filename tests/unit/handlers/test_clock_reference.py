"""Deadlines against a slow reference that walks day by day, whatever happens to a clock."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from content.law import ClockRule, Law, load_law
from content.workdays import Workdays, Year, load_workdays
from handlers.tickets import clocks
from handlers.tickets.clocks import Clock, Extension

CONTENT = Path("content")
LAW = load_law(CONTENT)
WORKDAYS = load_workdays(CONTENT)
TODAY = date(2026, 11, 24)
DAY = timedelta(days=1)


def off(at: date, table: Workdays) -> bool:
    year = table.years.get(at.year, Year(frozenset(), frozenset()))
    if at in year.workdays:
        return False
    return at in year.holidays or at.isoweekday() in (6, 7)


def walked(unit: str, days: int, since: date, paused: set[date], table: Workdays) -> date:
    """One day after the other; only days that count are ticked off."""
    at = since
    while days > 0:
        at += DAY
        if at not in paused and not (unit == "working" and off(at, table)):
            days -= 1
    while unit == "calendar" and off(at, table):
        at += DAY
    return at


STARTS = st.dates(date(2025, 12, 1), date(2027, 2, 1))
RULES = st.builds(
    lambda unit, days: replace(
        LAW.clock("complaint.mediate", TODAY),
        id="x.do",
        unit=unit,
        days=days,
        effective_from=date(2020, 1, 1),
    ),
    st.sampled_from(["working", "calendar"]),
    st.integers(1, 90),
)
# gap after the last event, then the length of the pause
PAUSES = st.lists(st.tuples(st.integers(1, 9), st.integers(0, 30)), max_size=4)


def law_of(*rules: ClockRule) -> Law:
    return replace(LAW, rules=rules)


@given(RULES, STARTS)
@settings(deadline=None, max_examples=100)
def test_a_deadline_is_where_a_walk_ends(of: ClockRule, start: date) -> None:
    assert of.days is not None
    due = clocks.due(of, start, WORKDAYS)
    assert due.on == walked(of.unit, of.days, start, set(), WORKDAYS)
    assert not off(due.on, WORKDAYS)
    assert all(off(skipped, WORKDAYS) for skipped in due.skipped)
    assert due.provisional == (due.on.year > 2026)


@given(RULES, STARTS, PAUSES, st.integers(0, 60), st.integers(0, 4))
@settings(deadline=None, max_examples=100)
def test_nothing_drifts(
    of: ClockRule, start: date, pauses: list[tuple[int, int]], more: int, handed_on: int
) -> None:
    """Pauses, an extension, hand-overs and storing in any number end where the walk ends."""
    law, clock = law_of(of), clocks.start(of, start, "scjg", WORKDAYS)
    at, paused = start, set[date]()
    for number, (gap, length) in enumerate(pauses):
        at += gap * DAY
        if at > clock.due_on:
            break
        clocks.pause(clock, at, "鉴定", law)
        paused |= {at + n * DAY for n in range(length)}
        at += length * DAY
        clocks.resume(clock, at, law, WORKDAYS)
        if number == handed_on:
            before = clock.due_on
            clocks.inherit(clock, "xfs")
            assert clock.due_on == before
        clock = Clock.from_json(clock.to_json())
    assert of.days is not None
    length = of.days
    if more:
        clock.extensions.append(Extension("x.more", more, "李负责", "复杂", start))
        length += more
    clocks.recount(clock, law, WORKDAYS)
    assert clock.due_on == walked(of.unit, length, start, paused, WORKDAYS)


@given(RULES, STARTS, st.integers(0, 40), st.integers(1, 5))
@settings(deadline=None, max_examples=100)
def test_a_pause_of_n_days_moves_a_period_of_days_by_n(
    of: ClockRule, start: date, stood: int, gap: int
) -> None:
    """Every day is a working day here, so that art. 45 moves nothing."""
    always = Workdays(
        {
            year: Year(
                frozenset(),
                frozenset(date(year, 1, 1) + n * DAY for n in range(366)),
            )
            for year in range(2025, 2029)
        }
    )
    law, clock = law_of(of), clocks.start(of, start, "scjg", always)
    before, since = clock.due_on, start + min(gap, of.days or 1) * DAY
    clocks.pause(clock, since, "检测", law)
    clocks.resume(clock, since + stood * DAY, law, always)
    assert clock.due_on == before + stood * DAY


@given(STARTS, st.lists(st.integers(1, 40), max_size=4))
@settings(deadline=None, max_examples=50)
def test_new_facts_restart_from_the_last_of_them(start: date, gaps: list[int]) -> None:
    start = max(start, date(2026, 4, 15))
    running: list[Clock] = []
    at = datetime(start.year, start.month, start.day, 9, tzinfo=clocks.SHANGHAI)
    clocks.follow(running, "received", "report", "scjg", at, LAW, WORKDAYS)
    for gap in gaps:
        at += gap * DAY
        clocks.follow(running, "new_facts", "report", "scjg", at, LAW, WORKDAYS)
    open_ones = [clock for clock in running if clock.state == "running"]
    assert len(open_ones) == 1, "art. 35: the period is reckoned anew, the old one does not go on"
    assert open_ones[0].due_on == walked("working", 15, at.date(), set(), WORKDAYS)
