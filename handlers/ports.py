"""What the core needs from outside, as Protocols. `bot/` provides them, `bot/bootstrap.py` picks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import TracebackType
from typing import Any, Protocol, Self

from handlers.campaigns.group_ports import Groups
from handlers.campaigns.ports import Campaigns, Subscriptions
from handlers.campaigns.sampling_ports import Sampling
from handlers.knowledge.ports import ItemDrafts, Notices, Occasions, Witnesses
from handlers.messages import Reply
from handlers.tickets.ports import (
    Alerts,
    Corrections,
    Documents,
    Incidents,
    Releases,
    Reviews,
    Supervisions,
    Tasks,
    Tickets,
)
from nlu.understanding import Found, Understanding


class Clock(Protocol):
    """The time, aware, in the zone people live by (Asia/Shanghai)."""

    def now(self) -> datetime: ...


class Interpreter(Protocol):
    """What a message means; never raises on any text."""

    def understand(self, text: str, now: datetime) -> Understanding: ...


class Finder(Protocol):
    """Which item of the library a text asks for; None where that is not certain enough."""

    def find(self, text: str) -> Found | None: ...

    def know(self, passages: Mapping[str, Sequence[str]]) -> None:
        """Look also among these items' passages; they replace those given before."""
        ...


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
class ItemReview:
    """What a reviewer said of an item: `state` is signed or pulled; holds for that text only."""

    item: str
    digest: str
    state: str
    login: str
    name: str
    reason: str
    at: datetime


class Citizens(Protocol):
    async def get_or_add(self, channel: str, address: str, locale: str) -> Citizen: ...
    async def get(self, citizen_id: int) -> Citizen: ...
    async def set_locale(self, citizen_id: int, locale: str) -> None: ...


class Dialogs(Protocol):
    """Dialog state as plain data, encrypted at rest; one per citizen."""

    async def load(self, citizen_id: int) -> dict[str, Any]: ...
    async def save(self, citizen_id: int, state: dict[str, Any], at: datetime) -> None: ...


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


class ItemReviews(Protocol):
    """The newest review of each item of the library."""

    async def all(self) -> dict[str, ItemReview]: ...
    async def keep(self, review: ItemReview) -> None: ...


class Audit(Protocol):
    """Who saw or did what, append-only."""

    async def record(
        self, at: datetime, actor: str, action: str, subject: str, data: Mapping[str, Any]
    ) -> None: ...
    async def seen(self, number: str, actor: str, since: datetime) -> bool:
        """Whether `actor` opened the ticket at or after `since`."""
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
    tasks: Tasks
    documents: Documents
    reviews: Reviews
    supervisions: Supervisions
    releases: Releases
    incidents: Incidents
    item_reviews: ItemReviews
    subscriptions: Subscriptions
    campaigns: Campaigns
    drafts: ItemDrafts
    occasions: Occasions
    witnesses: Witnesses
    notices: Notices
    sampling: Sampling
    groups: Groups
    audit: Audit

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
