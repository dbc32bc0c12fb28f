"""Tables of polls (你点我检), testing days (你送我检), contests and public lists.

They share the metadata of `bot/db/tables.py`; importing this module adds them to it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.case_tables import metadata as metadata
from bot.db.tables import Key, Moment


def _id() -> sa.Column[int]:
    return sa.Column("id", Key, primary_key=True, autoincrement=True)


def _of(
    table: str, name: str, *, primary_key: bool = False, index: bool | None = None
) -> sa.Column[int]:
    key = sa.ForeignKey(f"{table}.id")
    return sa.Column(name, Key, key, nullable=False, primary_key=primary_key, index=index)


polls = sa.Table(
    "polls",
    metadata,
    _id(),
    sa.Column("title", sa.String(100), nullable=False),
    sa.Column("opens_at", Moment, nullable=False),
    sa.Column("closes_at", Moment, nullable=False),
    sa.Column("products", sa.JSON, nullable=False),
    sa.Column("items", sa.JSON, nullable=False),
    sa.Column("places", sa.JSON, nullable=False),
    sa.Column("samples", sa.Integer, nullable=False),
    sa.Column("repeat", sa.String(16), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("written_by", sa.String(64), nullable=False),
    sa.Column("follows", Key, unique=True),  # the poll this one repeats: one successor each
    sa.Column("basis", sa.Text, nullable=False),  # of naming merchants in the result
    sa.Column("submitted_by", sa.String(64)),
    sa.Column("signed_by", sa.String(64)),
    sa.Column("published_at", Moment),
    sa.Column("told_at", Moment),
    sa.CheckConstraint(
        "state in ('draft', 'announced', 'planned', 'submitted', 'published')", name="state"
    ),
    sa.Index("ix_polls_state", "state", "closes_at"),
)

poll_votes = sa.Table(  # NULL in a choice: anything
    "poll_votes",
    metadata,
    _of("polls", "poll_id", primary_key=True),
    _of("citizens", "citizen_id", primary_key=True, index=True),
    sa.Column("product", sa.SmallInteger),
    sa.Column("item", sa.SmallInteger),
    sa.Column("place", sa.SmallInteger),
    sa.Column("changes", sa.Integer, nullable=False),
    sa.Column("wants_result", sa.Boolean),
    sa.Column("at", Moment, nullable=False),
    sa.Column("told_at", Moment),
)

poll_samples = sa.Table(
    "poll_samples",
    metadata,
    _of("polls", "poll_id", primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("product", sa.SmallInteger, nullable=False),
    sa.Column("item", sa.SmallInteger, nullable=False),
    sa.Column("place", sa.SmallInteger, nullable=False),
    sa.Column("merchant", sa.String(100), nullable=False),
    sa.Column("tested_on", sa.Date),
    sa.Column("conclusion", sa.String(16), nullable=False),
    sa.Column("note", sa.String(300), nullable=False),
    sa.Column("entered_by", sa.String(64), nullable=False),
    sa.Column("entered_at", Moment),
    sa.CheckConstraint("conclusion in ('pending', 'qualified', 'unqualified')", name="conclusion"),
)

testing_days = sa.Table(
    "testing_days",
    metadata,
    _id(),
    sa.Column("place", sa.String(100), nullable=False),
    sa.Column("opens_at", Moment, nullable=False),
    sa.Column("closes_at", Moment, nullable=False),
    sa.Column("capacity", sa.Integer, nullable=False),
    sa.Column("taken", sa.Integer, nullable=False),
    sa.Column("accepted", sa.String(300), nullable=False),  # what may be brought
    sa.Column("state", sa.String(16), nullable=False),  # open → cancelled
    sa.Column("written_by", sa.String(64), nullable=False),
    sa.CheckConstraint("taken >= 0 and taken <= capacity", name="capacity"),
    sa.Index("ix_testing_days_open", "state", "opens_at"),
)

bookings = sa.Table(
    "bookings",
    metadata,
    _id(),
    _of("testing_days", "day_id", index=True),
    _of("citizens", "citizen_id", index=True),
    sa.Column("product", sa.String(60), nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.Column("cancelled_at", Moment),
    sa.Column("reminded_at", Moment),
    # one living booking of a citizen for a day
    sa.Index(
        "ux_bookings_living",
        "day_id",
        "citizen_id",
        unique=True,
        sqlite_where=sa.text("cancelled_at IS NULL"),
        postgresql_where=sa.text("cancelled_at IS NULL"),
    ),
)

contests = sa.Table(
    "contests",
    metadata,
    _id(),
    sa.Column("title", sa.String(60), nullable=False),
    sa.Column("opens_at", Moment, nullable=False),
    sa.Column("closes_at", Moment, nullable=False),
    sa.Column("questions", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open → stopped
    sa.Column("written_by", sa.String(64), nullable=False),
)

contest_entries = sa.Table(
    "contest_entries",
    metadata,
    _id(),
    _of("contests", "contest_id"),
    _of("citizens", "citizen_id", index=True),
    sa.Column("nickname", sa.String(24), nullable=False),
    sa.Column("nickname_key", sa.String(48), nullable=False),
    sa.Column("right", sa.Integer, nullable=False),
    sa.Column("answered", sa.Integer, nullable=False),
    sa.Column("seconds", sa.Integer, nullable=False),
    sa.Column("hidden", sa.Boolean, nullable=False),
    sa.UniqueConstraint("contest_id", "citizen_id"),
    sa.UniqueConstraint("contest_id", "nickname_key"),
    sa.Index("ix_contest_entries_best", "contest_id", "right", "seconds", "id"),
)

contest_answers = sa.Table(
    "contest_answers",
    metadata,
    _of("contest_entries", "entry_id", primary_key=True),
    sa.Column("question", sa.String(24), primary_key=True),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("choice", sa.SmallInteger),
)

public_lists = sa.Table(  # 红黑榜: legal basis required, signed by a second person
    "public_lists",
    metadata,
    _id(),
    sa.Column("title", sa.String(60), nullable=False),
    sa.Column("colour", sa.String(8), nullable=False),
    sa.Column("merchant", sa.String(100), nullable=False),
    sa.Column("basis", sa.String(300), nullable=False),
    sa.Column("from_day", sa.Date, nullable=False),
    sa.Column("until_day", sa.Date, nullable=False),
    sa.Column("written_by", sa.String(64), nullable=False),
    sa.Column("written_at", Moment, nullable=False),
    sa.Column("signed_by", sa.String(64)),
    sa.Column("signed_at", Moment),
    sa.Column("withdrawn_by", sa.String(64)),
    sa.Column("withdrawn_at", Moment),
    sa.CheckConstraint("colour in ('red', 'black')", name="colour"),
    sa.CheckConstraint("basis <> ''", name="basis"),
)
