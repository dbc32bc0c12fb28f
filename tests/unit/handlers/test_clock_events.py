"""What happens to a ticket starts, stops and hands on its clocks."""

from __future__ import annotations

import copy
from datetime import date, datetime
from pathlib import Path

from content.law import load_law
from content.workdays import load_workdays
from handlers.tickets import clocks
from handlers.tickets.clocks import Clock

CONTENT = Path("content")
LAW = load_law(CONTENT)
WORKDAYS = load_workdays(CONTENT)


def begin(name: str, on: str) -> Clock:
    rule = LAW.clock(name, date.fromisoformat(on))
    return clocks.start(rule, date.fromisoformat(on), "scjg", WORKDAYS)


def noon(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}T12:00:00+08:00")


def played(kind: str, *events: tuple[str, str]) -> list[Clock]:
    running: list[Clock] = []
    for event, on in events:
        clocks.follow(running, event, kind, "scjg", noon(on), LAW, WORKDAYS)
    return running


def states(running: list[Clock]) -> dict[str, str]:
    return {clock.name: clock.state for clock in running}


def test_a_complaint_from_receipt_to_notice() -> None:
    running = played(
        "complaint",
        ("registered", "2026-07-01"),
        ("claimed", "2026-07-02"),
        ("received", "2026-07-02"),
        ("accepted", "2026-07-06"),
        ("terminated", "2026-07-20"),
    )
    assert states(running) == {
        "target.claim": "met",
        "target.first_response": "met",
        "complaint.accept": "met",
        "complaint.mediate": "met",
        "complaint.notify_end": "running",
    }


def test_before_formal_receipt_only_our_own_aims_run() -> None:
    """Who was never recorded as received has no statutory deadline, whatever else happens."""
    running = played("complaint", ("registered", "2026-07-01"), ("dispatched", "2026-07-01"))
    assert set(states(running)) == {"target.claim", "target.first_response"}


def test_an_officer_s_decision_starts_its_own_clock_without_a_receipt() -> None:
    assert "complaint.mediate" in states(played("complaint", ("accepted", "2026-07-01")))


def test_withdrawal_ends_a_complaint_and_not_the_verification_of_a_report() -> None:
    for kind, name, state in (
        ("complaint", "complaint.accept", "met"),
        ("report", "report.verify", "running"),
    ):
        running = played(kind, ("received", "2026-07-01"), ("withdrawn", "2026-07-02"))
        assert states(running) == {name: state}


def test_units_that_the_order_does_not_bind_have_their_own_aims_only() -> None:
    running: list[Clock] = []
    for event in ("registered", "received"):
        clocks.follow(
            running,
            event,
            "report",
            "nyncj",
            noon("2026-07-01"),
            LAW,
            WORKDAYS,
            frozenset({"target"}),
        )
    assert set(states(running)) == {"target.claim", "target.first_response"}


def test_the_same_event_twice_changes_nothing() -> None:
    running = played("complaint", ("received", "2026-07-01"))
    before = copy.deepcopy(running)
    at = noon("2026-07-01")
    assert clocks.follow(running, "received", "complaint", "scjg", at, LAW, WORKDAYS) == []
    assert running == before


def test_a_second_return_on_one_day_is_a_dispute_again() -> None:
    running = played(
        "report",
        ("returned", "2026-07-01"),
        ("dispatched", "2026-07-01"),
        ("returned", "2026-07-01"),
    )
    assert [clock.state for clock in running] == ["met", "running"]


def test_a_transfer_hands_on_what_is_open_with_its_dates() -> None:
    done, open_one = begin("target.claim", "2026-07-01"), begin("complaint.accept", "2026-07-01")
    clocks.stop(done, date(2026, 7, 1))
    before = open_one.due_on
    for clock in (done, open_one):
        clocks.inherit(clock, "xfs")
    assert (done.unit, open_one.unit, open_one.due_on) == ("scjg", "xfs", before)
