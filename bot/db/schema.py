"""All tables together: what a migration brings about and what is compared with it."""

from __future__ import annotations

from bot.db import (
    campaign_tables,
    case_tables,
    group_tables,
    knowledge_tables,
    push_tables,
    sampling_tables,
    tables,
)

PARTS = (
    tables, case_tables, campaign_tables, knowledge_tables, sampling_tables,
    group_tables, push_tables,
)  # fmt: skip
metadata = tables.metadata
