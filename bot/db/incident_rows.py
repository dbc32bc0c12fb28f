"""Incidents, proposals to link, blocking keys and merchants as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.clock import SHANGHAI
from bot.db import statements
from bot.db import tables as t
from bot.db.case_tables import incidents, merchants, proposals, ticket_keys
from bot.db.clock_rows import add_clocks
from bot.db.ticket_rows import storable, ticket_from
from handlers.errors import NoSuchIncident
from handlers.tickets.ports import Incident, Proposal
from handlers.tickets.ticket import Ticket


@dataclass
class SqlIncidents:
    """See handlers.ports.Incidents. Every question is answered by an index, however long the past."""

    connection: AsyncConnection

    async def merchant(self, name: str, key: str, address: str, at: datetime) -> int:
        c = merchants.c
        known = sa.select(c.id).where(c.key == key, c.name == name).order_by(c.id).limit(1)
        found = await self.connection.scalar(known)
        if found is not None:
            return int(found)
        row = {"name": storable(name)[:200], "key": key, "address": storable(address)[:300]}
        added = sa.insert(merchants).values(**row, created_at=at).returning(c.id)
        return int((await self.connection.execute(added)).scalar_one())

    async def index(self, ticket_id: int, keys: Sequence[str]) -> None:
        rows = [{"key": key, "ticket_id": ticket_id} for key in dict.fromkeys(keys)]
        if rows:
            once = statements.added_once(self.connection.dialect.name, ticket_keys)
            await self.connection.execute(once, rows)

    async def candidates(self, ticket_id: int, keys: Sequence[str], per_key: int) -> list[Ticket]:
        c, found = ticket_keys.c, dict[int, None]()
        for key in dict.fromkeys(keys):
            newest = sa.select(c.ticket_id).where(c.key == key, c.ticket_id != ticket_id)
            query = newest.order_by(c.ticket_id.desc()).limit(per_key)
            found.update(dict.fromkeys((await self.connection.execute(query)).scalars()))
        return await self._load(t.tickets.c.id.in_(found)) if found else []

    async def propose(self, proposal: Proposal, at: datetime) -> None:
        row = {
            "ticket_id": proposal.ticket_id,
            "other_id": proposal.other_id,
            "score": proposal.score,
            "reasons": proposal.reasons,
            "state": "open",
            "at": at,
        }
        once = statements.added_once(self.connection.dialect.name, proposals)
        await self.connection.execute(once, row)

    async def decide(self, ticket_id: int, other_id: int, state: str, by: str) -> bool:
        c, pair = proposals.c, (ticket_id, other_id)
        these = sa.and_(c.ticket_id.in_(pair), c.other_id.in_(pair), c.state == "open")
        change = sa.update(proposals).where(these).values(state=state, decided_by=by)
        return bool((await self.connection.execute(change)).rowcount)

    async def open(self, title: str, by: str, at: datetime) -> Incident:
        day = at.astimezone(SHANGHAI).strftime("%Y%m%d")
        counted = statements.counted(self.connection.dialect.name)
        row = {"name": f"incident:{day}", "value": 1}
        count = (await self.connection.execute(counted, row)).scalar_one()
        number = f"EV{day}-{count:03d}"
        made = {"number": number, "title": storable(title), "opened_by": by, "opened_at": at}
        added = sa.insert(incidents).values(**made, facts_only=False).returning(incidents.c.id)
        return Incident(int((await self.connection.execute(added)).scalar_one()), number, title)

    async def get(self, incident_id: int) -> Incident:
        c = incidents.c
        query = sa.select(c.id, c.number, c.title, c.facts_only).where(c.id == incident_id)
        row = (await self.connection.execute(query)).first()
        if row is None:
            raise NoSuchIncident(incident=incident_id)
        return Incident(*row)

    async def tickets(self, incident_id: int) -> list[Ticket]:
        return await self._load(t.tickets.c.incident_id == incident_id)

    async def set_facts_only(self, incident_id: int, on: bool) -> None:
        change = sa.update(incidents).where(incidents.c.id == incident_id).values(facts_only=on)
        await self.connection.execute(change)

    async def _load(self, where: sa.ColumnElement[bool]) -> list[Ticket]:
        query = sa.select(t.tickets).where(where).order_by(t.tickets.c.id.desc())
        rows = (await self.connection.execute(query)).mappings().all()
        found = [ticket_from(row) for row in rows]
        await add_clocks(self.connection, found)
        return found
