"""The tables of subscriptions and broadcasts.

They share the metadata of `bot/db/tables.py`; importing this module adds them to it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.tables import Key, Moment, metadata


def _citizen(*, primary_key: bool = True) -> sa.Column[int]:
    return sa.Column(
        "citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False, primary_key=primary_key
    )


def _campaign() -> sa.Column[int]:
    return sa.Column("campaign_id", Key, sa.ForeignKey("campaigns.id"), primary_key=True)


subscribers = sa.Table(
    "subscribers",
    metadata,
    _citizen(),
    sa.Column("active", sa.Boolean, nullable=False),
    sa.Column("district", sa.String(64), nullable=False, server_default=""),
    sa.Column("quiet_from", sa.SmallInteger),
    sa.Column("quiet_until", sa.SmallInteger),
    sa.Column("every_days", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("since", Moment, nullable=False),
    sa.Column("changed_at", Moment, nullable=False),
    sa.Column("last_campaign", Key),
    sa.Column("last_sent_at", Moment),
)

subscriber_tags = sa.Table(  # topic:tips, group:elders
    "subscriber_tags",
    metadata,
    _citizen(),
    sa.Column("tag", sa.String(24), primary_key=True),
    sa.Index("ix_subscriber_tags_tag", "tag", "citizen_id"),
)

campaigns = sa.Table(
    "campaigns",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("title", sa.String(120), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("due", Moment),
    sa.Column("late_hours", sa.Integer, nullable=False),
    sa.Column("urgent", sa.Boolean, nullable=False),
    sa.Column("policy", sa.String(16), nullable=False),
    sa.Column("series", sa.String(120), nullable=False),
    sa.Column("author", sa.String(64), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),  # kind, wordings, subject, picture, audience, …
    sa.Column("planned", sa.Boolean, nullable=False, server_default=sa.false()),
    sa.Column("planned_upto", Key, nullable=False, server_default="0"),
    sa.Column("wake_at", Moment),  # nothing can leave before
    sa.Column("leased_by", sa.String(32)),  # the process that sends it, until
    sa.Column("leased_until", Moment),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("started_at", Moment),
    sa.Column("ended_at", Moment),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_campaigns_state", "state", "due"),
)

deliveries = sa.Table(  # the ledger: one row for each recipient of each campaign
    "deliveries",
    metadata,
    _campaign(),
    _citizen(),
    sa.Column("variant", sa.SmallInteger, nullable=False),
    # pending → sending → sent | blocked | failed | unknown; later (wait) → pending; skipped
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("attempts", sa.SmallInteger, nullable=False, server_default="0"),
    sa.Column("not_before", Moment),
    sa.Column("sent_at", Moment),
    sa.Column("error", sa.String(120)),
    sa.Index("ix_deliveries_state", "campaign_id", "state", "citizen_id"),
    sqlite_with_rowid=False,
)

campaign_responses = sa.Table(  # what recipients did: read, answered, asked, unsubscribed
    "campaign_responses",
    metadata,
    _campaign(),
    _citizen(),
    sa.Column("what", sa.String(24), primary_key=True),
    sa.Column("at", Moment, nullable=False),
)

campaign_pictures = sa.Table(  # pictures staff uploaded; anybody may see these
    "campaign_pictures",
    metadata,
    sa.Column("sha256", sa.String(64), primary_key=True),
    sa.Column("media_type", sa.String(32), nullable=False),
    sa.Column("uploaded_by", sa.String(64), nullable=False),
    sa.Column("at", Moment, nullable=False),
)
