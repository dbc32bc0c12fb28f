"""Tables around the library: dates people entered, rumours that cases contradict, groups, notices.

They share the metadata of `bot/db/tables.py`; importing this module adds them to it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.tables import Key, Moment, metadata

occasion_years = sa.Table(  # when an awareness day is in a year, as a publicist entered it
    "occasion_years",
    metadata,
    sa.Column("occasion", sa.String(64), primary_key=True),  # of calendar.yml, or local-…
    sa.Column("year", sa.SmallInteger, primary_key=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("end", sa.Date),
    sa.Column("theme", sa.String(120)),
    sa.Column("source", sa.String(300), nullable=False),
    sa.Column("login", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
)

rumour_witnesses = sa.Table(  # people whose own matter is what a rumour check calls untrue
    "rumour_witnesses",
    metadata,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), primary_key=True),
    sa.Column("ticket_id", Key, sa.ForeignKey("tickets.id"), nullable=False),
    sa.Column("at", Moment, nullable=False),
)

staff_notices = sa.Table(  # something staff of a role should know; shown until it is old
    "staff_notices",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("key", sa.String(80), nullable=False, unique=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False, index=True),
)

group_manners = sa.Table(  # Telegram groups in which the bot was asked to be silent, or to speak
    "group_manners",
    metadata,
    sa.Column("chat_id", sa.BigInteger, primary_key=True),
    sa.Column("quiet", sa.Boolean, nullable=False),
    sa.Column("by", sa.BigInteger, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

item_drafts = sa.Table(  # an item written from an answered ticket; its id is local-<number>
    "item_drafts",
    metadata,
    sa.Column("number", Key, primary_key=True, autoincrement=True),
    sa.Column("kind", sa.String(8), nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("claim", sa.Text, nullable=False),
    sa.Column("verdict", sa.String(16), nullable=False),
    sa.Column("short", sa.Text, nullable=False),
    sa.Column("long", sa.Text, nullable=False),
    sa.Column("asks", sa.JSON, nullable=False),
    sa.Column("issuer", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("source_date", sa.String(10)),
    sa.Column("url", sa.Text),
    sa.Column("review_by", sa.Date, nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("ticket", sa.String(24), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("kind in ('tip', 'qa', 'rumour')", name="kind"),
)
