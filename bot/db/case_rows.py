"""Tasks of assisting units and written notices as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.case_tables import documents, tasks
from bot.db.ticket_rows import storable
from bot.vault import Vault
from handlers.tickets.ports import Task, Written


@dataclass
class SqlTasks:
    """Parts of a ticket given to assisting units."""

    connection: AsyncConnection

    async def give(self, task: Task) -> int:
        row = {**asdict(task), "text": storable(task.text), "answer": ""}
        added = await self.connection.execute(sa.insert(tasks).values(row).returning(tasks.c.id))
        return int(added.scalar_one())

    async def finish(
        self, task_id: int, ticket_id: int, unit: str, answer: str, at: datetime
    ) -> bool:
        c = tasks.c
        mine = sa.and_(
            c.id == task_id, c.ticket_id == ticket_id, c.unit == unit, c.done_at.is_(None)
        )
        change = sa.update(tasks).where(mine).values(done_at=at, answer=storable(answer))
        return bool((await self.connection.execute(change)).rowcount)


@dataclass
class SqlDocuments:
    """Written notices, sealed: some carry who the citizen is."""

    connection: AsyncConnection
    cipher: Vault

    async def keep(self, written: Written) -> int:
        sealed = self.cipher.seal(_context(written.ticket_id), storable(written.content).encode())
        row = {**asdict(written), "content": sealed}
        statement = sa.insert(documents).values(row).returning(documents.c.id)
        return int((await self.connection.execute(statement)).scalar_one())

    async def of_ticket(self, ticket_id: int) -> list[Written]:
        query = sa.select(documents).where(documents.c.ticket_id == ticket_id)
        rows = (await self.connection.execute(query.order_by(documents.c.id))).all()
        context = _context(ticket_id)
        return [
            Written(
                r.ticket_id,
                r.form,
                r.title,
                self.cipher.open(context, r.content).decode(),
                r.made_by,
                r.made_at,
            )
            for r in rows
        ]


def _context(ticket_id: int) -> str:
    return f"documents.content|{ticket_id}"
