"""A ticket: one matter of one citizen, its state, and the timeline that explains it.

State and timeline change in the same method, so history cannot be forgotten.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handlers.errors import MoveNotAllowed
from handlers.tickets.clocks import Clock
from handlers.tickets.moves import DONE, allowed

AUDIENCES = ("citizen", "unit", "supervisors")


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of the timeline. `audience` says who may read it; supervisors read everything."""

    at: datetime
    actor: str
    type: str
    audience: str
    text: str
    data: dict[str, Any] = field(default_factory=dict)
    number: int | None = None


@dataclass
class Ticket:
    """One matter. `labels` is what the message was understood as, `routing` why it is here.

    `reporter` is the alias units see; who that is lies in the vault under `identity_id`.
    `received` is the formal receipt (正式接收: channel, number, on) that starts statutory clocks.
    `interim` works on it while it is argued whose it is; `hops` counts returns and transfers.
    `secrecy` is normal or insider; `watchers` are logins copied in (包保干部).
    """

    number: str
    kind: str
    citizen_id: int
    reporter: str
    summary: str
    labels: dict[str, Any]
    routing: dict[str, Any]
    lead: str
    assist: tuple[str, ...]
    severity: str
    created_at: datetime
    state: str = "registered"
    officer: str | None = None
    shielded: bool = False
    identity_id: int | None = None
    linked: str | None = None
    source: str = "chat"
    fields: dict[str, str] = field(default_factory=dict)
    received: dict[str, str] = field(default_factory=dict)
    interim: str | None = None
    hops: int = 0
    secrecy: str = "normal"
    grid: str | None = None
    merchant_id: int | None = None
    incident_id: int | None = None
    watchers: tuple[str, ...] = ()
    clocks: list[Clock] = field(default_factory=list)
    updated_at: datetime | None = None
    id: int | None = None
    version: int = 0
    new_entries: list[Entry] = field(default_factory=list)

    def note(
        self, at: datetime, actor: str, type: str, audience: str, text: str, **data: Any
    ) -> Entry:
        """Append a line to the timeline; it is stored with the ticket."""
        if audience not in AUDIENCES:
            raise ValueError(f"no audience {audience!r}")
        entry = Entry(at, actor, type, audience, text, data)
        self.new_entries.append(entry)
        self.updated_at = at
        return entry

    def move(
        self, to: str, at: datetime, actor: str, audience: str, text: str, **data: Any
    ) -> Entry:
        """Change state along MOVES and say so in the timeline; raises MoveNotAllowed."""
        if not allowed(self.kind, self.state, to):
            raise MoveNotAllowed(ticket=self.number, kind=self.kind, state=self.state, to=to)
        before, self.state = self.state, to
        return self.note(at, actor, to, audience, text, before=before, **data)

    @property
    def done(self) -> bool:
        """Whether nothing more is expected of the unit."""
        return self.state in DONE
