"""What the core needs from outside, as Protocols. `bot/` provides them, `bot/bootstrap.py` picks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from handlers.messages import Reply
from handlers.tickets.ticket import Entry, Ticket
from nlu.understanding import Understanding


class Clock(Protocol):
    """The time, aware, in the zone people live by (Asia/Shanghai)."""

    def now(self) -> datetime: ...


class Interpreter(Protocol):
    """What a message means; never raises on any text."""

    def understand(self, text: str, now: datetime) -> Understanding: ...


@dataclass
class Citizen:
    """Somebody at one address of one channel; who they are is not known here."""

    id: int
    channel: str
    address: str
    locale: str = "zh-Hans"
    reachable: bool = True


@dataclass(frozen=True)
class Identity:
    """Who a citizen is. Lives encrypted in its own table; never in a log, a queue or a label."""

    name: str = ""
    phone: str = ""
    id_number: str = ""
    contact_address: str = ""


@dataclass(frozen=True)
class Alert:
    """Units to be told at once that people are in danger."""

    ticket: str
    units: tuple[str, ...]
    text: str


@dataclass(frozen=True)
class Correction:
    """What an officer put right: the labels of a ticket, or the unit it first went to.

    `subject` is labels or unit, `before` what was understood at first, `labels` what nobody
    objected to, `model_version` the one that was wrong. All texts are masked.
    """

    ticket_id: int
    subject: str
    text: str
    labels: dict[str, Any]
    before: dict[str, Any]
    after: dict[str, Any]
    reason: str
    staff: str
    engine: str
    model_version: str
    at: datetime


class Citizens(Protocol):
    async def get_or_add(self, channel: str, address: str, locale: str) -> Citizen: ...
    async def get(self, citizen_id: int) -> Citizen: ...
    async def set_locale(self, citizen_id: int, locale: str) -> None: ...


class Dialogs(Protocol):
    """Dialog state as plain data, encrypted at rest; one per citizen."""

    async def load(self, citizen_id: int) -> dict[str, Any]: ...
    async def save(self, citizen_id: int, state: dict[str, Any], at: datetime) -> None: ...


class Tickets(Protocol):
    async def next_number(self, at: datetime) -> str: ...
    async def add(self, ticket: Ticket) -> None: ...
    async def save(self, ticket: Ticket) -> None: ...
    async def get(self, number: str) -> Ticket: ...
    async def of_citizen(self, citizen_id: int, limit: int = 20) -> list[Ticket]: ...
    async def timeline(self, number: str) -> list[Entry]: ...


class Outbox(Protocol):
    """Replies and notices that leave after commit; `dedup_key` makes a repeat impossible."""

    async def reply(
        self, citizen: Citizen, reply: Reply, dedup_key: str, priority: int = 0
    ) -> None: ...


class Inbox(Protocol):
    async def done(self, inbox_ids: Sequence[int], at: datetime) -> bool:
        """Mark as done; False when somebody else already did (then nothing may be written)."""
        ...

    async def redact(self, message_keys: Sequence[str], citizen_id: int) -> None:
        """Empty stored messages whose health data the citizen does not want recorded."""
        ...

    async def redact_words(self, citizen_id: int, words: Sequence[str]) -> None:
        """Blot out words (a name, a number) in the citizen's stored messages."""
        ...


class Vault(Protocol):
    async def put(self, citizen_id: int, identity: Identity, at: datetime) -> int: ...
    async def open(self, identity_id: int) -> Identity: ...


class Consents(Protocol):
    async def record(
        self, citizen_id: int, purpose: str, granted: bool, wording: str, at: datetime
    ) -> None: ...


class Attachments(Protocol):
    async def attach(self, attachment_ids: Sequence[int], ticket_number: str) -> None: ...


class Alerts(Protocol):
    async def raise_alert(self, alert: Alert, at: datetime) -> None: ...


class Corrections(Protocol):
    async def keep(self, correction: Correction) -> None:
        """Store it; a repeat for the same ticket and subject replaces the earlier one."""
        ...


class UnitOfWork(Protocol):
    """One transaction. Leaving without `commit()` takes everything back."""

    citizens: Citizens
    dialogs: Dialogs
    tickets: Tickets
    outbox: Outbox
    inbox: Inbox
    vault: Vault
    consents: Consents
    attachments: Attachments
    alerts: Alerts
    corrections: Corrections

    async def __aenter__(self) -> Self: ...
    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
    async def commit(self) -> None: ...


class UnitsOfWork(Protocol):
    """Opens transactions."""

    def __call__(self) -> UnitOfWork: ...


@dataclass(frozen=True)
class Staff:
    """A member of staff as the core sees one."""

    login: str
    name: str
    role: str
    unit: str
    flags: frozenset[str] = field(default_factory=frozenset)
