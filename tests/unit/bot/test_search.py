"""What a ticket is found by, on SQLite."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.db.engine import Database, open_database
from bot.db.migrate import downgrade, upgrade
from bot.db.search import NoFullText, create_search, document, index_ticket, newest, tokens
from bot.settings import sqlite_url
from tests.unit.bot.searching import BREAKING, FOUND, TEXTS, old_tickets

Found = dict[str, set[int]]


@pytest.fixture
async def database(tmp_path: Path) -> AsyncIterator[Database]:
    opened = open_database(sqlite_url(tmp_path / "a.db"))
    yield opened
    await opened.close()


async def ask(database: Database, query: str) -> set[int]:
    async with database.read() as connection:
        return {*await newest(connection, query)}


async def filled(database: Database) -> None:
    await upgrade(database)
    async with database.write() as connection:
        for number, text in TEXTS.items():
            await index_ticket(connection, number, text)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("薛家镇", ["薛家", "家镇", "镇"]),
        ("鱼", ["鱼"]),
        ("买ＡＢＣ-12号", ["买", "abc", "12", "号"]),
        ("SA20261123-0001", ["sa20261123", "0001"]),
        ("𠮷野家", ["𠮷野", "野家", "家"]),
        (" ，。\n'\"", []),
    ],
)
def test_chinese_is_cut_into_pairs_and_the_rest_stays_whole(text: str, words: list[str]) -> None:
    assert tokens(text) == words


def test_a_document_has_the_shop_but_not_who_reports() -> None:
    told = {"merchant": "老王烧烤", "name": "王小明", "phone": "13800138000"}
    row = {"number": "SA1", "reporter": "举报人A", "summary": "有蟑螂", "fields": told}
    assert document(row).split() == ["SA1", "举报人A", "有蟑螂", "老王烧烤"]


@pytest.mark.parametrize(("query", "numbers"), FOUND.items())
async def test_words_find_tickets(database: Database, query: str, numbers: set[int]) -> None:
    await filled(database)
    assert await ask(database, query) == numbers


@pytest.mark.parametrize("query", BREAKING)
async def test_no_question_breaks_the_syntax(database: Database, query: str) -> None:
    await filled(database)
    assert await ask(database, query) <= {*TEXTS}


async def test_a_changed_text_is_found_by_its_new_words_only(database: Database) -> None:
    await filled(database)
    async with database.write() as connection:
        await index_ticket(connection, 1, "后厨有蟑螂")
        await index_ticket(connection, 1, "后厨有蟑螂")
    assert await ask(database, "松香") == set()
    assert await ask(database, "蟑螂") == {1, 2}


async def test_the_migration_indexes_the_tickets_there_are(database: Database) -> None:
    await upgrade(database)
    await downgrade(database, "0002")
    async with database.write() as connection:
        await connection.run_sync(old_tickets)
    await upgrade(database)
    assert await ask(database, "蟑螂") == {7}
    assert await ask(database, "老王") == {7, 8}
    async with database.read() as connection:
        ranks = (await connection.execute(sa.text("SELECT id, queue_rank FROM tickets"))).all()
        units = (await connection.execute(sa.text("SELECT queue_rank FROM ticket_units"))).all()
    assert {tuple(row) for row in ranks} == {(7, 0), (8, 3)}
    assert [row.queue_rank for row in units] == [3]


def test_an_sqlite_without_fts5_is_named() -> None:
    class Nothing:
        def scalar(self) -> int:
            return 0

    with pytest.raises(NoFullText, match="FTS5"):
        create_search("sqlite", lambda _: Nothing())
