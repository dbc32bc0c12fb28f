"""Getting in: one-time links, passwords, and a brake on guessing."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audit import record
from bot.console.refusals import LinkSpent, LoginRefused, LoginThrottled
from bot.console.security import Passwords, check_password, digest, new_token
from bot.console.sessions import Session, close_all, open_session
from bot.db.engine import Database
from bot.db.tables import login_failures, one_time_logins, staff
from handlers.ports import Clock

LINK_LIFETIME = timedelta(hours=24)
WINDOW = timedelta(minutes=15)
FAILURES = 5
FIRST_LOGIN = "admin"


async def issue_one_time_login(database: Database, clock: Clock, unit: str = "shian") -> str | None:
    """A token for the first administrator's /console/enter?token=…, valid 24 h and once.

    Makes the account `admin` of `unit` (the office's id) where there is none. Returns None as
    soon as anybody has a password: from then on links come from the staff page.
    """
    now = clock.now()
    async with database.writer.begin() as connection:
        used = sa.select(staff.c.id).where(staff.c.password_hash.is_not(None)).limit(1)
        if (await connection.execute(used)).first():
            return None
        staff_id = await _first_account(connection, unit, now)
        return await grant_link(connection, staff_id, now)


async def _first_account(connection: AsyncConnection, unit: str, now: datetime) -> int:
    query = sa.select(staff.c.id).where(staff.c.login == FIRST_LOGIN)
    known: int | None = await connection.scalar(query)
    if known is not None:
        return known
    row = {"login": FIRST_LOGIN, "name": "管理员", "role": "admin", "unit": unit}
    insert = sa.insert(staff).values(**row, active=True, created_at=now).returning(staff.c.id)
    made = await connection.execute(insert)
    await record(connection, now, "bot", "staff.added", FIRST_LOGIN, row)
    return int(made.scalar_one())


async def grant_link(connection: AsyncConnection, staff_id: int, now: datetime) -> str:
    """A fresh one-time token for somebody; earlier ones stop working."""
    await connection.execute(
        sa.delete(one_time_logins).where(one_time_logins.c.staff_id == staff_id)
    )
    token = new_token()
    row = {"token_hash": digest(token), "staff_id": staff_id, "expires_at": now + LINK_LIFETIME}
    await connection.execute(sa.insert(one_time_logins).values(row))
    return token


async def link_works(database: Database, token: str, now: datetime) -> bool:
    """Whether a one-time token would let somebody in; looking does not use it up."""
    query = sa.select(one_time_logins.c.staff_id).where(*_usable(token, now))
    async with database.reader.connect() as connection:
        return (await connection.execute(query)).first() is not None


async def enter(database: Database, token: str, now: datetime) -> str:
    """Use up a one-time token; returns the session cookie. Raises LinkSpent."""
    spend = sa.delete(one_time_logins).where(*_usable(token, now))
    async with database.writer.begin() as connection:
        staff_id = await connection.scalar(spend.returning(one_time_logins.c.staff_id))
        if staff_id is None:
            raise LinkSpent()
        login = await connection.scalar(sa.select(staff.c.login).where(staff.c.id == staff_id))
        await record(connection, now, f"staff:{login}", "staff.entered_by_link", str(login), {})
        return await open_session(connection, staff_id, now)


def _usable(token: str, now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    alive = sa.select(staff.c.id).where(staff.c.active)
    return (
        one_time_logins.c.token_hash == digest(token),
        one_time_logins.c.expires_at > now,
        one_time_logins.c.staff_id.in_(alive),
    )


async def log_in(
    database: Database, passwords: Passwords, login: str, password: str, now: datetime
) -> str:
    """Check login and password; returns the session cookie.

    Raises LoginRefused, or LoginThrottled after 5 failures within 15 minutes, for unknown
    logins just as for known ones.
    """
    login = login.strip().casefold()[:64]
    await _count_attempt(database, login, now)
    account = await _account(database, login)
    stored = account.password_hash if account and account.active else None
    if not await passwords.fits(stored, password) or account is None:
        raise LoginRefused()
    async with database.writer.begin() as connection:
        await connection.execute(sa.delete(login_failures).where(login_failures.c.login == login))
        await record(connection, now, f"staff:{login}", "staff.logged_in", login, {})
        return await open_session(connection, account.id, now)


async def _count_attempt(database: Database, login: str, now: datetime) -> None:
    """Count the attempt as failed before looking: parallel guesses cannot slip past the limit."""
    mine = login_failures.c.login == login
    async with database.writer.begin() as connection:
        await connection.execute(
            sa.delete(login_failures).where(login_failures.c.at <= now - WINDOW)
        )
        count = sa.select(sa.func.count()).select_from(login_failures).where(mine)
        throttled = (await connection.scalar(count) or 0) >= FAILURES
        if not throttled:
            await connection.execute(sa.insert(login_failures).values(login=login, at=now))
    if throttled:
        raise LoginThrottled()


async def _account(database: Database, login: str) -> sa.Row[Any] | None:
    async with database.reader.connect() as connection:
        return (await connection.execute(sa.select(staff).where(staff.c.login == login))).first()


async def set_password(
    database: Database,
    passwords: Passwords,
    session: Session,
    current: str,
    new: str,
    now: datetime,
) -> str:
    """Set one's own password: other sessions end, links die; returns a fresh session cookie.

    Raises PasswordRefused for a weak one and LoginRefused when the current one is wrong.
    """
    login = session.staff.login
    if session.has_password:
        await _check_current(database, passwords, login, current, now)
    check_password(new, login)
    hashed = await passwords.hash(new)
    async with database.writer.begin() as connection:
        mine = staff.c.id == session.staff_id
        await connection.execute(sa.update(staff).where(mine).values(password_hash=hashed))
        await close_all(connection, session.staff_id)
        await connection.execute(
            sa.delete(one_time_logins).where(one_time_logins.c.staff_id == session.staff_id)
        )
        await record(connection, now, f"staff:{login}", "staff.password_set", login, {})
        return await open_session(connection, session.staff_id, now)


async def _check_current(
    database: Database, passwords: Passwords, login: str, current: str, now: datetime
) -> None:
    await _count_attempt(database, login, now)
    account = await _account(database, login)
    if account is None or not await passwords.fits(account.password_hash, current):
        raise LoginRefused()
    async with database.writer.begin() as connection:
        await connection.execute(sa.delete(login_failures).where(login_failures.c.login == login))
