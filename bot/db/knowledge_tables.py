"""The tables of what the office teaches beside its files: drafts, cases, dates, group manners.

They share the metadata of `bot/db/tables.py`; importing this module adds them to it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.tables import Key, Moment
from bot.db.tables import metadata as metadata


def _id() -> sa.Column[int]:
    return sa.Column("id", Key, primary_key=True, autoincrement=True)


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

item_cases = sa.Table(  # first-hand reports that match a rumour called false
    "item_cases",
    metadata,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("ticket", sa.String(24), primary_key=True),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False),
    sa.Column("at", Moment, nullable=False),
)

item_notices = sa.Table(  # what authors, signers and publicists have to know of an item
    "item_notices",
    metadata,
    _id(),
    sa.Column("item", sa.String(16), nullable=False),
    sa.Column("recipient", sa.String(72), nullable=False, index=True),  # login | role:<role>
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

occasion_years = sa.Table(  # dates of an occasion as a publicist entered them
    "occasion_years",
    metadata,
    sa.Column("occasion", sa.String(64), primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(60), nullable=False),
    sa.Column("start", sa.Date, nullable=False),
    sa.Column("to", sa.Date),
    sa.Column("theme", sa.Text),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("entered_by", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
)

group_manners = sa.Table(  # groups whose administrators silenced the bot, or let it speak again
    "group_manners",
    metadata,
    sa.Column("channel", sa.String(16), primary_key=True),
    sa.Column("address", sa.String(128), primary_key=True),
    sa.Column("quiet", sa.Boolean, nullable=False),
    sa.Column("set_by", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
)
