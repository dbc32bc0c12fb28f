"""`shian bench queue`: what staff wait for when the past is long.

Fills a database with tickets (95 of 100 done), then measures the real code paths at 20 requests a second: queue,
ticket, search, proposals for a new ticket, a tick of the warning ladder. Sizes grow on one database, so that the
curve shows whether the cost of one thing grows with history.
"""

from __future__ import annotations

import asyncio
import random
import secrets
import statistics
import tempfile
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import make_url
from sqlalchemy.ext.asyncio import create_async_engine

from bot import ladder
from bot.bootstrap import App, bootstrap
from bot.clock import SHANGHAI, SetClock
from bot.console import views
from bot.console.filters import Filters
from bot.db import case_tables as c
from bot.db import search
from bot.db import tables as t
from bot.db.migrate import upgrade
from bot.db.ticket_rows import SqlTickets, queue_rank, ticket_from
from bot.settings import Settings
from bot.understanding import progress
from handlers.ports import Staff
from handlers.tickets import clocks, incident, likeness
from handlers.tickets.routing import Routing
from handlers.tickets.ticket import Ticket

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
SIZES = (10_000, 100_000)
BATCH = 2_000
RATE = 20  # requests a second
ASKED = 100  # requests of each kind
OPEN_SHARE = 0.05
UNITS = ("scjg", "nyncj", "wjj", "jyj", "gafj", "shian")
SHOPS = [
    f"{a}{b}{x}"
    for a in ("老王", "川味", "鲜果", "福满", "佳佳", "好又多", "顺发", "湘里")
    for b in ("烧烤", "火锅", "超市", "面馆", "烘焙", "卤味")
    for x in "甲乙丙丁戊己庚辛壬癸"
]
ROADS = [
    f"{a}{b}路"
    for a in ("黄河", "人民", "长江", "通江", "河海", "太湖", "衡山", "巢湖")
    for b in ("", "东", "西", "中")
]
WRONG = (
    "吃出虫子",
    "卖过期牛奶",
    "后厨有老鼠",
    "用回收油",
    "没有营业执照",
    "缺斤少两",
    "肉是臭的",
    "改生产日期",
    "卖病死猪肉",
    "饭菜里有头发",
)
TAIL = (
    "要求退款",
    "请查处",
    "多次反映没人管",
    "希望尽快处理",
    "有照片和小票",
    "孩子吃了拉肚子",
    "态度很差",
    "就在学校门口",
)
OFFICER = Staff("li", "李", "officer", "scjg")
SUPERVISOR = Staff("du", "督", "supervisor", "shian")


@dataclass(frozen=True)
class Sized:
    """What was measured at one size: milliseconds by name (p50 and p95), and seconds of the tick."""

    size: int
    rows: dict[str, float]


def measure(database: str, sizes: Sequence[int]) -> list[Sized]:
    """Fill and measure at each size; `database` empty: a SQLite file that goes again."""
    return asyncio.run(_measure(database, sorted(sizes)))


async def _measure(database: str, sizes: Sequence[int]) -> list[Sized]:
    found = []
    async with _app(database) as app:
        filled = 0
        for size in sizes:
            await _fill(app, filled, size)
            filled = size
            found.append(Sized(size, await _times(app, size)))
            progress(f"{size} 件：{found[-1].rows}")
    return found


@asynccontextmanager
async def _app(server: str) -> AsyncIterator[App]:
    name = f"shian_bench_{secrets.token_hex(4)}"
    with tempfile.TemporaryDirectory() as folder:
        url = ""
        if server:
            await _run_on(server, f"CREATE DATABASE {name}")
            url = make_url(server).set(database=name).render_as_string(hide_password=False)
        settings = Settings(data=Path(folder), database_url=url)
        app = bootstrap(settings, clock=SetClock(NOW), progress=progress)
        try:
            await upgrade(app.database)
            yield app
        finally:
            await app.close()
            if server:
                await _run_on(server, f"DROP DATABASE {name} WITH (FORCE)")


async def _run_on(server: str, statement: str) -> None:
    engine = create_async_engine(server, isolation_level="AUTOCOMMIT")
    async with engine.connect() as connection:
        await connection.execute(sa.text(statement))
    await engine.dispose()


async def _fill(app: App, start: int, size: int) -> None:
    if not start:
        async with app.database.write() as connection:
            citizen = {"channel": "web", "address": "bench", "locale": "zh-Hans", "created_at": NOW}
            await connection.execute(sa.insert(t.citizens).values(**citizen))
            named = [{"name": s, "key": s, "address": "", "created_at": NOW} for s in SHOPS]
            await connection.execute(sa.insert(c.merchants), named)
    for first in range(start, size, BATCH):
        async with app.database.write() as connection:
            await connection.run_sync(_insert, app, range(first, min(size, first + BATCH)))
        if first % 20_000 == 0:
            progress(f"填充 {first}/{size}")
    await _settle(app)


async def _settle(app: App) -> None:
    """Leave the tables as PostgreSQL's autovacuum leaves those that grew in years, not in minutes."""
    statement = "ANALYZE" if app.database.url.startswith("sqlite") else "VACUUM (ANALYZE)"
    await _run_on(app.database.url, statement)


def _insert(connection: sa.Connection, app: App, numbers: Sequence[int]) -> None:
    made = [_ticket(app, number) for number in numbers]
    connection.execute(sa.insert(t.tickets), [_row(ticket) for ticket in made])
    connection.execute(sa.insert(t.timeline), [row for k in made for row in _entries(k)])
    connection.execute(sa.insert(c.clocks), [row for k in made for row in _clock_rows(k)])
    units = [
        {"ticket_id": k.id, "unit": u, "queue_rank": queue_rank(k)} for k in made for u in k.assist
    ]
    connection.execute(sa.insert(t.ticket_units), units)
    keys = [
        {"ticket_id": k.id, "key": key}
        for k in made
        for key in dict.fromkeys(likeness.keys(incident.facts_of(k)))
    ]
    connection.execute(sa.insert(c.ticket_keys), keys)
    search.add_all(connection, [(k.id or 0, search.document(_row(k))) for k in made])


def _ticket(app: App, number: int) -> Ticket:
    """Ticket `number` of a made-up past; the same each time."""
    chance = random.Random(number)  # noqa: S311
    shop = min(int(chance.paretovariate(0.7)), len(SHOPS)) - 1
    road = f"{chance.choice(ROADS)}{chance.randint(1, 400)}号"
    story = (
        f"{road}{SHOPS[shop]}{chance.choice(WRONG)}，{chance.choice(TAIL)}，{chance.choice(TAIL)}"
    )
    lead, helper = chance.sample(UNITS, 2)
    at = NOW - timedelta(minutes=5 * chance.randint(1, 100_000))
    is_open = chance.random() < OPEN_SHARE
    ticket = Ticket(
        f"SA20250101-{number:07d}", chance.choice(("complaint", "report")), 1, f"来件人{number:07d}",
        story, {"intent": "report", "hazards": [], "evidence": [], "model_version": "m"},
        asdict(Routing(lead, (helper,), "xb-001", "依据")), lead, (helper,),
        "urgent" if chance.random() < 0.02 else "normal", at,
        state="dispatched" if is_open else "struck_off",
        fields={"merchant": SHOPS[shop], "address": road}, merchant_id=shop + 1, id=number + 1,
    )  # fmt: skip
    for rule in app.services.law.clocks(at.date()):
        if rule.binds == "target" and "registered" in rule.starts_on:
            clock = clocks.start(rule, at.date(), lead, app.services.workdays)
            clock.state = "running" if is_open else "met"
            ticket.clocks.append(clock)
    return ticket


def _row(ticket: Ticket) -> dict[str, Any]:
    names = [
        column.name for column in t.tickets.c if column.name not in ("queue_rank", "updated_at")
    ]
    row = {name: getattr(ticket, name) for name in names}
    return {
        **row,
        "assist": list(ticket.assist),
        "updated_at": ticket.created_at,
        "queue_rank": queue_rank(ticket),
    }


def _entries(ticket: Ticket) -> Iterator[dict[str, Any]]:
    for kind, audience in (("registered", "citizen"), ("story", "unit"), ("dispatched", "citizen")):
        yield {
            "ticket_id": ticket.id, "at": ticket.created_at, "actor": "bot", "type": kind,
            "audience": audience, "text": ticket.summary[:40], "data": {},
        }  # fmt: skip


def _clock_rows(ticket: Ticket) -> Iterator[dict[str, Any]]:
    for position, clock in enumerate(ticket.clocks):
        yield {
            "ticket_id": ticket.id, "position": position, "name": clock.name, "unit": clock.unit,
            "state": clock.state, "started_on": clock.started_on, "due_on": clock.due_on,
            "data": clock.to_json(), "announced": "",
        }  # fmt: skip


async def _times(app: App, size: int) -> dict[str, float]:
    found: dict[str, float] = {}
    for name, ask in _questions(app, size).items():
        times = await _at_rate(ask)
        found[f"{name}_p50_ms"] = round(statistics.median(times), 1)
        found[f"{name}_p95_ms"] = round(statistics.quantiles(times, n=20)[-1], 1)
    for name in ("first_tick_s", "quiet_tick_s"):
        begun = time.perf_counter()
        await ladder.tick(app, NOW)
        found[name] = round(time.perf_counter() - begun, 2)
    return found


def _questions(app: App, size: int) -> dict[str, Callable[[int], Awaitable[object]]]:
    def number(i: int) -> str:
        return f"SA20250101-{(i * 7919) % size:07d}"

    def queue(person: Staff, text: Callable[[int], str] = lambda _: "", state: str = "open"):  # type: ignore[no-untyped-def]
        return lambda i: views.queue(app.database, person, Filters(text=text(i), state=state))

    return {
        "queue_officer": queue(OFFICER),
        "queue_supervisor": queue(SUPERVISOR),
        "ticket": lambda i: views.ticket(app.database, SUPERVISOR, number(i)),
        "search_number": queue(SUPERVISOR, number, "all"),
        "search_merchant": queue(SUPERVISOR, lambda i: SHOPS[i % len(SHOPS)], "all"),
        "search_text": queue(OFFICER, lambda i: WRONG[i % len(WRONG)], "all"),
        "proposal": lambda i: _propose(app, number(i)),
    }


async def _propose(app: App, number: str) -> float:
    """Proposals for a ticket like an earlier one, taken back; gives the milliseconds of that alone."""
    async with app.units_of_work() as work:
        tickets = work.tickets
        assert isinstance(tickets, SqlTickets)
        row = (
            (
                await tickets.connection.execute(
                    sa.select(t.tickets).where(t.tickets.c.number == number)
                )
            )
            .mappings()
            .one()
        )
        fresh = ticket_from(row)
        fresh.citizen_id, fresh.created_at = 2, NOW
        begun = time.perf_counter()
        await incident.propose(work, fresh)
        return (time.perf_counter() - begun) * 1000


async def _at_rate(ask: Callable[[int], Awaitable[object]]) -> list[float]:
    """Milliseconds of ASKED requests that come at RATE, whether or not the one before is answered."""

    async def one(i: int) -> float:
        await asyncio.sleep(i / RATE)
        begun = time.perf_counter()
        own = await ask(i)
        return own if isinstance(own, float) else (time.perf_counter() - begun) * 1000

    await ask(0)
    return list(await asyncio.gather(*(one(i) for i in range(ASKED))))
