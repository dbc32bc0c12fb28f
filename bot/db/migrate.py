"""Bringing a database to the newest layout, and asking whether code and layout agree.

Alembic is imported only when there is something to do: a start that finds the newest layout does
not pay for it.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
from sqlalchemy import Connection

from bot.db.engine import Database
from bot.db.sampling_tables import metadata
from bot.db.search import is_ours

if TYPE_CHECKING:
    from alembic.config import Config

MIGRATIONS = Path(__file__).parent / "migrations"


def config(connection: Connection) -> Config:
    """Alembic's configuration on an open connection."""
    from alembic.config import Config

    made = Config()
    made.set_main_option("script_location", str(MIGRATIONS))
    made.attributes["connection"] = connection
    return made


def newest() -> str:
    """The newest revision: files are numbered in order."""
    return max(path.stem.split("_")[0] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


async def upgrade(database: Database) -> None:
    """Apply what is missing."""
    async with database.writer.begin() as connection:
        if await connection.run_sync(_revision) != newest():
            await connection.run_sync(_upgrade)


async def downgrade(database: Database, revision: str) -> None:
    """Take back to `revision`."""
    from alembic import command

    async with database.writer.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(config(c), revision))


async def differences(database: Database) -> list[object]:
    """What the tables in code and in the database do not share; empty when they agree."""
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    def compare(connection: Connection) -> list[object]:
        opts = {"compare_type": True, "include_name": _described}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    async with database.writer.begin() as connection:
        return await connection.run_sync(compare)


def _described(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or not is_ours(name)


def _revision(connection: Connection) -> str | None:
    if not sa.inspect(connection).has_table("alembic_version"):
        return None
    found = connection.execute(sa.text("SELECT version_num FROM alembic_version"))
    revision: str | None = found.scalar_one_or_none()
    return revision


def _upgrade(connection: Connection) -> None:
    from alembic import command

    command.upgrade(config(connection), "head")
