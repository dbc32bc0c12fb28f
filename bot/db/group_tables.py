"""Who subscribed a chat group, and who ended that: a group cannot agree, its administrators can.

It shares the metadata of `bot/db/tables.py`; importing this module adds it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.tables import Key, Moment, metadata

group_consents = sa.Table(
    "group_consents",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column(
        "citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False, index=True
    ),  # the group
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("by", sa.BigInteger),  # a person's id at the channel; NULL: the group let us go
    sa.Column("why", sa.String(16), nullable=False),  # asked, button, quiet, removed, moved
    sa.Column("at", Moment, nullable=False),
)
