"""A ticket moves along its table and nowhere else."""

from __future__ import annotations

import itertools
from datetime import datetime
from typing import Any

import pytest

from bot.clock import SHANGHAI
from handlers.errors import MoveNotAllowed
from handlers.tickets.moves import DONE, KINDS, MOVES
from handlers.tickets.ticket import Ticket

AT = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
STATES = sorted({state for table in MOVES.values() for state in table})
EVERY = list(itertools.product(KINDS, STATES, STATES))


def ticket(kind: str, state: str = "registered") -> Ticket:
    plain: dict[str, Any] = {"labels": {}, "routing": {}, "assist": (), "severity": "normal"}
    return Ticket(
        "SA20261123-0001",
        kind,
        1,
        "来件人0001",
        "脏",
        lead="scjg",
        created_at=AT,
        state=state,
        **plain,
    )


def allowed(kind: str, state: str, to: str) -> bool:
    return to in MOVES[kind].get(state, frozenset())


@pytest.mark.parametrize(("kind", "state", "to"), [row for row in EVERY if allowed(*row)])
def test_allowed_moves_change_state_and_timeline_together(kind: str, state: str, to: str) -> None:
    moved = ticket(kind, state)
    entry = moved.move(to, AT, "staff:wang", "citizen", "说明")
    assert moved.state == to
    assert moved.new_entries == [entry]
    assert (entry.type, entry.data["before"]) == (to, state)


def test_every_other_move_is_refused_and_changes_nothing() -> None:
    for kind, state, to in EVERY:
        if allowed(kind, state, to):
            continue
        refused = ticket(kind, state)
        with pytest.raises(MoveNotAllowed):
            refused.move(to, AT, "staff:wang", "citizen", "")
        assert (refused.state, refused.new_entries) == (state, [])


def test_every_state_can_be_reached_and_every_target_is_a_state() -> None:
    for table in MOVES.values():
        reached, todo = set(), ["registered"]
        while todo:
            state = todo.pop()
            if state not in reached:
                reached.add(state)
                todo += table[state]
        assert reached == set(table)


@pytest.mark.parametrize("kind", ["complaint", "report"])
def test_resolved_and_struck_off_are_two_states(kind: str) -> None:
    assert "struck_off" not in MOVES[kind]["resolved"]
    assert allowed(kind, "resolved", "strike_off_pending")
    assert allowed(kind, "struck_off", "reopened")


def test_verification_of_a_report_cannot_be_withdrawn() -> None:
    assert not any("withdrawn" in MOVES["report"][s] for s in ("verifying", "filed", "decided"))
    assert allowed("complaint", "mediating", "withdrawn")
    assert allowed("report", "claimed", "withdrawn")


def test_done_means_nothing_more_is_expected() -> None:
    assert {state for state in STATES if ticket("report", state).done} == set(DONE)


def test_unknown_audience_is_refused() -> None:
    with pytest.raises(ValueError, match="everybody"):
        ticket("report").note(AT, "bot", "note", "everybody", "")
