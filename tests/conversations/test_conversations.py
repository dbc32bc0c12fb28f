"""Every conversation, on every channel it can be held in: same answers, red lines kept."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot import reviews
from bot.db import tables as t
from bot.vault import sealing_context
from handlers.tickets.ticket import Ticket
from nlu.engines.local import LocalEngine
from tests.conversations import campaigns, script, staff
from tests.conversations.citizens import CHANNELS, START, Citizen, Said
from tests.conversations.script import Scenario

SCENARIOS = script.load()
JOBS = {"reviews": reviews.remind}
MOST_QUESTIONS = 14
UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda s: s.name)
async def test_conversation(scenario: Scenario, engine: LocalEngine, tmp_path: Path) -> None:
    heard = {}
    for channel in scenario.channels:
        async with CHANNELS[channel](tmp_path / channel, engine) as citizen:
            for prepared in scenario.prepared:
                await campaigns.PREPARED[prepared](citizen.app.services)
            heard[channel] = await _play(citizen, scenario)
            await _check_stored(citizen, scenario)
    assert len({str(texts) for texts in heard.values()}) == 1, "the channels say different things"


def test_there_are_enough_conversations() -> None:
    assert len(SCENARIOS) >= 45
    assert len({s.name for s in SCENARIOS}) == len(SCENARIOS)


async def _play(citizen: Citizen, scenario: Scenario) -> list[list[str]]:
    heard, at, said = [], START, Said([], [], [])
    for number, turn in enumerate(scenario.turns, 1):
        at += timedelta(minutes=1) + _span(turn.get("wait", "0s"))
        citizen.clock.at = at
        said = await _turn(citizen, turn, said)
        try:
            script.check(said, turn.get("expect", {}))
        except AssertionError as error:
            raise AssertionError(f"{scenario.name}, turn {number} {turn}: {error}") from error
        heard.append(said.texts)
    return heard


async def _turn(citizen: Citizen, turn: dict[str, Any], before: Said) -> Said:
    if "staff" in turn:
        return await _staff(citizen, turn["staff"])
    if "ring" in turn:
        return await _ring(citizen, turn["ring"])
    return await (_until(citizen, turn["until"], before) if "until" in turn else citizen.say(turn))


async def _until(citizen: Citizen, words: str, said: Said) -> Said:
    """Answer what is asked until `words` are said; the events of all these turns together."""
    events: list[dict[str, Any]] = []
    for _ in range(MOST_QUESTIONS):
        if any(words in text for text in said.texts):
            return Said(said.texts, said.buttons, events or said.events)
        citizen.clock.advance(timedelta(seconds=5))
        said = await citizen.say({"text": script.answer_to(said)})
        script.check(said, {})
        events += said.events
    raise AssertionError(f"{words!r} was never said")


async def _staff(citizen: Citizen, given: dict[str, Any]) -> Said:
    """The unit that leads one of the tickets acts on it."""
    tickets = await _tickets(citizen)
    await staff.act(citizen.app, tickets[given.get("ticket", 0) - 1], given)
    return await citizen.hear()


async def _ring(citizen: Citizen, job: str) -> Said:
    """A job of the scheduler runs twice, as after a crash; the second time must do nothing."""
    app = citizen.app
    await JOBS[job](app.units_of_work, app.services)
    assert not await JOBS[job](app.units_of_work, app.services)
    return await citizen.hear()


def _span(text: str) -> timedelta:
    match = re.fullmatch(r"(\d+)([smhd])", text)
    assert match, text
    return timedelta(**{UNITS[match[2]]: int(match[1])})


async def _check_stored(citizen: Citizen, scenario: Scenario) -> None:
    tickets = await _tickets(citizen)
    if scenario.tickets is not None:
        assert len(tickets) == len(scenario.tickets), [(x.number, x.kind) for x in tickets]
        for ticket, wanted in zip(tickets, scenario.tickets, strict=True):
            held = {name: getattr(ticket, name) for name in wanted}
            assert held == wanted
    stored = await _everything(citizen) if scenario.stored_nowhere else ""
    for word in scenario.stored_nowhere:
        at = stored.find(word)
        assert at < 0, f"{word} is stored: {stored[max(0, at - 60) : at + 60]}"


async def _tickets(citizen: Citizen) -> list[Ticket]:
    async with citizen.app.units_of_work() as work:
        return sorted(await work.tickets.of_citizen(1), key=lambda ticket: ticket.number)


async def _everything(citizen: Citizen) -> str:
    """All that is kept, opened: tickets, timelines, dialog, what was written and answered."""
    app, parts = citizen.app, []
    async with app.units_of_work() as work:
        for ticket in await work.tickets.of_citizen(1):
            parts += [str(ticket), str(await work.tickets.timeline(ticket.number))]
        parts.append(str(await work.dialogs.load(1)))
    async with app.database.read() as connection:
        for row in (await connection.execute(sa.select(t.inbox))).mappings():
            context = sealing_context(row["channel"], row["external_id"])
            parts.append(str(app.vault.open_json(context, row["payload"])))
        for row in (await connection.execute(sa.select(t.outbox))).mappings():
            context = f"outbox.payload|{row['dedup_key']}"
            parts.append(str(app.vault.open_json(context, row["payload"])))
        for table in (t.alerts, t.consents, t.timeline, t.tickets):
            parts += [str(row) for row in await connection.execute(sa.select(table))]
    return "\n".join(parts)
