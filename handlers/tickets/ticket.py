"""A ticket: one matter of one citizen, its state, and the timeline that explains it.

State and timeline change in the same method, so history cannot be forgotten.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handlers.errors import MoveNotAllowed

KINDS = ("complaint", "report", "consult", "suggestion", "rumour_check")
AUDIENCES = ("citizen", "unit", "supervisors")

_TAIL: Mapping[str, frozenset[str]] = {
    "resolved": frozenset({"strike_off_pending", "reopened"}),
    "strike_off_pending": frozenset({"struck_off", "reopened"}),
    "struck_off": frozenset({"reopened"}),
    "reopened": frozenset({"dispatched"}),
}
_HEAD: Mapping[str, frozenset[str]] = {
    "registered": frozenset({"dispatched", "withdrawn"}),
    "dispatched": frozenset({"claimed", "returned", "dispatched", "withdrawn"}),
    "returned": frozenset({"dispatched", "withdrawn"}),
    "withdrawn": frozenset(),
}
_COMPLAINT: Mapping[str, frozenset[str]] = {
    **_HEAD,
    "claimed": frozenset(
        {"accepted", "declined", "handed_over", "returned", "dispatched", "resolved", "withdrawn"}
    ),
    "accepted": frozenset({"mediating", "resolved", "withdrawn"}),
    "mediating": frozenset({"settled", "terminated", "withdrawn"}),
    "declined": frozenset({"resolved"}),
    "handed_over": frozenset({"resolved"}),
    "settled": frozenset({"resolved"}),
    "terminated": frozenset({"resolved"}),
    **_TAIL,
}
_REPORT: Mapping[str, frozenset[str]] = {
    **_HEAD,
    "claimed": frozenset(
        {"verifying", "handed_over", "returned", "dispatched", "resolved", "withdrawn"}
    ),
    # A withdrawn report is verified all the same (design §6), so no `withdrawn` from here on.
    "verifying": frozenset({"filed", "not_filed", "handed_over", "resolved"}),
    "filed": frozenset({"decided"}),
    "decided": frozenset({"resolved"}),
    "not_filed": frozenset({"resolved"}),
    "handed_over": frozenset({"resolved"}),
    **_TAIL,
}
_QUESTION: Mapping[str, frozenset[str]] = {
    **_HEAD,
    "claimed": frozenset({"answered", "returned", "dispatched", "withdrawn"}),
    "answered": frozenset({"closed"}),
    "closed": frozenset(),
}
MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "complaint": _COMPLAINT,
    "report": _REPORT,
    "consult": _QUESTION,
    "suggestion": _QUESTION,
    "rumour_check": _QUESTION,
}
DONE = frozenset(
    {"resolved", "strike_off_pending", "struck_off", "answered", "closed", "withdrawn"}
)


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
    targets: dict[str, str] = field(default_factory=dict)
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
        if to not in MOVES[self.kind].get(self.state, frozenset()):
            raise MoveNotAllowed(ticket=self.number, kind=self.kind, state=self.state, to=to)
        before, self.state = self.state, to
        return self.note(at, actor, to, audience, text, before=before, **data)

    @property
    def done(self) -> bool:
        """Whether nothing more is expected of the unit."""
        return self.state in DONE
