"""Full text on PostgreSQL answers as on SQLite, by its index."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from bot.bootstrap import App
from bot.db.migrate import downgrade, upgrade
from bot.db.search import WALKED, add_all, index_ticket, newest, window
from tests.unit.bot.searching import BREAKING, FOUND, TEXTS, old_tickets

pytestmark = pytest.mark.postgres


async def ask(app: App, query: str) -> set[int]:
    async with app.database.read() as connection:
        return {*await newest(connection, query)}


async def filled(app: App) -> None:
    async with app.database.write() as connection:
        for number, text in TEXTS.items():
            await index_ticket(connection, number, text)


async def test_words_find_what_they_find_on_sqlite(pg: App) -> None:
    await filled(pg)
    assert {query: await ask(pg, query) for query in FOUND} == FOUND


async def test_no_question_breaks_the_syntax(pg: App) -> None:
    await filled(pg)
    for query in BREAKING:
        assert await ask(pg, query) <= {*TEXTS}, query


async def test_a_changed_text_is_found_by_its_new_words_only(pg: App) -> None:
    await filled(pg)
    async with pg.database.write() as connection:
        await index_ticket(connection, 1, "后厨有蟑螂")
    assert await ask(pg, "松香") == set()
    assert await ask(pg, "蟑螂") == {1, 2}


async def test_the_migration_indexes_the_tickets_there_are(pg: App) -> None:
    await downgrade(pg.database, "0002")
    async with pg.database.write() as connection:
        await connection.run_sync(old_tickets)
    await upgrade(pg.database)
    assert await ask(pg, "蟑螂") == {7}
    assert await ask(pg, "老王") == {7, 8}


async def test_the_index_answers_for_many_tickets(pg: App) -> None:
    async with pg.database.write() as connection:
        await connection.run_sync(lambda c: add_all(c, [(n, f"第{n}号") for n in range(4_000)]))
        await connection.execute(sa.text("ANALYZE ticket_search"))
        await connection.execute(sa.text("SET LOCAL enable_seqscan = off"))
        asked = window("'松香'", 0, WALKED + 1, 100).compile(
            dialect=connection.dialect, compile_kwargs={"literal_binds": True}
        )
        plan = await connection.scalars(sa.text(f"EXPLAIN {asked}".replace(":", "\\:")))
    assert "ix_ticket_search" in "\n".join(plan)
