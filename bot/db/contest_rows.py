"""Contests, entries and answers as rows."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.sampling_tables import contest_answers, contest_entries, contests
from bot.db.statements import added_once, insert_into
from bot.db.ticket_rows import storable
from handlers.campaigns.sampling_ports import Answer, Contest, ContestTexts, Entry

SHOWN = contest_entries.c.hidden.is_(False)


@dataclass
class SqlContests:
    """See handlers.campaigns.sampling_ports.Contests."""

    connection: AsyncConnection

    async def add(self, texts: ContestTexts, written_by: str) -> int:
        row = {**asdict(texts), "questions": list(texts.questions)}
        insert = sa.insert(contests).values(state="open", written_by=written_by, **row)
        return int((await self.connection.execute(insert.returning(contests.c.id))).scalar_one())

    async def get(self, contest_id: int) -> Contest | None:
        found = await self._some(contests.c.id == contest_id)
        return found[0] if found else None

    async def since(self, after: datetime) -> list[Contest]:
        return await self._some(contests.c.closes_at > after)

    async def running(self, now: datetime) -> Contest | None:
        c = contests.c
        begun = sa.and_(c.state == "open", c.opens_at <= now, c.closes_at > now)
        found = await self._some(begun, limit=1)
        return found[0] if found else None

    async def newest(self, now: datetime) -> Contest | None:
        found = await self._some(contests.c.opens_at <= now, limit=1)
        return found[0] if found else None

    async def stop(self, contest_id: int) -> bool:
        c = contests.c
        change = sa.update(contests).where(c.id == contest_id, c.state == "open")
        return bool((await self.connection.execute(change.values(state="stopped"))).rowcount)

    async def join(self, contest_id: int, citizen_id: int, name: str, key: str) -> Entry | None:
        row = {
            "contest_id": contest_id, "citizen_id": citizen_id, "nickname": storable(name),
            "nickname_key": key, "right": 0, "answered": 0, "seconds": 0, "hidden": False,
        }  # fmt: skip
        insert = insert_into(self.connection.dialect.name, contest_entries).values(row)
        once = insert.on_conflict_do_nothing().returning(contest_entries.c.id)
        made: int | None = await self.connection.scalar(once)
        return None if made is None else Entry(made, contest_id, citizen_id, name)

    async def entry(self, contest_id: int, citizen_id: int) -> Entry | None:
        c = contest_entries.c
        return await self._entry(sa.and_(c.contest_id == contest_id, c.citizen_id == citizen_id))

    async def entry_by_id(self, entry_id: int) -> Entry | None:
        return await self._entry(contest_entries.c.id == entry_id)

    async def answers(self, entry_id: int) -> list[Answer]:
        c = contest_answers.c
        query = sa.select(c.question, c.asked_at, c.choice).where(c.entry_id == entry_id)
        return [Answer(*row) for row in await self.connection.execute(query.order_by(c.asked_at))]

    async def put(self, entry_id: int, question: str, at: datetime) -> None:
        row = {"entry_id": entry_id, "question": question, "asked_at": at}
        await self.connection.execute(
            added_once(self.connection.dialect.name, contest_answers), row
        )

    async def answer(
        self, entry_id: int, question: str, choice: int, right: bool, seconds: int
    ) -> bool:
        c = contest_answers.c
        open_still = sa.and_(c.entry_id == entry_id, c.question == question, c.choice.is_(None))
        change = sa.update(contest_answers).where(open_still).values(choice=choice)
        if not (await self.connection.execute(change)).rowcount:
            return False
        e = contest_entries.c
        new = {"right": e.right + int(right), "answered": e.answered + 1}
        count = sa.update(contest_entries).where(e.id == entry_id)
        await self.connection.execute(count.values(seconds=e.seconds + seconds, **new))
        return True

    async def best(self, contest_id: int, limit: int) -> list[Entry]:
        c = contest_entries.c
        query = sa.select(contest_entries).where(c.contest_id == contest_id, c.answered > 0, SHOWN)
        rows = await self.connection.execute(
            query.order_by(c.right.desc(), c.seconds, c.id).limit(limit)
        )
        return [_entry(row) for row in rows]

    async def rank(self, entry: Entry) -> int:
        c = contest_entries.c
        faster = sa.and_(c.right == entry.right, c.seconds < entry.seconds)
        earlier = sa.and_(c.right == entry.right, c.seconds == entry.seconds, c.id < entry.id)
        ahead = sa.or_(c.right > entry.right, faster, earlier)
        query = sa.select(sa.func.count()).where(c.contest_id == entry.contest_id, SHOWN, ahead)
        return 1 + int(await self.connection.scalar(query.where(c.answered > 0)) or 0)

    async def size(self, contest_id: int) -> int:
        c = contest_entries.c
        query = sa.select(sa.func.count()).where(c.contest_id == contest_id, c.answered > 0)
        return int(await self.connection.scalar(query) or 0)

    async def hide(self, entry_id: int) -> bool:
        change = sa.update(contest_entries).where(contest_entries.c.id == entry_id, SHOWN)
        return bool((await self.connection.execute(change.values(hidden=True))).rowcount)

    async def _entry(self, where: sa.ColumnElement[bool]) -> Entry | None:
        row = (await self.connection.execute(sa.select(contest_entries).where(where))).first()
        return _entry(row) if row else None

    async def _some(self, where: sa.ColumnElement[bool], limit: int | None = None) -> list[Contest]:
        c = contests.c
        query = sa.select(contests).where(where).order_by(c.opens_at.desc(), c.id.desc())
        rows = (await self.connection.execute(query.limit(limit))).mappings()
        return [_contest(dict(row)) for row in rows]


def _contest(given: dict[str, Any]) -> Contest:
    texts = {name: given.pop(name) for name in ContestTexts.__dataclass_fields__}
    texts["questions"] = tuple(texts["questions"])
    return Contest(texts=ContestTexts(**texts), **given)


def _entry(row: sa.Row[Any]) -> Entry:
    return Entry(
        row.id, row.contest_id, row.citizen_id, row.nickname, row.right, row.answered, row.seconds,
        row.hidden,
    )  # fmt: skip
