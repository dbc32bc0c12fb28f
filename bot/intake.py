"""The durable door: an update is a committed row before its channel hears that we have it.

A row is unique by (channel, external_id); a repeat is acknowledged and dropped (design §3).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from bot.db import statements
from bot.db import tables as t
from bot.db.engine import Database
from bot.vault import Vault, sealing_context
from handlers.ports import Clock


@dataclass(frozen=True)
class Arrival:
    """One raw update. `group_key` ties the parts of an album, `sender` keeps a citizen's order."""

    channel: str
    external_id: str
    sender: str
    payload: dict[str, Any]
    message_key: str = ""
    group_key: str | None = None


@dataclass(frozen=True)
class Intake:
    """Takes updates in; `woken` is called after each commit, as a hint to the worker."""

    database: Database
    vault: Vault
    clock: Clock
    woken: Callable[[], None]

    async def accept(self, arrivals: Sequence[Arrival]) -> int:
        """Store what is new in one commit; gives the number of new rows."""
        if not arrivals:
            return 0
        added = 0
        async with self.database.write() as connection:
            statement = statements.inbox_added(connection.dialect.name)
            for arrival in arrivals:
                result = await connection.execute(statement, self._row(arrival))
                added += result.scalar_one_or_none() is not None
        if added:
            self.woken()
        return added

    async def known(self, channel: str, external_id: str) -> bool:
        """Whether an update is already stored."""
        where = sa.and_(t.inbox.c.channel == channel, t.inbox.c.external_id == external_id)
        async with self.database.read() as connection:
            statement = sa.select(t.inbox.c.id).where(where)
            return (await connection.execute(statement)).first() is not None

    def _row(self, arrival: Arrival) -> dict[str, Any]:
        context = sealing_context(arrival.channel, arrival.external_id)
        return {
            "channel": arrival.channel,
            "external_id": arrival.external_id,
            "sender": arrival.sender,
            "message_key": arrival.message_key,
            "group_key": arrival.group_key,
            "payload": self.vault.seal_json(context, arrival.payload),
            "state": "new",
            "attempts": 0,
            "received_at": self.clock.now(),
        }
