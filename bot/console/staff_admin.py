"""Accounts: adding, switching off, sending a new link. Every change leaves an audit row."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audit import record
from bot.console.auth import grant_link
from bot.console.refusals import BadInput, LoginTaken, NoSuchPage, OwnAccount
from bot.console.sessions import close_all
from bot.db.engine import Database
from bot.db.tables import one_time_logins, staff
from content.jurisdiction import Jurisdiction
from handlers.ports import Clock, Staff
from handlers.staff import ROLES

LOGIN = re.compile(r"[a-z][a-z0-9._-]{1,31}")
NAME = range(1, 33)


async def add_account(
    database: Database,
    clock: Clock,
    login: str,
    name: str,
    role: str,
    unit: str,
    actor: str = "cli",
) -> str:
    """A new account; returns the one-time token that sets its password.

    Raises BadInput for a malformed login, name or role and LoginTaken. Whether the unit exists
    is for the caller to know.
    """
    if not (LOGIN.fullmatch(login) and len(name) in NAME and name.isprintable() and role in ROLES):
        raise BadInput(login=login, name=name, role=role)
    now = clock.now()
    account = {"login": login, "name": name, "role": role, "unit": unit}
    async with database.write() as connection:
        taken = sa.select(staff.c.id).where(staff.c.login == login)
        if (await connection.execute(taken)).first():
            raise LoginTaken(login=login)
        insert = sa.insert(staff).values(**account, active=True, created_at=now)
        made = await connection.execute(insert.returning(staff.c.id))
        await record(connection, now, actor, "staff.added", login, account)
        return await grant_link(connection, int(made.scalar_one()), now)


@dataclass(frozen=True)
class StaffAdmin:
    """What one administrator does to accounts."""

    database: Database
    clock: Clock
    admin: Staff

    async def add(
        self, login: str, name: str, role: str, unit: str, jurisdiction: Jurisdiction
    ) -> str:
        """A new account of a unit that can act; see add_account."""
        known = jurisdiction.units.get(unit)
        if known is None or known.collective:
            raise BadInput(unit=unit)
        actor = f"staff:{self.admin.login}"
        return await add_account(self.database, self.clock, login, name, role, unit, actor)

    async def deactivate(self, staff_id: int) -> str:
        """Switch an account off and log it out everywhere; returns its login."""
        async with self.database.write() as connection:
            account = await self._other(connection, staff_id)
            mine = staff.c.id == staff_id
            await connection.execute(sa.update(staff).where(mine).values(active=False))
            await connection.execute(
                sa.delete(one_time_logins).where(one_time_logins.c.staff_id == staff_id)
            )
            await close_all(connection, staff_id)
            await self._record(connection, "staff.deactivated", account.login, {})
        return str(account.login)

    async def new_link(self, staff_id: int) -> tuple[str, str]:
        """A way back in: the old password and sessions end, a switched-off account works again.

        Returns login and one-time token.
        """
        now = self.clock.now()
        async with self.database.write() as connection:
            account = await self._other(connection, staff_id)
            reset = {"active": True, "password_hash": None}
            await connection.execute(sa.update(staff).where(staff.c.id == staff_id).values(reset))
            await close_all(connection, staff_id)
            data = {"was_active": account.active}
            await self._record(connection, "staff.link_granted", account.login, data)
            return account.login, await grant_link(connection, staff_id, now)

    async def _other(self, connection: AsyncConnection, staff_id: int) -> sa.Row[Any]:
        row = (await connection.execute(sa.select(staff).where(staff.c.id == staff_id))).first()
        if row is None:
            raise NoSuchPage()
        if row.login == self.admin.login:
            raise OwnAccount()
        return row

    async def _record(
        self, connection: AsyncConnection, action: str, subject: str, data: dict[str, Any]
    ) -> None:
        actor = f"staff:{self.admin.login}"
        await record(connection, self.clock.now(), actor, action, subject, data)
