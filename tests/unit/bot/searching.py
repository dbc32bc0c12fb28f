"""Texts and questions that both databases must answer alike."""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from bot.db import tables as t

TEXTS = {
    1: "SA20261123-0001 举报人A 薛家镇黑作坊用工业松香给猪头拔毛 Beta公司",
    2: "SA20261123-0002 举报人B 天宁路老赵面馆后厨全是蟑螂",
    3: "SA20261124-0001 投诉人C 城南农贸市场卖发霉的花生米 ＡＢＣ１２３",
}
FOUND = {
    "松香": {1},
    "薛家镇": {1},
    "举报": {1, 2},
    "举报 蟑螂": {2},
    "松香 蟑螂": set(),
    "薛": {1},
    "米": {3},
    "霉": {3},
    "abc123": {3},
    "BETA": {1},
    "bet": {1},
    "20261": set(),
    "sa20261123": {1, 2},
    "SA20261123-0002": {2},
    "香松": set(),
    "！？…": set(),
}
BREAKING = [
    "'", '"', "''; DROP TABLE tickets; --", '"松香', "松香*", "NOT 松香", "松香 OR 蟑螂", "a AND", "NEAR(",
    "words:松香", "^松香", "{words}: x", "(", "- + & | ! <->", ":*", "%s %(x)s %", ":id", "\\", "a\\'b",
    "$1", "\x00", "\ud83d", "x" * 5000, "薛" * 500, "ﬁ'ﬂ", "İ", "_", "^", "º", "\u200b", "𠮷",
]  # fmt: skip


def old_tickets(connection: sa.Connection) -> None:
    """Two tickets as revision 0002 kept them, one urgent and one done."""
    now = datetime(2026, 11, 23, 9, tzinfo=UTC)
    connection.execute(
        sa.insert(_table(t.citizens, "id channel address locale reachable created_at")),
        dict(id=1, channel="web", address="a", locale="zh-Hans", reachable=True, created_at=now),
    )
    both = dict(
        kind="report", citizen_id=1, reporter="举报人A", labels={}, routing={}, lead="scjg",
        assist=[], shielded=True, source="chat", created_at=now, updated_at=now, version=0,
    )  # fmt: skip
    cockroach = dict(id=7, number="SA1", state="claimed", severity="urgent", summary="后厨有蟑螂")
    done = dict(id=8, number="SA2", state="resolved", severity="normal", summary="面条发霉")
    fields = {"merchant": "老王面馆"}
    connection.execute(
        sa.insert(_table(t.tickets, " ".join([*both, *cockroach, "fields"]))),
        [{**both, **told, "fields": fields} for told in (cockroach, done)],
    )
    connection.execute(
        sa.insert(_table(t.ticket_units, "ticket_id unit")), dict(ticket_id=8, unit="wjj")
    )


def _table(table: sa.Table, names: str) -> sa.TableClause:
    """The columns a table had then: no newer ones, and none with a default of today."""
    return sa.table(table.name, *(sa.column(n, table.c[n].type) for n in names.split()))
