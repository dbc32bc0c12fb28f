"""A case for tests: the real application on a real file, tickets filed by the core, staff by name."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import tables as t
from handlers.ports import Identity, Staff
from handlers.tickets import incident
from handlers.tickets.acting import keep
from handlers.tickets.routing import Routing
from handlers.tickets.ticket import Entry, Ticket

MARKET, FARM, OFFICE = "scjg", "nyncj", "shian"
WANG = Staff("wang", "王", "officer", MARKET)
CHEN = Staff("chen", "陈", "unit_head", MARKET)
LIN = Staff("lin", "林", "officer", FARM)
FEN = Staff("fen", "分", "triage", OFFICE)
DU = Staff("du", "督", "supervisor", OFFICE)
NAMED = Identity("李小明", "13800001111", "", "常州市新北区")


@dataclass
class Case:
    """One application, its clock, and what went out."""

    app: App
    clock: SetClock
    people: list[int] = field(default_factory=list)

    async def citizen(self) -> int:
        async with self.app.units_of_work() as work:
            made = await work.citizens.get_or_add("web", f"visitor-{len(self.people)}", "zh-Hans")
            await work.commit()
        self.people.append(made.id)
        return made.id

    async def file(
        self,
        kind: str = "complaint",
        text: str = "老王烧烤吃出虫子，要求退款",
        *,
        lead: str = MARKET,
        assist: tuple[str, ...] = (),
        citizen: int | None = None,
        identity: Identity | None = None,
        **more: Any,
    ) -> str:
        """A ticket as filing.register makes one."""
        citizen = citizen or await self.citizen()
        now = self.clock.now()
        async with self.app.units_of_work() as work:
            number = await work.tickets.next_number(now)
            known = await work.vault.put(citizen, identity, now) if identity else None
            routing = asdict(Routing(lead, assist, "xb-001", "依据"))
            labels = {"intent": kind, "hazards": [], "evidence": []}
            ticket = Ticket(
                number, kind, citizen, f"来件人{number[-4:]}", text, labels, routing, lead, assist,
                "normal", now, identity_id=known, **more,
            )  # fmt: skip
            ticket.note(now, "bot", "registered", "citizen", "已登记")
            ticket.move("dispatched", now, "bot", "citizen", "已分派")
            await incident.name_subject(work, ticket)
            await keep(self.app.services, work, ticket)
            await incident.propose(work, ticket)
            await work.commit()
        return number

    async def load(self, number: str) -> Ticket:
        async with self.app.units_of_work() as work:
            return await work.tickets.get(number)

    async def timeline(self, number: str) -> list[Entry]:
        async with self.app.units_of_work() as work:
            return await work.tickets.timeline(number)

    async def rows(self, table: sa.Table) -> list[Any]:
        async with self.app.database.read() as connection:
            return list((await connection.execute(sa.select(table))).all())

    async def told(self, citizen: int) -> list[str]:
        """What went into the outbox for a citizen."""
        rows = [row for row in await self.rows(t.outbox) if row.citizen_id == citizen]
        opened = [
            self.app.vault.open_json(f"outbox.payload|{r.dedup_key}", r.payload) for r in rows
        ]
        return [message["text"] for message in opened]

    async def look(self, staff: Staff, number: str) -> None:
        """Open the page of a ticket, as far as the audit is concerned."""
        async with self.app.units_of_work() as work:
            await work.audit.record(
                self.clock.now(), f"staff:{staff.login}", "ticket.seen", number, {}
            )
            await work.commit()

    def wait(self, **span: float) -> None:
        self.clock.advance(timedelta(**span))
