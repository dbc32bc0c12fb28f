"""What a citizen may still do with a finished matter, and what the answer is counted as."""

from __future__ import annotations

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, cast

import pytest

from bot.clock import SHANGHAI
from bot.settings import Settings
from content.phrasebook import load_phrasebook
from content.service import ServiceRules
from handlers.intents import reopen, withdraw
from handlers.tickets import reviewing
from handlers.tickets.moves import MOVES
from handlers.tickets.ticket import Entry, Ticket
from handlers.turn import Turn
from handlers.wording import findings

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
PHRASES = load_phrasebook(Settings().content)


class Reviews:
    """Keeps the first answer, like the table."""

    def __init__(self) -> None:
        self.score: int | None = None
        self.reason: str | None = None

    async def answer(self, ticket_id: int, score: int, at: datetime) -> bool:
        first, self.score = self.score is None, score if self.score is None else self.score
        return first

    async def explain(self, ticket_id: int, reason: str) -> bool:
        first = self.score == -1 and self.reason is None
        self.reason = reason if first else self.reason
        return first


def ticket(kind: str = "report", state: str = "resolved") -> Ticket:
    return Ticket(
        "SA20261123-0001", kind, 1, "来件人", "", {}, {}, "scjg", (), "normal", NOW, state, id=1
    )


def turn(entries: list[Entry], now: datetime = NOW) -> Turn:
    async def timeline(number: str) -> list[Entry]:
        return entries

    work = SimpleNamespace(tickets=SimpleNamespace(timeline=timeline))
    services = SimpleNamespace(rules=ServiceRules(reopen_days=15, reopen_limit=2))
    return cast(Any, SimpleNamespace(work=work, services=services, now=now))


def entry(type: str, at: datetime = NOW, **data: Any) -> Entry:
    return Entry(at, "citizen", type, "citizen", "", data)


@pytest.mark.parametrize(("days", "hindered"), [(0, None), (15, None), (16, "late")])
async def test_reopening_has_its_calendar_days(days: int, hindered: str | None) -> None:
    late_at_night = NOW.replace(hour=23, minute=59) + timedelta(days=days)
    assert await reopen.hindrance(turn([entry("resolved")], late_at_night), ticket()) == hindered


async def test_the_last_resolution_counts() -> None:
    again = [entry("resolved", NOW - timedelta(days=40)), entry("resolved")]
    assert await reopen.hindrance(turn(again), ticket()) is None


async def test_only_the_citizens_own_reopenings_use_up_the_limit() -> None:
    refused = [entry("reopened", how="spot_check"), entry("reopened", how="new_facts")]
    own = [entry("reopened", how="citizen")]
    assert await reopen.hindrance(turn([*refused, *own]), ticket()) is None
    assert await reopen.hindrance(turn([*own, *own]), ticket()) == "often"


@pytest.mark.parametrize("kind", MOVES)
async def test_only_finished_matters_are_reopened(kind: str) -> None:
    for state in MOVES[kind]:
        possible = await reopen.hindrance(turn([]), ticket(kind, state)) is None
        assert possible == (state in reopen.FINISHED)


def test_a_complaint_is_withdrawn_until_there_is_a_result() -> None:
    fit = {
        state for state in MOVES["complaint"] if withdraw.withdrawable(ticket("complaint", state))
    }
    assert {"dispatched", "claimed", "accepted", "mediating"} <= fit
    assert not fit & {"declined", "settled", "terminated", "resolved", "struck_off", "withdrawn"}


async def test_the_answer_is_read_by_supervisors_only() -> None:
    made, reviews = ticket(), Reviews()
    work = cast(Any, SimpleNamespace(reviews=reviews))
    assert await reviewing.rate(work, made, -1, NOW, PHRASES)
    assert await reviewing.explain(work, made, "speed", NOW, PHRASES)
    assert [e.audience for e in made.new_entries] == ["supervisors", "supervisors"]
    assert made.new_entries[-1].data == {"score": -1, "reason": "speed"}


async def test_a_second_answer_leaves_no_trace() -> None:
    made, work = ticket(), cast(Any, SimpleNamespace(reviews=Reviews()))
    await reviewing.rate(work, made, 1, NOW, PHRASES)
    assert not await reviewing.rate(work, made, -1, NOW, PHRASES)
    assert not await reviewing.explain(work, made, "result", NOW, PHRASES)
    assert len(made.new_entries) == 1


@pytest.mark.parametrize("section", ["rate", "reopen", "period", "withdraw", "supplement"])
def test_what_is_said_keeps_the_red_lines(section: str) -> None:
    for locale, phrases in PHRASES.by_locale.items():
        for key, text in phrases.items():
            if key.startswith(f"{section}."):
                assert not findings(text, from_bot=True), (locale, key)
