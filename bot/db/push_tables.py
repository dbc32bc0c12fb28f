"""Where the browsers of web citizens take pushed notes.

It shares the metadata of `bot/db/tables.py`; importing this module adds it.
"""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.tables import Key, Moment, metadata

push_endpoints = sa.Table(
    "push_endpoints",
    metadata,
    sa.Column("id", Key, primary_key=True, autoincrement=True),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False, index=True),
    sa.Column("digest", sa.String(64), nullable=False, unique=True),  # of the endpoint
    sa.Column("sealed", sa.LargeBinary, nullable=False),  # endpoint and keys of the browser
    sa.Column("pushed_at", Moment),
    sa.Column("at", Moment, nullable=False),
)
