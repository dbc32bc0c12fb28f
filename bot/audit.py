"""Who saw or did what: append-only rows, each holding the hash of the one before.

Rows written before the chain was introduced have no hash; the chain begins at the first that has.
The database itself refuses to change or delete a row (see `protect`).
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.tables import audit

CHAIN_LOCK = 0x5A1A17  # PostgreSQL: one appender at a time; SQLite has one writer anyway
BATCH = 2000
Execute = Callable[[str], object]


@dataclass
class SqlAudit:
    """The audit of one transaction."""

    connection: AsyncConnection

    async def record(
        self, at: datetime, actor: str, action: str, subject: str, data: Mapping[str, Any]
    ) -> None:
        """Append one row to the chain."""
        await record(self.connection, at, actor, action, subject, data)

    async def seen(self, number: str, actor: str, since: datetime) -> bool:
        """Whether somebody opened a ticket since a moment."""
        c = audit.c
        looked = sa.and_(c.subject == number, c.action == "ticket.seen", c.actor == actor)
        found = await self.connection.scalar(sa.select(c.id).where(looked, c.at >= since).limit(1))
        return found is not None


async def record(
    connection: AsyncConnection,
    at: datetime,
    actor: str,
    action: str,
    subject: str,
    data: Mapping[str, Any],
) -> None:
    """Append one row, in the transaction of what it records."""
    if connection.dialect.name == "postgresql":
        await connection.execute(sa.select(sa.func.pg_advisory_xact_lock(CHAIN_LOCK)))
    newest = sa.select(audit.c.hash).order_by(audit.c.id.desc()).limit(1)
    previous = await connection.scalar(newest)
    row = {"at": at, "actor": actor, "action": action, "subject": subject, "data": dict(data)}
    chained = {**row, "previous": previous, "hash": digest(previous, row)}
    await connection.execute(sa.insert(audit).values(chained))


def digest(previous: str | None, row: Mapping[str, Any]) -> str:
    """The hash of a row and of the one before it."""
    at = row["at"].astimezone(UTC).isoformat(timespec="microseconds")
    said = [previous or "", at, row["actor"], row["action"], row["subject"], row["data"]]
    canonical = json.dumps(said, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode("utf-8", "surrogatepass")).hexdigest()


@dataclass
class Verdict:
    """What walking the chain found: rows with a hash, the first and last, the first broken one."""

    rows: int = 0
    first: int | None = None
    last: int | None = None
    broken: int | None = None


async def verify(
    connection: AsyncConnection, progress: Callable[[int], None] = lambda _: None
) -> Verdict:
    """Walk the whole chain, from the oldest row to the newest."""
    verdict, previous = Verdict(), None
    async for row in _rows(connection):
        if row.hash is None and previous is None:
            continue
        fields = {"at": row.at, "actor": row.actor, "action": row.action}
        expected = digest(previous, {**fields, "subject": row.subject, "data": row.data})
        if row.previous != previous or row.hash != expected:
            verdict.broken = row.id
            return verdict
        verdict.first = verdict.first or row.id
        verdict.rows, verdict.last, previous = verdict.rows + 1, row.id, row.hash
        if verdict.rows % BATCH == 0:
            progress(verdict.rows)
    return verdict


async def _rows(connection: AsyncConnection) -> AsyncIterator[sa.Row[Any]]:
    last = 0
    while True:
        query = sa.select(audit).where(audit.c.id > last).order_by(audit.c.id).limit(BATCH)
        rows = (await connection.execute(query)).all()
        for row in rows:
            yield row
        if not rows:
            return
        last = rows[-1].id


def protect(dialect: str, execute: Execute) -> None:
    """Have the database refuse every change of a row."""
    for statement in _GUARDS[dialect]:
        execute(statement)


def unprotect(dialect: str, execute: Execute) -> None:
    """Take the guards away (a migration back)."""
    for statement in _UNGUARD[dialect]:
        execute(statement)


_GUARDS = {
    "sqlite": (
        (
            "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        ),
        (
            "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit "
            "BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END"
        ),
    ),
    "postgresql": (
        (
            "CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            "$$ BEGIN RAISE EXCEPTION 'audit is append-only'; END $$"
        ),
        (
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit "
            "FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()"
        ),
    ),
}
_UNGUARD = {
    "sqlite": ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    "postgresql": (
        "DROP TRIGGER audit_append_only ON audit",
        "DROP FUNCTION audit_append_only()",
    ),
}
