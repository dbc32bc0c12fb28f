"""What the database of a deployment says, read from outside the process."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.vault import open_vault

OPEN = (
    "SELECT (SELECT count(*) FROM inbox WHERE state = 'new')"
    " + (SELECT count(*) FROM outbox WHERE state IN ('pending', 'sending'))"
)


@dataclass(frozen=True)
class Ledger:
    """The rows of one data folder. Only reads; may look while the server runs."""

    data: Path

    def rows(self, statement: str, *values: Any) -> list[sqlite3.Row]:
        with self._connected() as connection:
            return connection.execute(statement, values).fetchall()

    def undone(self) -> int:
        """Messages not answered, plus replies not delivered."""
        return int(self.rows(OPEN)[0][0])

    def in_flight(self, channel: str) -> set[int]:
        """Outbox rows whose sending has begun and whose end is not recorded."""
        found = self.rows("SELECT id FROM outbox WHERE state='sending' AND channel=?", channel)
        return {row["id"] for row in found}

    def tickets(self) -> dict[str, str]:
        """Number → summary."""
        return {row["number"]: row["summary"] for row in self.rows("SELECT * FROM tickets")}

    def replies(self, channel: str) -> list[tuple[int, str, str]]:
        """Outbox rows opened: id, address, text, in order."""
        vault = open_vault(self.data / "keys")
        rows = self.rows("SELECT * FROM outbox WHERE channel=? ORDER BY id", channel)
        return [
            (
                r["id"],
                r["address"],
                vault.open_json(f"outbox.payload|{r['dedup_key']}", r["payload"])["text"],
            )
            for r in rows
        ]

    def unanswered(self) -> list[str]:
        """Inbox rows without a reply of their own."""
        statement = (
            "SELECT i.channel || ':' || i.external_id AS name FROM inbox i WHERE NOT EXISTS"
            " (SELECT 1 FROM outbox o WHERE o.dedup_key ="
            " 'reply:' || i.channel || ':' || i.external_id || ':0')"
        )
        return [row["name"] for row in self.rows(statement)]

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        with closing(sqlite3.connect(self.data / "shian.db", timeout=10)) as connection:
            connection.row_factory = sqlite3.Row
            connection.execute("PRAGMA wal_autocheckpoint=0")
            yield connection
