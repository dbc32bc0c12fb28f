"""Migrations go up and down, and leave the layout that the code describes."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import sqlalchemy as sa

from bot.db import tables
from bot.db.engine import open_database
from bot.db.migrate import differences, downgrade, upgrade
from bot.settings import sqlite_url


async def test_up_makes_what_the_code_describes(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))
    await upgrade(database)
    assert await differences(database) == []
    await upgrade(database)  # a second time changes nothing
    await database.close()


async def test_down_takes_everything_back(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))
    await upgrade(database)
    await downgrade(database, "base")
    async with database.read() as connection:
        names = await connection.run_sync(lambda c: sa.inspect(c).get_table_names())
    assert names == ["alembic_version"]
    await upgrade(database)
    assert await differences(database) == []
    await database.close()


async def test_corrections_come_and_go_without_their_tickets(tmp_path: Path) -> None:
    database = open_database(sqlite_url(tmp_path / "a.db"))
    await upgrade(database)
    await downgrade(database, "0001")
    now = datetime.now().astimezone()
    citizen = {"channel": "web", "address": "a", "locale": "zh-Hans", "created_at": now}
    async with database.write() as connection:
        await connection.execute(sa.insert(tables.citizens).values(**citizen))
    async with database.read() as connection:
        names = await connection.run_sync(lambda c: sa.inspect(c).get_table_names())
    assert "tickets" in names
    assert "corrections" not in names
    await upgrade(database)
    assert await differences(database) == []
    async with database.read() as connection:
        assert len((await connection.execute(sa.select(tables.citizens))).all()) == 1
    await database.close()
