"""An office for console tests: the real application on a real SQLite file, and browsers."""

from __future__ import annotations

import html
import re
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from functools import cached_property
from zoneinfo import ZoneInfo

import httpx
import sqlalchemy as sa
from argon2 import PasswordHasher
from fastapi import FastAPI

from bot.api.server import create_server
from bot.bootstrap import App
from bot.clock import SetClock
from bot.console.security import digest
from bot.db import tables as t
from bot.db.ticket_rows import queue_rank, ticket_from
from handlers.tickets.ports import Alert
from handlers.tickets.routing import Routing
from handlers.tickets.ticket import Ticket
from nlu.understanding import Understanding

START = datetime(2026, 11, 23, 9, 0, tzinfo=ZoneInfo("Asia/Shanghai"))
PASSWORD = "茶叶蛋-四川路-42"
HASH = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)
CSRF = re.compile(r'name="csrf" value="([^"]+)"')
VERSION = re.compile(r'name="version" value="(\d+)"')
MARKET, HEALTH, OFFICE = "scjg", "ssqg", "shian"


class Deaf:
    """No message is understood in these tests; none is sent."""

    def understand(self, text: str, now: datetime) -> Understanding:
        return Understanding("smalltalk")


@dataclass
class Browser:
    """One browser at the console; `text` is the page it shows, without markup escapes."""

    client: httpx.AsyncClient
    response: httpx.Response = field(default_factory=lambda: httpx.Response(0))

    @property
    def status(self) -> int:
        return self.response.status_code

    @property
    def text(self) -> str:
        return html.unescape(self.response.text)

    @property
    def where(self) -> str:
        """Where the answer sends the browser, or where it stands."""
        return self.response.headers.get("location") or str(self.response.request.url)

    @property
    def csrf(self) -> str:
        found = CSRF.search(self.response.text)
        assert found, self.response.text
        return html.unescape(found[1])

    async def get(self, path: str) -> Browser:
        self.response = await self.client.get(f"/console{path}")
        return self

    async def post(self, path: str, **form: str) -> Browser:
        """Send a form as it is; `submit` fills in what the page put into it."""
        self.response = await self.client.post(f"/console{path}", data=form)
        return self

    async def submit(self, path: str, **form: str) -> Browser:
        return await self.post(path, **{"csrf": self.csrf, **form})

    async def log_in(self, login: str, password: str = PASSWORD) -> Browser:
        await self.get("/login")
        return await self.submit("/login", login=login, password=password)

    async def do(self, number: str, action: str, **form: str) -> Browser:
        """Open a ticket and fill in one of its forms."""
        await self.get(f"/tickets/{number}")
        assert f'action="/console/tickets/{number}/{action}"' in self.text, self.text
        found = VERSION.search(self.text)
        assert found
        return await self.submit(f"/tickets/{number}/{action}", version=found[1], **form)


@dataclass
class Office:
    """The application under test, with short cuts to what a story needs."""

    app: App
    clock: SetClock
    woken: list[bool] = field(default_factory=list)

    @cached_property
    def server(self) -> FastAPI:
        return create_server(self.app, background=False)

    def browser(self) -> Browser:
        transport = httpx.ASGITransport(self.server)
        return Browser(httpx.AsyncClient(transport=transport, base_url="http://console.test"))

    async def hire(self, login: str, role: str, unit: str) -> None:
        """An account with PASSWORD."""
        row = {"login": login, "name": f"{login}同志", "role": role, "unit": unit}
        async with self.app.database.write() as connection:
            more = {"password_hash": HASH, "active": True, "created_at": self.clock.now()}
            await connection.execute(sa.insert(t.staff).values({**row, **more}))

    async def at_work(self, login: str, role: str, unit: str) -> Browser:
        """Somebody hired and logged in."""
        await self.hire(login, role, unit)
        browser = await self.browser().log_in(login)
        assert browser.status == 303, browser.text
        return browser

    async def file(
        self,
        summary: str = "在好味道饭店吃到虫子，想退钱",
        *,
        kind: str = "complaint",
        lead: str = MARKET,
        assist: tuple[str, ...] = (),
        severity: str = "normal",
        routing: Routing | None = None,
        linked: str | None = None,
    ) -> str:
        """A dispatched ticket of some citizen; returns its number."""
        now = self.clock.now()
        routing = routing or Routing(lead, assist, "hd-002", "食品安全法115条", probability=0.91)
        async with self.app.units_of_work() as work:
            citizen = await work.citizens.get_or_add("web", "visitor-1", "zh-Hans")
            number = await work.tickets.next_number(now)
            labels = {
                "stage": "catering",
                "hazards": ["foreign_object"],
                "evidence": [["hazards", "吃到虫子", 0.8], ["intent", "想退钱", 0.9]],
            }
            ticket = Ticket(
                number=number,
                kind=kind,
                citizen_id=citizen.id,
                reporter=f"来件人{number[-4:]}",
                summary=summary,
                labels=labels,
                routing=asdict(routing),
                lead=lead,
                assist=assist,
                severity=severity,
                created_at=now,
                linked=linked,
                fields={"merchant": "好味道饭店", "demand": "退款"},
            )
            ticket.note(now, "citizen", "story", "unit", summary)
            ticket.move("dispatched", now, "bot", "citizen", "已转市场监管分局")
            await work.tickets.add(ticket)
            await work.commit()
        return number

    async def load(self, number: str) -> Ticket:
        async with self.app.units_of_work() as work:
            return await work.tickets.get(number)

    async def change(self, number: str, **values: object) -> None:
        """Put a ticket where a story needs it."""
        where = t.tickets.c.number == number
        async with self.app.database.write() as connection:
            await connection.execute(sa.update(t.tickets).where(where).values(**values))
            row = (await connection.execute(sa.select(t.tickets).where(where))).mappings().one()
            ranked = {"queue_rank": queue_rank(ticket_from(row))}
            units = t.ticket_units.c.ticket_id == row["id"]
            await connection.execute(sa.update(t.tickets).where(where).values(**ranked))
            await connection.execute(sa.update(t.ticket_units).where(units).values(**ranked))

    async def raise_alert(self, number: str, *units: str) -> None:
        async with self.app.units_of_work() as work:
            alert = Alert(number, units, f"【紧急】{number}：三人呕吐")
            await work.alerts.raise_alert(alert, self.clock.now())
            await work.commit()

    async def attach(self, number: str | None, media_type: str, data: bytes) -> int:
        """A file of a ticket, on disk and in its table."""
        sha256 = digest(data.decode())
        self.app.attachments_dir.mkdir(parents=True, exist_ok=True)
        (self.app.attachments_dir / sha256).write_bytes(data)
        row = {
            "channel": "web",
            "sender": "visitor-1",
            "source_key": f"{number}{sha256}",
            "kind": "photo",
            "media_type": media_type,
            "sha256": sha256,
            "size": len(data),
            "ticket_number": number,
            "created_at": self.clock.now(),
        }
        async with self.app.database.write() as connection:
            insert = sa.insert(t.attachments).values(row).returning(t.attachments.c.id)
            return int((await connection.execute(insert)).scalar_one())

    async def rows(self, table: sa.Table) -> list[sa.RowMapping]:
        async with self.app.database.read() as connection:
            return list((await connection.execute(sa.select(table))).mappings().all())

    async def audited(self) -> list[tuple[str, str, str]]:
        """Actor, action and subject of every audit row."""
        return [(r["actor"], r["action"], r["subject"]) for r in await self.rows(t.audit)]

    def wait(self, **duration: float) -> None:
        self.clock.advance(timedelta(**duration))
