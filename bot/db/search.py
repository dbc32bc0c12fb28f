"""Full text of tickets, Chinese included: one row of words for each ticket, found by an index.

Chinese is cut into pairs of characters here, so both databases index and find the same words: SQLite in
an FTS5 table, PostgreSQL in a `tsvector` with a GIN index. Longer words find texts that have all their
pairs, wherever these stand; a single character finds the pairs that begin with it. The tables are no part of the metadata:
neither can be described there.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.asyncio import AsyncConnection

TABLE = "ticket_search"  # FTS5 keeps tables of its own beside it: ticket_search_data, …
INDEXED = ("merchant", "platform", "address", "place", "brand")  # fields; who reports is not there
LONGEST = 64  # characters of a word; PostgreSQL refuses words of more than 2,046 bytes
MOST = 4_000  # words of a ticket: one of PostgreSQL's holds 1 MB
NEWEST = 2_000  # tickets found at most
FIRST = 4_000  # newest tickets that tell how frequent the words of a question are
WALKED = 25_000  # tickets read one by one at most: of more, the index reads only those that match
SPARE = 1.3  # how much further is looked than the frequency so far makes likely
MOST_ASKED = 40  # words of a question
BATCH = 1_000
SHORTEST_START = 3  # letters of a word that others may begin with

_CJK = "㐀-䶿一-鿿\uf900-\ufaff〇々\U00020000-\U000323af"
_RUN = re.compile(rf"(?P<cjk>[{_CJK}]+)|[^\W_{_CJK}]+")

Execute = Callable[[Any], Any]


class NoFullText(RuntimeError):
    """This SQLite was built without FTS5."""


def tokens(text: str) -> list[str]:
    """The words a text is found by, in order: pairs of Chinese characters, whole other words.

    The last character of a Chinese run stands there alone, so that every character begins a word and
    one character finds it.
    """
    found: list[str] = []
    for run, chinese in _runs(text):
        found += [*_pairs(run), run[-1]] if chinese else [run[:LONGEST]]
    return found[:MOST]


def document(row: Mapping[str, Any]) -> str:
    """What of a ticket's row is indexed: number, alias, summary, merchant and place."""
    told = row["fields"]
    parts = (row["number"], row["reporter"], row["summary"], *(told.get(f, "") for f in INDEXED))
    return "\n".join(str(part) for part in parts)


async def newest(connection: AsyncConnection, query: str) -> list[int]:
    """Ids of the newest tickets that have every word of a question, newest first.

    At most NEWEST of them: a word that half of the past holds is no question.
    Signs mean nothing; a question without words finds nothing.
    """
    words = _asked(query)
    if not words:
        return []
    if connection.dialect.name == "sqlite":
        return [*await connection.scalars(sa.text(_MATCH), {"asked": _fts5(words), "n": NEWEST})]
    return await _by_windows(connection, _tsquery(words))


def among(dialect: str, ident: sa.ColumnElement[int], ids: Sequence[int]) -> sa.ColumnElement[bool]:
    """Whether an id is one of many, as one parameter: thousands of them would have to be parsed."""
    if dialect == "sqlite":
        each = sa.func.json_each(json.dumps(ids)).table_valued("value")
        return ident.in_(sa.select(each.c.value))
    return ident == sa.any_(sa.bindparam(None, ids, postgresql.ARRAY(sa.BigInteger)))


async def index_ticket(connection: AsyncConnection, ticket_id: int, text: str) -> None:
    """Make a ticket found by this text and by nothing else."""
    words = _stored(connection.dialect.name, text)
    if connection.dialect.name == "sqlite":
        known = await connection.scalar(sa.text(_KNOWN), {"id": ticket_id})
        if known == words:
            return
    await connection.execute(sa.text(_PUT[connection.dialect.name]), {"id": ticket_id, "w": words})


def create_search(dialect: str, execute: Execute) -> None:
    """Make the table. Raises NoFullText where SQLite has no FTS5."""
    if dialect == "sqlite" and not _has_fts5(execute):
        raise NoFullText("这个 SQLite 没有 FTS5 全文检索 → 换用带 FTS5 的 SQLite（或 PostgreSQL）")
    for statement in _CREATE[dialect]:
        execute(sa.text(statement))


def drop_search(dialect: str, execute: Execute) -> None:
    """Drop the table with its index."""
    execute(sa.text(f"DROP TABLE {TABLE}"))


def fill(connection: sa.Connection) -> None:
    """Index the tickets there are, a batch at a time."""
    after = 0
    query = sa.text(
        "SELECT id, number, reporter, summary, fields FROM tickets WHERE id > :after ORDER BY id LIMIT :n"
    ).columns(sa.column("id", sa.BigInteger), fields=sa.JSON)
    while rows := connection.execute(query, {"after": after, "n": BATCH}).mappings().all():
        add_all(connection, [(row["id"], document({**row})) for row in rows])
        after = rows[-1]["id"]


def add_all(connection: sa.Connection, texts: Sequence[tuple[int, str]]) -> None:
    """Index many tickets, (id, text) each."""
    dialect = connection.dialect.name
    rows = [{"id": ticket_id, "w": _stored(dialect, text)} for ticket_id, text in texts]
    connection.execute(sa.text(_PUT[dialect]), rows)


def is_ours(name: str | None) -> bool:
    """Whether a table of the database belongs to this index."""
    return (name or "").startswith(TABLE)


def _runs(text: str) -> Iterator[tuple[str, bool]]:
    plain = unicodedata.normalize("NFKC", text).casefold()
    for found in _RUN.finditer(plain):
        yield found[0], found["cjk"] is not None


def _pairs(run: str) -> list[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)]


def _asked(query: str) -> dict[str, bool]:
    """The words of a question; True for those that others may begin with."""
    words: dict[str, bool] = {}
    for run, chinese in _runs(query):
        if chinese:
            words |= dict.fromkeys(_pairs(run), False) if len(run) > 1 else {run: True}
        else:
            words[run[:LONGEST]] = len(run) >= SHORTEST_START
    return dict(list(words.items())[:MOST_ASKED])


def _fts5(words: Mapping[str, bool]) -> str:
    return " AND ".join(f'"{word}"{"*" if start else ""}' for word, start in words.items())


def _tsquery(words: Mapping[str, bool]) -> str:
    return " & ".join(f"'{word}'{':*' if start else ''}" for word, start in words.items())


async def _by_windows(connection: AsyncConnection, words: str) -> list[int]:
    """Looks through the newest tickets first, and further as long as too few are found.

    The GIN index knows no order: asked at once, it reads all of a frequent word's tickets to give the
    newest, and the planner cannot tell which words are frequent together.
    """
    top = low = await connection.scalar(sa.text(f"SELECT max(ticket_id) FROM {TABLE}")) or 0  # noqa: S608
    found: list[int] = []
    while low > 0 and len(found) < NEWEST:
        high, low = low, max(0, low - _width(top - low, len(found), low))
        found += await connection.scalars(window(words, low, high, NEWEST - len(found)))
    return found


def _width(seen: int, found: int, left: int) -> int:
    """How many ids the next window has: as many as the tickets still missing are likely to lie in."""
    if not seen:
        return FIRST
    width = int((NEWEST - found) * seen / found * SPARE) if found else left
    return left if 2 * width > left else max(width, FIRST)


def window(words: str, low: int, high: int, most: int) -> sa.Select[int]:
    """The newest with these words above one id and up to another: walked through, or by the words' index.

    The planner must not choose by how frequent it takes the words for: OFFSET parts finding from
    ordering, and of a subquery it supposes a fixed share. The range is written into the statement, so
    that it knows how wide that is.
    """
    rows = sa.table(TABLE, sa.column("ticket_id", sa.BigInteger), sa.column("words"))
    ident = rows.c.ticket_id
    asked = sa.select(sa.cast(sa.literal(words, sa.Text), postgresql.TSQUERY)).scalar_subquery()
    within = sa.select(rows).where(ident > _written(low), ident <= _written(high)).offset(0)
    if high - low > WALKED:
        near = within.where(rows.c.words.op("@@")(asked)).subquery()
        found = sa.select(near.c.ticket_id)
    else:
        near = within.order_by(ident.desc()).subquery()
        found = sa.select(near.c.ticket_id).where(near.c.words.op("@@")(asked))
    return found.order_by(near.c.ticket_id.desc()).limit(most)


def _written(value: int) -> sa.BindParameter[int]:
    return sa.bindparam(None, value, sa.BigInteger, literal_execute=True)


def _stored(dialect: str, text: str) -> str | list[str]:
    words = tokens(text)
    return " ".join(words) if dialect == "sqlite" else sorted({*words})


def _has_fts5(execute: Execute) -> bool:
    found = execute(sa.text("SELECT sqlite_compileoption_used('ENABLE_FTS5')"))
    return bool(found.scalar())


_MATCH = f"SELECT rowid FROM {TABLE} WHERE {TABLE} MATCH :asked ORDER BY rowid DESC LIMIT :n"  # noqa: S608
_KNOWN = f"SELECT words FROM {TABLE} WHERE rowid = :id"  # noqa: S608
_PUT: Mapping[str, str] = {
    "sqlite": f"INSERT OR REPLACE INTO {TABLE} (rowid, words) VALUES (:id, :w)",  # noqa: S608
    "postgresql": f"INSERT INTO {TABLE} (ticket_id, words) "  # noqa: S608
    "VALUES (:id, array_to_tsvector(CAST(:w AS text[]))) ON CONFLICT (ticket_id) DO UPDATE "
    f"SET words = excluded.words WHERE {TABLE}.words IS DISTINCT FROM excluded.words",
}
_CREATE: Mapping[str, Sequence[str]] = {
    # `ascii`: words are cut already, at blanks; everything beyond ASCII is part of a word.
    "sqlite": (f"CREATE VIRTUAL TABLE {TABLE} USING fts5(words, tokenize='ascii', detail='none')",),
    "postgresql": (
        f"CREATE TABLE {TABLE} (ticket_id bigint PRIMARY KEY, words tsvector NOT NULL)",
        f"CREATE INDEX ix_{TABLE} ON {TABLE} USING gin (words)",
    ),
}
