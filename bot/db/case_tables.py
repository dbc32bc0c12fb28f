"""The tables of the case beside the ticket itself: clocks, orders, incidents, subjects, notices.

They share the metadata of `bot/db/tables.py`; importing this module adds them to it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.tables import Key, Moment
from bot.db.tables import metadata as metadata


def _id() -> sa.Column[int]:
    return sa.Column("id", Key, primary_key=True, autoincrement=True)


def _ticket(*, primary_key: bool = False, index: bool | None = None) -> sa.Column[int]:
    return sa.Column(
        "ticket_id",
        Key,
        sa.ForeignKey("tickets.id"),
        nullable=False,
        primary_key=primary_key,
        index=index,
    )


clocks = sa.Table(  # one running deadline; `data` is the whole clock, the rest is for finding it
    "clocks",
    metadata,
    _ticket(primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(32), nullable=False),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),
    sa.Column("started_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("announced", sa.String(8), nullable=False, server_default=""),  # the ladder's rung
    sa.Index("ix_clocks_open", "state", "due_on"),
)

tasks = sa.Table(  # joint handling: what an assisting unit is to do, by when
    "tasks",
    metadata,
    _id(),
    _ticket(index=True),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("given_by", sa.String(64), nullable=False),
    sa.Column("given_at", Moment, nullable=False),
    sa.Column("done_at", Moment),
    sa.Column("answer", sa.Text, nullable=False, default=""),
    sa.Index("ix_tasks_open", "done_at", "due_on"),
)

supervisions = sa.Table(  # 督办: an order of 食安办 with its own deadline and reply
    "supervisions",
    metadata,
    _id(),
    _ticket(index=True),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("due_on", sa.Date, nullable=False),
    sa.Column("issued_by", sa.String(64), nullable=False),
    sa.Column("issued_at", Moment, nullable=False),
    sa.Column("replied_by", sa.String(64)),
    sa.Column("replied_at", Moment),
    sa.Column("reply", sa.Text, nullable=False, default=""),
    sa.Index("ix_supervisions_open", "replied_at", "due_on"),
)

reviews = sa.Table(  # satisfaction: asked once, reminded of once, answered in one tap
    "reviews",
    metadata,
    _ticket(primary_key=True),
    sa.Column("asked_at", Moment, nullable=False),
    sa.Column("reminded_at", Moment),
    sa.Column("score", sa.Integer),  # 1 satisfied, 0 so-so, -1 not satisfied
    sa.Column("reason", sa.String(16)),  # attitude | speed | result | not_in_remit
    sa.Column("answered_at", Moment),
    sa.Index("ix_reviews_open", "score", "asked_at"),
)

merchants = sa.Table(  # a subject of complaints (信用档案); `key` is the folded name
    "merchants",
    metadata,
    _id(),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("key", sa.String(100), nullable=False, index=True),
    sa.Column("address", sa.String(300), nullable=False, default=""),
    sa.Column("same_as", Key, sa.ForeignKey("merchants.id")),
    sa.Column("created_at", Moment, nullable=False),
)

incidents = sa.Table(
    "incidents",
    metadata,
    _id(),
    sa.Column("number", sa.String(24), nullable=False, unique=True),
    sa.Column("title", sa.String(200), nullable=False),
    sa.Column("opened_by", sa.String(64), nullable=False),
    sa.Column("opened_at", Moment, nullable=False),
    sa.Column("closed_at", Moment),
    sa.Column("facts_only", sa.Boolean, nullable=False, default=False),  # 快报事实、慎报原因
)

proposals = sa.Table(  # "these two may be about one happening"; an officer decides
    "proposals",
    metadata,
    _id(),
    _ticket(),
    sa.Column("other_id", Key, sa.ForeignKey("tickets.id"), nullable=False, index=True),
    sa.Column("score", sa.Float, nullable=False),
    sa.Column("reasons", sa.JSON, nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # open → linked | refused
    sa.Column("decided_by", sa.String(64)),
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("ticket_id", "other_id"),
)

ticket_keys = sa.Table(  # how candidates for one incident are found: by index, not by scan
    "ticket_keys",
    metadata,
    sa.Column("key", sa.String(80), primary_key=True),
    _ticket(primary_key=True, index=True),
)

releases = sa.Table(  # sentences that facts-only mode lets out, each signed off by a second person
    "releases",
    metadata,
    _id(),
    sa.Column("incident_id", Key, sa.ForeignKey("incidents.id"), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("written_by", sa.String(64), nullable=False),
    sa.Column("written_at", Moment, nullable=False),
    sa.Column("signed_by", sa.String(64)),
    sa.Column("signed_at", Moment),
    sa.Column("sent_at", Moment),
)

documents = sa.Table(  # written notices as they were made; sealed: some carry who the reporter is
    "documents",
    metadata,
    _id(),
    _ticket(index=True),
    sa.Column("form", sa.String(32), nullable=False),
    sa.Column("title", sa.String(100), nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
    sa.Column("made_by", sa.String(64), nullable=False),
    sa.Column("made_at", Moment, nullable=False),
)

schedule = sa.Table(  # what rang when; whoever inserts the row first does the work
    "schedule",
    metadata,
    sa.Column("what", sa.String(64), primary_key=True),
    sa.Column("due", sa.String(40), primary_key=True),
    sa.Column("taken_at", Moment, nullable=False),
    sa.Column("done_at", Moment),
)

calls = sa.Table(  # an alert on its way to a person by a provider (command, HTTP, SMS gateway)
    "calls",
    metadata,
    _id(),
    sa.Column("alert_id", Key, sa.ForeignKey("alerts.id"), nullable=False, index=True),
    sa.Column("level", sa.String(16), nullable=False),  # unit → unit_head → office
    sa.Column("target", sa.String(128), nullable=False),
    sa.Column("state", sa.String(16), nullable=False),  # pending → sent | failed
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("error", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("sent_at", Moment),
    sa.UniqueConstraint("alert_id", "level", "target"),
    sa.Index("ix_calls_open", "state", "id"),
)

unit_groups = sa.Table(  # a unit's Telegram group, or a topic of one
    "unit_groups",
    metadata,
    sa.Column("unit", sa.String(32), primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("thread_id", sa.BigInteger),
    sa.Column("linked_by", sa.String(64), nullable=False),
    sa.Column("linked_at", Moment, nullable=False),
    sa.UniqueConstraint("chat_id", "thread_id"),
)

cards = sa.Table(  # a ticket's card in a unit's group, kept in step with the ticket
    "cards",
    metadata,
    _ticket(primary_key=True),
    sa.Column("unit", sa.String(32), primary_key=True),
    sa.Column("chat_id", sa.BigInteger, nullable=False),
    sa.Column("message_id", sa.BigInteger),
    sa.Column("shown_version", sa.Integer, nullable=False, default=-1),
    sa.Column("state", sa.String(16), nullable=False),  # pending → shown → ended; unknown | failed
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", Moment),
    sa.Index("ix_cards_message", "chat_id", "message_id"),
)

staff_links = sa.Table(  # the Telegram account of a member of staff
    "staff_links",
    metadata,
    sa.Column("telegram_id", sa.BigInteger, primary_key=True),
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id"), nullable=False, unique=True),
    sa.Column("linked_at", Moment, nullable=False),
)

link_codes = sa.Table(  # a one-time word that links an account or a group
    "link_codes",
    metadata,
    sa.Column("code_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("purpose", sa.String(16), nullable=False),  # account | group
    sa.Column("expires_at", Moment, nullable=False),
)

ticket_watchers = sa.Table(  # 包保干部: people copied in
    "ticket_watchers",
    metadata,
    _ticket(primary_key=True),
    sa.Column("login", sa.String(64), primary_key=True, index=True),
)
