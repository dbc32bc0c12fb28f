"""What the core needs from outside, as Protocols. `bot/` provides them, `bot/bootstrap.py` picks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from types import TracebackType
from typing import Any, Protocol, Self

from handlers.messages import Reply
from handlers.tickets.ticket import Entry, Ticket
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


@dataclass(frozen=True)
class Task:
    """What an assisting unit is to do for a ticket, by when."""

    ticket_id: int
    unit: str
    text: str
    due_on: date
    given_by: str
    given_at: datetime


@dataclass(frozen=True)
class Written:
    """A written notice as it was made: the form, its title, its text."""

    ticket_id: int
    form: str
    title: str
    content: str
    made_by: str
    made_at: datetime


@dataclass(frozen=True)
class Review:
    """What a citizen thinks of how their matter was handled; `score` is 1, 0 or -1, or not given."""

    asked_at: datetime
    reminded_at: datetime | None = None
    score: int | None = None
    reason: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True)
class Supervision:
    """督办: an order of 食安办 to a unit, with its own deadline and reply."""

    ticket_id: int
    unit: str
    text: str
    due_on: date
    issued_by: str
    issued_at: datetime


@dataclass(frozen=True)
class Release:
    """A statement for an incident under facts-only mode; goes out once somebody else signed it."""

    incident_id: int
    text: str
    written_by: str
    written_at: datetime


@dataclass(frozen=True)
class Incident:
    """One happening that several tickets are about. With `facts_only` only signed statements leave."""

    id: int
    number: str
    title: str
    facts_only: bool = False


@dataclass(frozen=True)
class Proposal:
    """ "These two tickets may be about one happening", with a score 0..1 and (code, value) reasons."""

    ticket_id: int
    other_id: int
    score: float
    reasons: list[list[str]]


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


class Tasks(Protocol):
    async def give(self, task: Task) -> int: ...
    async def finish(
        self, task_id: int, ticket_id: int, unit: str, answer: str, at: datetime
    ) -> bool:
        """Mark as done; False for a task that is not this unit's or is done already."""
        ...


class Documents(Protocol):
    async def keep(self, written: Written) -> int: ...
    async def of_ticket(self, ticket_id: int) -> list[Written]: ...


class Reviews(Protocol):
    """One row for each ticket; asking anew after a reopening replaces what was answered before."""

    async def ask(self, ticket_id: int, at: datetime) -> None: ...
    async def get(self, ticket_id: int) -> Review | None: ...
    async def answer(self, ticket_id: int, score: int, at: datetime) -> bool:
        """Keep the score; False when nothing was asked or there is one already."""
        ...

    async def explain(self, ticket_id: int, reason: str) -> bool:
        """Keep why somebody was not satisfied; False when there is a reason already."""
        ...

    async def unanswered(self, after: datetime, until: datetime, limit: int) -> list[str]:
        """Numbers of finished tickets asked about in that span, neither answered nor reminded of."""
        ...

    async def remind(self, ticket_id: int, at: datetime) -> bool:
        """Mark as reminded of; False when that, or the answer, came first."""
        ...


class Supervisions(Protocol):
    async def order(self, order: Supervision) -> int: ...
    async def answer(
        self, order_id: int, ticket_id: int, reply: str, staff: str, at: datetime
    ) -> bool:
        """Keep the reply; False for an order of another ticket or one answered already."""
        ...


class Releases(Protocol):
    async def add(self, release: Release) -> int | None:
        """Keep it unsigned; None when there is no such incident."""
        ...

    async def get(self, release_id: int) -> Release | None: ...
    async def sign(self, release_id: int, staff: str, at: datetime) -> bool:
        """Sign it off; False for one signed already."""
        ...

    async def facts_only(self, incident_id: int) -> bool: ...
    async def signed(self, incident_id: int) -> list[str]: ...


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


class Incidents(Protocol):
    """Incidents, their tickets, the proposals to link, and the subjects of tickets (merchants)."""

    async def merchant(self, name: str, key: str, address: str, at: datetime) -> int:
        """The id of the subject of exactly this name and key, made when there is none."""
        ...

    async def index(self, ticket_id: int, keys: Sequence[str]) -> None: ...
    async def candidates(
        self, ticket_id: int, keys: Sequence[str], per_key: int
    ) -> list[Ticket]: ...
    async def propose(self, proposal: Proposal, at: datetime) -> None: ...
    async def decide(self, ticket_id: int, other_id: int, state: str, by: str) -> bool:
        """Close an open proposal, whichever ticket it was made for; False when there is none."""
        ...

    async def open(self, title: str, by: str, at: datetime) -> Incident: ...
    async def get(self, incident_id: int) -> Incident: ...
    async def tickets(self, incident_id: int) -> list[Ticket]: ...
    async def set_facts_only(self, incident_id: int, on: bool) -> None: ...


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
