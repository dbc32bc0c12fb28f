"""The queue by its indexes lists what reading every ticket would, in the same order, on both databases."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bootstrap import App, bootstrap
from bot.clock import SHANGHAI, SetClock
from bot.console import queue_query, views
from bot.console.filters import Filters
from bot.db import search
from bot.db.migrate import upgrade
from bot.db.tables import citizens
from bot.settings import Settings
from handlers.ports import Staff
from handlers.staff import may
from handlers.tickets.moves import MOVES
from handlers.tickets.ticket import Ticket
from tests.integration.console.office import Deaf
from tests.integration.postgres.conftest import postgres_url

__all__ = ["postgres_url"]
WHERE = [pytest.param("sqlite"), pytest.param("postgres", marks=pytest.mark.postgres)]
DUE = datetime(2026, 11, 23, 9, 0, tzinfo=SHANGHAI)
UNITS = ("scjg", "wjj", "shian")
WORDS = ("后厨有老鼠", "老鼠咬人", "后厨脏", "abc超市")
TICKETS = 150
PEOPLE = [
    Staff("li", "李", "officer", "scjg"),
    Staff("wang", "王", "unit_head", "scjg"),
    Staff("zhao", "赵", "officer", "wjj"),
    Staff("fen", "分", "triage", "shian"),
    Staff("du", "督", "supervisor", "shian"),
    Staff("guan", "管", "admin", "shian"),
    Staff("bian", "编", "editor", "shian"),
]
NARROWED = [
    Filters(),
    Filters(state="all"),
    Filters(state="resolved"),
    Filters(state="verifying", kind="report"),
    Filters(severity="urgent", state="all"),
    Filters(unit="wjj"),
    Filters(text="SA20261123-0007", state="all"),
    Filters(text="老鼠"),
    Filters(text="后厨 老鼠", state="all"),
    Filters(text="abc", state="all", unit="scjg"),
    Filters(text="？", state="all"),
]


@pytest.fixture(params=WHERE)
def url(request: pytest.FixtureRequest) -> str:
    """An empty database: a file in the test's folder, or one of the server."""
    return request.getfixturevalue("postgres_url") if request.param == "postgres" else ""


@pytest.fixture
async def app(url: str, tmp_path: Path) -> AsyncIterator[App]:
    settings = Settings(data=tmp_path, database_url=url, jurisdiction="suining_hedong")
    made = bootstrap(settings, clock=SetClock(DUE), interpreter=Deaf())
    await upgrade(made.database)
    yield made
    await made.close()


def made_up() -> Iterator[Ticket]:
    """Tickets of every kind of sight: led, assisted, in the interim, copied in, of insiders."""
    chance = random.Random(7)
    for number in range(1, TICKETS + 1):
        lead, helper, interim = chance.sample(UNITS, 3)
        kind = chance.choice(("complaint", "report"))
        yield Ticket(
            f"SA20261123-{number:04d}", kind, 1, "举报人A", chance.choice(WORDS), {}, {}, lead,
            chance.choice(((), (helper,))), chance.choice(("urgent", "illness", "normal")),
            DUE - timedelta(minutes=number), state=chance.choice([*MOVES[kind]]),
            officer=chance.choice((None, "li", "zhao")), interim=chance.choice((None, interim)),
            secrecy=chance.choice(("normal", "normal", "insider")),
            watchers=chance.choice(((), ("li",), ("li", "fen"))),
        )  # fmt: skip


async def file(app: App) -> list[Ticket]:
    filed = [*made_up()]
    async with app.database.write() as connection:
        citizen = {"channel": "web", "address": "a", "locale": "zh-Hans", "created_at": DUE}
        await connection.execute(sa.insert(citizens).values(**citizen))
    async with app.units_of_work() as work:
        for ticket in filed:
            await work.tickets.add(ticket)
        await work.commit()
    return filed


def fits(ticket: Ticket, person: Staff, filters: Filters) -> bool:
    """What the queue promises, read from the ticket itself."""
    unit = filters.unit if person.role in ("supervisor", "admin") else ""
    concerned = (ticket.lead, *ticket.assist, ticket.interim)
    words = filters.text.split()
    return (
        may(person, "see", ticket)
        and filters.kind in ("", ticket.kind)
        and filters.severity in ("", ticket.severity)
        and filters.state in (ticket.state, "all", "" if ticket.done else "open")
        and (not unit or unit in concerned)
        and all(word in f"{ticket.summary} {ticket.number}" for word in words)
    )


def expected(filed: list[Ticket], person: Staff, filters: Filters) -> list[str]:
    found = [ticket for ticket in filed if fits(ticket, person, filters)]
    found.sort(key=lambda k: (k.done, k.severity != "urgent", k.id))
    return [ticket.number for ticket in found]


async def test_every_page_is_what_reading_all_tickets_gives(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(search, "FIRST", 3)
    monkeypatch.setattr(search, "WALKED", 10)
    filed = await file(app)
    for person in PEOPLE:
        for filters in NARROWED:
            numbers = expected(filed, person, filters)
            for page in range(1, len(numbers) // queue_query.PER_PAGE + 3):
                shown = await views.queue(app.database, person, replace(filters, page=page))
                start = (page - 1) * queue_query.PER_PAGE
                here = numbers[start : start + queue_query.PER_PAGE]
                assert [k.number for k in shown.tickets] == here, (person, filters, page)
                assert shown.total == len(numbers), (person, filters)


async def test_pages_beyond_what_is_counted_can_be_read(
    app: App, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(queue_query, "COUNTED", 40)
    filed = await file(app)
    person, filters = PEOPLE[0], Filters(state="all")
    numbers = expected(filed, person, filters)
    for page in (2, 3, 4):
        shown = await views.queue(app.database, person, replace(filters, page=page))
        start = (page - 1) * queue_query.PER_PAGE
        assert [k.number for k in shown.tickets] == numbers[start : start + queue_query.PER_PAGE]
        assert shown.total == 41


@pytest.mark.parametrize(("most", "first"), [(5, 3), (17, 4), (60, 2), (500, 7)])
async def test_the_newest_are_found_whatever_the_windows(
    app: App, monkeypatch: pytest.MonkeyPatch, most: int, first: int
) -> None:
    monkeypatch.setattr(search, "NEWEST", most)
    monkeypatch.setattr(search, "FIRST", first)
    monkeypatch.setattr(search, "WALKED", 10)
    filed = await file(app)
    async with app.database.read() as connection:
        for word in ("老鼠", "后厨", "abc", "没有", "sa20261123"):
            having = [k for k in filed if word in f"{k.summary} {k.number}".lower()]
            newest = sorted((k.id or 0 for k in having), reverse=True)[:most]
            assert await search.newest(connection, word) == newest, word
