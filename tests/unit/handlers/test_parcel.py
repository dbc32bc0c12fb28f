"""进度: steps done, present and ahead, and the happenings a citizen may read."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.clock import SHANGHAI
from bot.settings import Settings
from content.jurisdiction import load_jurisdiction
from content.phrasebook import load_phrasebook
from handlers import parcel
from handlers.tickets.moves import MOVES
from handlers.tickets.ticket import Entry, Ticket
from handlers.turn import Turn
from handlers.wording import findings

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
MARKET, FARMING = "scjg", "nyncj"


def ticket(kind: str = "report", state: str = "registered", **given: Any) -> Ticket:
    made: dict[str, Any] = {"lead": MARKET, "assist": (), "severity": "normal", **given}
    blank = {"labels": {}, "routing": {}, "citizen_id": 1, "reporter": "", "summary": ""}
    return Ticket("SA20261123-0001", kind, created_at=NOW, state=state, **blank, **made)


def through(made: Ticket, *states: str, audience: str = "citizen") -> list[Entry]:
    """The timeline of a ticket that went through these states."""
    made.note(NOW, "bot", "registered", "citizen", "已登记")
    for n, state in enumerate(states):
        target = {"target": made.lead} if state == "dispatched" else {}
        made.move(state, NOW + timedelta(hours=n), "staff:wang", audience, f"到了{n}", **target)
    return made.new_entries


@pytest.fixture(scope="module")
def turn() -> Turn:
    content = Settings().content
    services = SimpleNamespace(
        jurisdiction=load_jurisdiction(content, "changzhou_xinbei"),
        phrases=load_phrasebook(content),
    )
    citizen = SimpleNamespace(id=1, locale="zh-Hans")
    nothing = cast(Any, None)
    return Turn(
        nothing, cast(Any, citizen), nothing, cast(Any, services), nothing, NOW, "", nothing
    )


def bar(made: Ticket, entries: list[Entry], *, bound: bool = True) -> str:
    steps = parcel.steps(made, entries, bound=bound)
    return " ".join(step.mark + step.key.partition(".")[2] for step in steps)


@pytest.mark.parametrize(
    ("kind", "states", "shown"),
    [
        ("report", ["dispatched"], "●registered ◉dispatched ○claimed ○verify ○file ○resolved"),
        (
            "report",
            ["dispatched", "claimed", "verifying", "filed"],
            "●registered ●dispatched ●claimed ●verifying ◉filed ○penalty ○resolved",
        ),
        (
            "report",
            ["dispatched", "claimed", "verifying", "not_filed", "resolved"],
            "●registered ●dispatched ●claimed ●verifying ●not_filed ●resolved",
        ),
        (
            "complaint",
            ["dispatched", "claimed"],
            "●registered ●dispatched ◉claimed ○decide ○mediate ○resolved",
        ),
        (
            "complaint",
            ["dispatched", "claimed", "declined"],
            "●registered ●dispatched ●claimed ◉declined ○resolved",
        ),
        (
            "complaint",
            ["dispatched", "claimed", "accepted", "mediating", "settled"],
            "●registered ●dispatched ●claimed ●accepted ◉settled ○resolved",
        ),
        ("consult", ["dispatched"], "●registered ◉dispatched ○claimed ○answer"),
        (
            "consult",
            ["dispatched", "claimed", "answered"],
            "●registered ●dispatched ●claimed ●answered",
        ),
        ("complaint", ["dispatched", "withdrawn"], "●registered ●dispatched ◉withdrawn"),
        (
            "complaint",
            ["dispatched", "claimed", "returned"],
            "●registered ◉returned ○claimed ○decide ○mediate ○resolved",
        ),
    ],
)
def test_steps(kind: str, states: list[str], shown: str) -> None:
    made = ticket(kind)
    assert bar(made, through(made, *states)) == shown


def test_a_reopened_matter_starts_a_new_round() -> None:
    made = ticket()
    path = ["dispatched", "claimed", "handed_over", "resolved", "reopened", "dispatched"]
    assert bar(made, through(made, *path)).startswith("●reopened ◉dispatched ○claimed")


def test_units_not_bound_by_order_121_announce_no_legal_steps() -> None:
    made = ticket("complaint", lead=FARMING)
    shown = bar(made, through(made, "dispatched"), bound=False)
    assert shown == "●registered ◉dispatched ○claimed ○resolved"


@pytest.mark.parametrize("kind", MOVES)
def test_every_state_has_its_step(kind: str) -> None:
    for state in MOVES[kind]:
        assert parcel.steps(ticket(kind, state), [])


def test_only_what_is_meant_for_the_citizen_is_shown(turn: Turn) -> None:
    made = ticket()
    entries = through(made, "dispatched", "claimed")
    made.note(NOW, "staff:wang", "note", "unit", "内部意见")
    made.note(NOW, "citizen", "rated", "supervisors", "督办才看")
    shown = parcel.view(turn, made, entries)
    assert "内部意见" not in shown
    assert "督办才看" not in shown


def test_newest_first_with_the_unit_of_that_time(turn: Turn) -> None:
    made = ticket()
    entries = through(made, "dispatched", "claimed")
    made.lead = FARMING
    made.move("dispatched", NOW + timedelta(days=1), "staff:li", "citizen", "改派", target=FARMING)
    lines = parcel.view(turn, made, entries).splitlines()
    happened = [line for line in lines if line.startswith("11-2")]
    assert [line.partition("：")[0] for line in happened] == [
        "11-24 10:00 已派单 · 区农业农村局",
        "11-23 11:00 已签收 · 区市场监管局",
        "11-23 10:00 已派单 · 区市场监管局",
        f"11-23 10:00 已登记 · {turn.unit_name(None)}",
    ]


def test_a_long_timeline_is_cut_with_a_count(turn: Turn) -> None:
    made = ticket()
    entries = through(made, "dispatched")
    for number in range(20):
        made.note(NOW, "staff:wang", "reply", "citizen", f"第{number}次答复\n" + "很长" * 200)
    lines = parcel.view(turn, made, entries).splitlines()
    assert len(lines) <= 12
    assert "第19次" in lines[4]
    assert lines[-1] == "（更早的还有16条）"


def test_the_period_is_said_without_a_date_unless_a_statutory_clock_runs(turn: Turn) -> None:
    made = ticket()
    entries = through(made, "dispatched", "claimed")
    clock: Any = SimpleNamespace(name="report.verify", state="running", due_on=date(2026, 12, 14))
    made.clocks = [clock]
    before = parcel.view(turn, made, entries)
    made.received = {"channel": "12315", "number": "1", "on": "2026-11-23"}
    after = parcel.view(turn, made, entries)
    assert "15个工作日" in before
    assert "2026-12-14" not in before
    assert "2026-12-14" in after


def test_other_departments_have_no_period_of_order_121(turn: Turn) -> None:
    made = ticket("complaint", lead=FARMING)
    assert "工作日" not in parcel.view(turn, made, through(made, "dispatched"))


@pytest.mark.parametrize("kind", MOVES)
def test_every_state_is_worded_within_the_red_lines(turn: Turn, kind: str) -> None:
    for state in MOVES[kind]:
        shown = parcel.view(turn, ticket(kind, state), [])
        assert not findings(shown, from_bot=True)
