"""What the case needs from outside: its records, and the repositories that keep them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from handlers.tickets.ticket import Entry, Ticket


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


class Tickets(Protocol):
    async def next_number(self, at: datetime) -> str: ...
    async def add(self, ticket: Ticket) -> None: ...
    async def save(self, ticket: Ticket) -> None: ...
    async def get(self, number: str) -> Ticket: ...
    async def of_citizen(self, citizen_id: int, limit: int = 20) -> list[Ticket]: ...
    async def timeline(self, number: str) -> list[Entry]: ...
