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

LIFETIME = timedelta(minutes=15)
BATCH = 6  # cards of a group in one go; a group takes 18 messages a minute
LEADERS = frozenset({"unit_head", "supervisor", "admin", "triage"})
"""Roles that tie groups to units."""


@dataclass(frozen=True)
class Owed:
    """A card that a group has yet to see: a new message, or (with a `message_id`) an old one mended."""

    number: str
    message_id: int | None
    attempts: int


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


async def unlink_group(connection: AsyncConnection, unit: str) -> None:
    """Untie the group of a unit; its cards stay where they are and are mended no more."""
    await connection.execute(sa.delete(unit_groups).where(unit_groups.c.unit == unit))


async def move_group(connection: AsyncConnection, old_chat: int, new_chat: int) -> None:
    """A group became a supergroup: its open cards are shown anew, the old ones are out of reach."""
    moved = sa.update(unit_groups).where(unit_groups.c.chat_id == old_chat)
    await connection.execute(moved.values(chat_id=new_chat))


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


async def unsent(connection: AsyncConnection, group: Group, now: datetime) -> list[Owed]:
    """Open tickets a unit leads, changed since its group was tied, without a living card there.

    Urgent ones first. One that was over and is open again has its old card mended. An insider's
    ticket never gets a card.
    """
    c, k = tickets.c, cards.c
    here = k.chat_id == group.chat_id
    query = (
        sa.select(c.number, sa.case((sa.and_(here, k.state == "ended"), k.message_id)), k.attempts)
        .outerjoin(cards, sa.and_(k.ticket_id == c.id, k.unit == group.unit))
        .where(c.lead == group.unit, c.queue_rank.in_((0, 1)), c.secrecy == "normal")
        .where(c.updated_at >= group.linked_at)
        .where(sa.or_(k.ticket_id.is_(None), sa.not_(here), k.state != "shown"))
        .where(sa.or_(k.not_before.is_(None), k.not_before <= now))
    )
    rows = await connection.execute(query.order_by(c.queue_rank, c.id).limit(BATCH))
    return [Owed(number, message_id, attempts or 0) for number, message_id, attempts in rows]


async def outdated(
    connection: AsyncConnection, group: Group, now: datetime, states: Sequence[str] = ("shown",)
) -> list[Owed]:
    """Cards in a group that show an older version of their ticket.

    Those of tickets that are over (`ended`) change seldom and are many: asked for by name only.
    """
    k = cards.c
    query = (
        sa.select(tickets.c.number, k.message_id, k.attempts)
        .join(tickets, tickets.c.id == k.ticket_id)
        .where(k.chat_id == group.chat_id, k.unit == group.unit, k.state.in_(states))
        .where(k.message_id.is_not(None), k.shown_version != tickets.c.version)
        .where(sa.or_(k.not_before.is_(None), k.not_before <= now))
    )
    return [
        Owed(*row) for row in await connection.execute(query.order_by(k.ticket_id).limit(BATCH))
    ]


async def note_card(
    connection: AsyncConnection, ticket_id: int, group: Group, **shown: Any
) -> None:
    """What is known of a card: its state, message and the version it shows."""
    shown = {"chat_id": group.chat_id, **shown}
    row = {"ticket_id": ticket_id, "unit": group.unit, **shown}
    kept = insert_into(connection.dialect.name, cards)
    changed = {name: kept.excluded[name] for name in shown}
    statement = kept.on_conflict_do_update(index_elements=["ticket_id", "unit"], set_=changed)
    await connection.execute(statement, {"attempts": 0, "shown_version": -1, **row})
