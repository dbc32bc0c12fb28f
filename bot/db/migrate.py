"""Bringing a database to the newest layout, and asking whether code and layout agree."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from sqlalchemy import Connection

from bot.db.engine import Database
from bot.db.tables import metadata


def config(connection: Connection) -> Config:
    """Alembic's configuration on an open connection."""
    made = Config()
    made.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
    made.attributes["connection"] = connection
    return made


async def upgrade(database: Database, revision: str = "head") -> None:
    """Apply what is missing."""
    async with database.writer.begin() as connection:
        await connection.run_sync(lambda c: command.upgrade(config(c), revision))


async def downgrade(database: Database, revision: str) -> None:
    """Take back to `revision`."""
    async with database.writer.begin() as connection:
        await connection.run_sync(lambda c: command.downgrade(config(c), revision))


async def differences(database: Database) -> list[object]:
    """What the tables in code and in the database do not share; empty when they agree."""

    def compare(connection: Connection) -> list[object]:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, metadata))

    async with database.writer.begin() as connection:
        return await connection.run_sync(compare)
