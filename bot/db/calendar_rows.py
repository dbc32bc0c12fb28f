"""Dates of awareness days, witnesses against rumours, and notices to staff as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.case_tables import staff_links
from bot.db.knowledge_tables import occasion_years, rumour_witnesses, staff_notices
from bot.db.repositories import SqlCitizens, SqlOutbox
from bot.db.statements import added_once, insert_into
from bot.db.tables import staff
from handlers.knowledge.ports import Entry
from handlers.messages import Reply

TOLD = ("publicist", "reviewer")


@dataclass
class SqlOccasions:
    """See handlers.knowledge.ports.Occasions."""

    connection: AsyncConnection

    async def all(self) -> list[Entry]:
        c = occasion_years.c
        rows = await self.connection.execute(sa.select(occasion_years).order_by(c.occasion, c.year))
        return [Entry(**row) for row in rows.mappings()]

    async def keep(self, entry: Entry) -> None:
        row = asdict(entry)
        insert = insert_into(self.connection.dialect.name, occasion_years).values(row)
        keys = ["occasion", "year"]
        new = {name: value for name, value in row.items() if name not in keys}
        await self.connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=new))


@dataclass
class SqlWitnesses:
    """See handlers.knowledge.ports.Witnesses."""

    connection: AsyncConnection

    async def add(self, item: str, citizen_id: int, ticket_id: int, at: datetime) -> None:
        row = {"item": item, "citizen_id": citizen_id, "ticket_id": ticket_id, "at": at}
        insert = insert_into(self.connection.dialect.name, rumour_witnesses).values(row)
        new = {"ticket_id": ticket_id, "at": at}
        keys = ["item", "citizen_id"]
        await self.connection.execute(insert.on_conflict_do_update(index_elements=keys, set_=new))

    async def count(self, item: str, since: datetime) -> int:
        c = rumour_witnesses.c
        counted = sa.select(sa.func.count()).where(c.item == item, c.at >= since)
        return (await self.connection.execute(counted)).scalar_one()


@dataclass
class SqlNotices:
    """See handlers.knowledge.ports.Notices."""

    connection: AsyncConnection
    citizens: SqlCitizens
    outbox: SqlOutbox

    async def tell(self, key: str, text: str, logins: tuple[str, ...], at: datetime) -> None:
        row = {"key": key, "text": text, "at": at}
        statement = added_once(self.connection.dialect.name, staff_notices)
        if not (await self.connection.execute(statement, row)).rowcount:
            return
        c = staff.c
        who = sa.and_(c.active, sa.or_(c.role.in_(TOLD), c.login.in_(logins)))
        linked = sa.select(staff_links.c.telegram_id).join(staff).where(who)
        for telegram_id in list(await self.connection.scalars(linked)):
            person = await self.citizens.get_or_add("telegram", str(telegram_id), "zh-Hans")
            await self.outbox.reply(person, Reply(text), f"{key}:{telegram_id}")

    async def since(self, at: datetime) -> list[str]:
        c = staff_notices.c
        told = sa.select(c.text).where(c.at >= at).order_by(c.at.desc(), c.id.desc())
        return list(await self.connection.scalars(told))
