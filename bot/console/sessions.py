"""Who is logged in: rows of the session table, found by the hash of the cookie."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.console.security import digest, new_token
from bot.db.engine import Database
from bot.db.tables import sessions, staff
from handlers.ports import Staff

LIFETIME = timedelta(hours=12)


@dataclass(frozen=True)
class Session:
    """One login in one browser. `csrf` stands in every form of it."""

    key: str
    csrf: str
    staff_id: int
    staff: Staff
    has_password: bool


async def open_session(connection: AsyncConnection, staff_id: int, now: datetime) -> str:
    """Log somebody in: returns the cookie's value, of which only the hash is kept."""
    await connection.execute(sa.delete(sessions).where(sessions.c.expires_at <= now))
    token = new_token()
    row = {
        "token_hash": digest(token),
        "staff_id": staff_id,
        "csrf": new_token(),
        "created_at": now,
        "expires_at": now + LIFETIME,
    }
    await connection.execute(sa.insert(sessions).values(row))
    return token


async def find_session(database: Database, token: str, now: datetime) -> Session | None:
    """The session of a cookie; None when over, unknown, or its account is switched off."""
    query = (
        sa.select(sessions.c.token_hash, sessions.c.csrf, staff)
        .join(staff, staff.c.id == sessions.c.staff_id)
        .where(sessions.c.token_hash == digest(token), sessions.c.expires_at > now, staff.c.active)
    )
    async with database.reader.connect() as connection:
        row = (await connection.execute(query)).first()
    if row is None:
        return None
    person = Staff(row.login, row.name, row.role, row.unit)
    return Session(row.token_hash, row.csrf, row.id, person, row.password_hash is not None)


async def close_session(connection: AsyncConnection, token: str) -> None:
    """Log out one browser."""
    await connection.execute(sa.delete(sessions).where(sessions.c.token_hash == digest(token)))


async def close_all(connection: AsyncConnection, staff_id: int) -> None:
    """Log somebody out everywhere."""
    await connection.execute(sa.delete(sessions).where(sessions.c.staff_id == staff_id))
