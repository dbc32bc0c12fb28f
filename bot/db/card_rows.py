"""Links between Telegram and staff, and the cards of tickets in the groups of units, as rows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.security import digest
from bot.db.case_tables import cards, link_codes, staff_links, unit_groups
from bot.db.statements import insert_into
from bot.db.tables import staff, tickets
from handlers.ports import Staff
from handlers.tickets.moves import DONE

LIFETIME = timedelta(minutes=15)
BATCH = 20


@dataclass(frozen=True)
class Group:
    """Where the cards of a unit go."""

    unit: str
    chat_id: int
    thread_id: int | None
    linked_at: datetime


async def keep_word(
    connection: AsyncConnection, word: str, staff_id: int, purpose: str, now: datetime
) -> None:
    """A one-time word for an account or a group; earlier ones of the person stop working."""
    mine = sa.and_(link_codes.c.staff_id == staff_id, link_codes.c.purpose == purpose)
    await connection.execute(sa.delete(link_codes).where(mine))
    row = {"code_hash": digest(word), "staff_id": staff_id, "purpose": purpose}
    await connection.execute(sa.insert(link_codes).values(**row, expires_at=now + LIFETIME))


async def spend_word(
    connection: AsyncConnection, word: str, purpose: str, now: datetime
) -> sa.Row[Any] | None:
    """Use a word up; gives the active account it belongs to, None for one that does not work."""
    c = link_codes.c
    usable = sa.and_(c.code_hash == digest(word), c.purpose == purpose, c.expires_at > now)
    spent = sa.delete(link_codes).where(usable).returning(c.staff_id)
    staff_id = await connection.scalar(spent)
    found = sa.select(staff).where(staff.c.id == staff_id, staff.c.active)
    return (await connection.execute(found)).first() if staff_id is not None else None


async def link_account(
    connection: AsyncConnection, telegram_id: int, staff_id: int, now: datetime
) -> None:
    """Tie a Telegram account to a member of staff; each has one of the other."""
    c = staff_links.c
    old = sa.or_(c.telegram_id == telegram_id, c.staff_id == staff_id)
    await connection.execute(sa.delete(staff_links).where(old))
    row = {"telegram_id": telegram_id, "staff_id": staff_id, "linked_at": now}
    await connection.execute(sa.insert(staff_links).values(row))


async def link_group(connection: AsyncConnection, group: Group, by: str) -> None:
    """Tie a group, or a topic of one, to a unit."""
    c = unit_groups.c
    same = sa.and_(c.chat_id == group.chat_id, c.thread_id.is_not_distinct_from(group.thread_id))
    await connection.execute(sa.delete(unit_groups).where(sa.or_(same, c.unit == group.unit)))
    row = {"unit": group.unit, "chat_id": group.chat_id, "thread_id": group.thread_id}
    await connection.execute(
        sa.insert(unit_groups).values(**row, linked_by=by, linked_at=group.linked_at)
    )


async def unlink(connection: AsyncConnection, staff_id: int) -> None:
    """Untie an account."""
    await connection.execute(sa.delete(staff_links).where(staff_links.c.staff_id == staff_id))


async def staff_of(connection: AsyncConnection, telegram_id: int) -> Staff | None:
    """The active member of staff behind a Telegram account."""
    query = (
        sa.select(staff.c.login, staff.c.name, staff.c.role, staff.c.unit)
        .join(staff_links, staff_links.c.staff_id == staff.c.id)
        .where(staff_links.c.telegram_id == telegram_id, staff.c.active)
    )
    row = (await connection.execute(query)).first()
    return Staff(row.login, row.name, row.role, row.unit) if row else None


async def groups(connection: AsyncConnection) -> list[Group]:
    """Every group that is tied to a unit."""
    c = unit_groups.c
    rows = await connection.execute(sa.select(c.unit, c.chat_id, c.thread_id, c.linked_at))
    return [Group(*row) for row in rows.all()]


async def without_card(connection: AsyncConnection, group: Group) -> list[str]:
    """Numbers of open tickets a unit leads, changed since its group was tied, that have no card.

    An insider's ticket never gets one.
    """
    c = tickets.c
    mine = sa.and_(cards.c.ticket_id == c.id, cards.c.unit == group.unit)
    query = (
        sa.select(c.number)
        .outerjoin(cards, mine)
        .where(c.lead == group.unit, c.queue_rank.in_((0, 1)), c.secrecy == "normal")
        .where(c.updated_at >= group.linked_at, c.state.not_in(sorted(DONE)))
        .where(sa.or_(cards.c.ticket_id.is_(None), cards.c.state == "pending"))
    )
    return list((await connection.execute(query.order_by(c.id).limit(BATCH))).scalars())


async def outdated(connection: AsyncConnection, group: Group) -> Sequence[Any]:
    """(number, message id) of cards that show an older version of their ticket."""
    c = cards.c
    query = (
        sa.select(tickets.c.number, c.message_id, c.chat_id)
        .join(tickets, tickets.c.id == c.ticket_id)
        .where(c.unit == group.unit, c.state == "shown", c.shown_version != tickets.c.version)
    )
    return (await connection.execute(query.limit(BATCH))).all()


async def note_card(
    connection: AsyncConnection, ticket_id: int, group: Group, **shown: Any
) -> None:
    """What is known of a card: its state, message and the version it shows."""
    row = {"ticket_id": ticket_id, "unit": group.unit, "chat_id": group.chat_id, **shown}
    kept = insert_into(connection.dialect.name, cards)
    changed = {name: kept.excluded[name] for name in shown}
    statement = kept.on_conflict_do_update(index_elements=["ticket_id", "unit"], set_=changed)
    await connection.execute(statement, {"attempts": 0, "shown_version": -1, **row})
