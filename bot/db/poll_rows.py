"""Polls as rows: one vote of a citizen each, samples by number."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.sampling_tables import poll_samples, poll_votes, polls
from bot.db.statements import insert_into
from bot.db.tables import citizens
from bot.db.ticket_rows import storable
from handlers.campaigns.sampling_ports import Addressee, Choice, Poll, PollTexts, Sample, Vote

LABELS = ("products", "items", "places")


@dataclass
class SqlPolls:
    """See handlers.campaigns.sampling_ports.Polls."""

    connection: AsyncConnection

    async def add(self, texts: PollTexts, written_by: str, follows: int | None) -> int | None:
        row = {**_row(texts), "state": "draft", "written_by": written_by, "follows": follows}
        insert = insert_into(self.connection.dialect.name, polls).values(basis="", **row)
        once = insert.on_conflict_do_nothing(index_elements=["follows"]).returning(polls.c.id)
        found: int | None = await self.connection.scalar(once)
        return found

    async def get(self, poll_id: int) -> Poll | None:
        found = await self._some(polls.c.id == poll_id)
        return found[0] if found else None

    async def lock(self, poll_id: int) -> Poll | None:
        query = sa.select(polls).where(polls.c.id == poll_id).with_for_update()
        row = (await self.connection.execute(query)).mappings().first()
        return _poll(row) if row else None

    async def rewrite(self, poll_id: int, texts: PollTexts) -> None:
        await self.change(poll_id, **_row(texts))

    async def change(self, poll_id: int, **values: object) -> None:
        where = polls.c.id == poll_id
        await self.connection.execute(sa.update(polls).where(where).values(**values))

    async def since(self, after: datetime) -> list[Poll]:
        return await self._some(polls.c.closes_at > after, polls.c.closes_at.desc(), polls.c.id)

    async def announced(self, now: datetime) -> list[Poll]:
        alive = sa.and_(polls.c.state == "announced", polls.c.closes_at > now)
        return await self._some(alive, polls.c.opens_at, polls.c.id)

    async def newest_published(self) -> Poll | None:
        published = polls.c.state == "published"
        found = await self._some(published, polls.c.published_at.desc(), limit=1)
        return found[0] if found else None

    async def without_successor(self, now: datetime) -> list[Poll]:
        c, after = polls.c, polls.alias("after")
        over = sa.and_(c.state != "draft", c.closes_at <= now, c.repeat != "once")
        return await self._some(sa.and_(over, ~sa.exists().where(after.c.follows == c.id)), c.id)

    async def to_tell(self) -> list[Poll]:
        waiting = sa.and_(polls.c.state == "published", polls.c.told_at.is_(None))
        return await self._some(waiting, polls.c.id)

    async def vote(self, vote: Vote, at: datetime) -> None:
        key = {"poll_id": vote.poll_id, "citizen_id": vote.citizen_id}
        product, item, place = vote.choice
        row = {"product": product, "item": item, "place": place, "changes": vote.changes, "at": at}
        insert = insert_into(self.connection.dialect.name, poll_votes).values(**key, **row)
        kept = insert.on_conflict_do_update(index_elements=list(key), set_=row)
        await self.connection.execute(kept)

    async def vote_of(self, poll_id: int, citizen_id: int) -> Vote | None:
        c = poll_votes.c
        query = sa.select(poll_votes).where(c.poll_id == poll_id, c.citizen_id == citizen_id)
        row = (await self.connection.execute(query)).first()
        if row is None:
            return None
        choice = (row.product, row.item, row.place)
        return Vote(poll_id, citizen_id, choice, row.changes, row.wants_result)

    async def wish(self, poll_id: int, citizen_id: int, wanted: bool) -> None:
        c = poll_votes.c
        mine = sa.and_(c.poll_id == poll_id, c.citizen_id == citizen_id)
        change = sa.update(poll_votes).where(mine).values(wants_result=wanted)
        await self.connection.execute(change)

    async def wish_nothing(self, citizen_id: int) -> int:
        c = poll_votes.c
        mine = sa.and_(c.citizen_id == citizen_id, c.wants_result, c.told_at.is_(None))
        change = sa.update(poll_votes).where(mine).values(wants_result=False)
        return int((await self.connection.execute(change)).rowcount)

    async def votes(self, poll_id: int) -> dict[Choice, int]:
        c = poll_votes.c
        columns = (c.product, c.item, c.place)
        query = sa.select(*columns, sa.func.count()).where(c.poll_id == poll_id).group_by(*columns)
        rows = (await self.connection.execute(query)).all()
        return {(product, item, place): n for product, item, place, n in rows}

    async def take_voters(self, poll_id: int, limit: int, at: datetime) -> list[Addressee]:
        """A citizen whose turn is being answered is left for the next time: nobody waits."""
        c = citizens.c
        query = (
            sa.select(c.id, c.channel, c.address, c.locale)
            .join(poll_votes, poll_votes.c.citizen_id == c.id)
            .where(self._untold(poll_id))
            .order_by(c.id)
            .limit(limit)
            .with_for_update(of=citizens, skip_locked=True)
        )
        found = {row.id: Addressee(*row) for row in await self.connection.execute(query)}
        c = poll_votes.c  # asked again: another worker may have told them since
        still = sa.and_(c.poll_id == poll_id, c.citizen_id.in_(list(found)), c.told_at.is_(None))
        mark = sa.update(poll_votes).where(still).values(told_at=at).returning(c.citizen_id)
        return [found[voter] for voter in await self.connection.scalars(mark)]

    async def untold(self, poll_id: int) -> int:
        query = sa.select(sa.func.count()).select_from(poll_votes.join(citizens))
        return int(await self.connection.scalar(query.where(self._untold(poll_id))) or 0)

    async def plan(self, poll_id: int, samples: Sequence[Sample]) -> None:
        rows = [{"poll_id": poll_id, "entered_at": None, **_sample_row(s)} for s in samples]
        await self.connection.execute(sa.insert(poll_samples), rows)

    async def samples(self, poll_id: int) -> list[Sample]:
        query = sa.select(poll_samples).where(poll_samples.c.poll_id == poll_id)
        rows = await self.connection.execute(query.order_by(poll_samples.c.number))
        return [_sample(row) for row in rows]

    async def record(self, poll_id: int, sample: Sample, at: datetime) -> None:
        c, row = poll_samples.c, _sample_row(sample)
        given = {name: row[name] for name in RESULT}
        this = sa.and_(c.poll_id == poll_id, c.number == sample.number)
        change = sa.update(poll_samples).where(this).values(entered_at=at, **given)
        await self.connection.execute(change)

    def _untold(self, poll_id: int) -> sa.ColumnElement[bool]:
        c = poll_votes.c
        wanted = sa.and_(c.poll_id == poll_id, c.wants_result, c.told_at.is_(None))
        return sa.and_(wanted, citizens.c.reachable)

    async def _some(
        self, where: sa.ColumnElement[bool], *order: Any, limit: int | None = None
    ) -> list[Poll]:
        query = sa.select(polls).where(where).order_by(*order).limit(limit)
        return [_poll(row) for row in (await self.connection.execute(query)).mappings()]


RESULT = ("merchant", "tested_on", "conclusion", "note", "entered_by")


def _row(texts: PollTexts) -> dict[str, Any]:
    row = asdict(texts)
    return {**row, "title": storable(texts.title), **{name: list(row[name]) for name in LABELS}}


def _poll(row: sa.RowMapping) -> Poll:
    given = dict(row)
    texts = {name: given.pop(name) for name in PollTexts.__dataclass_fields__}
    texts |= {name: tuple(texts[name]) for name in LABELS}
    return Poll(texts=PollTexts(**texts), **given)


def _sample_row(sample: Sample) -> dict[str, Any]:
    row = asdict(sample)
    product, item, place = row.pop("choice")
    texts = {name: storable(row[name]) for name in ("merchant", "note")}
    return {**row, **texts, "product": product, "item": item, "place": place}


def _sample(row: sa.Row[Any]) -> Sample:
    choice = (row.product, row.item, row.place)
    given = {name: getattr(row, name) for name in RESULT}
    return Sample(row.number, choice, **given)
