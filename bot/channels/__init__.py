"""Ways in and out: each channel turns its updates into `Incoming`, and `Reply` into messages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from handlers.messages import Incoming, Reply


@dataclass(frozen=True)
class Update:
    """An inbox row, opened."""

    id: int
    channel: str
    external_id: str
    sender: str
    message_key: str
    payload: dict[str, Any]
    received_at: datetime


@dataclass(frozen=True)
class Sent:
    """How a delivery ended. `unknown`: the channel may or may not have taken it."""

    state: str  # sent | retry | blocked | unknown | failed; in a ledger also later | skipped
    external_id: str | None = None
    retry_after: float = 0.0
    error: str | None = None


class Channel(Protocol):
    """One channel, both directions."""

    @property
    def name(self) -> str:
        """Its name in inbox and outbox rows."""
        ...

    async def read(self, updates: Sequence[Update]) -> Incoming | None:
        """One turn from an update (or the parts of an album); None when it is no turn."""
        ...

    async def send(self, address: str, reply: Reply, outbox_id: int) -> Sent:
        """Deliver one message."""
        ...

    async def push(self, address: str, reply: Reply, key: int) -> Sent:
        """Deliver one message of many; those of `send` go first."""
        ...
