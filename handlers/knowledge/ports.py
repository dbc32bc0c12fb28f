"""What the knowledge side of the core keeps: drafts of items, first-hand cases, dates, manners."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class ItemDraft:
    """An item written from an answered ticket. Never changed: who finds a fault writes another.

    `author` is the login of whoever wrote it, who may not sign it; `number` is None until stored.
    """

    kind: str
    title: str
    claim: str
    verdict: str
    short: str
    long: str
    asks: tuple[str, ...]
    issuer: str
    source: str
    source_date: str | None
    url: str | None
    review_by: date
    author: str
    ticket: str
    at: datetime
    number: int | None = None


@dataclass(frozen=True)
class ItemCase:
    """A first-hand report that matches a rumour the office calls false."""

    item: str
    ticket: str
    citizen_id: int
    at: datetime


@dataclass(frozen=True)
class ItemNotice:
    """What somebody has to know about an item. `recipient` is a login, or `role:<role>`."""

    item: str
    recipient: str
    text: str
    at: datetime


@dataclass(frozen=True)
class OccasionYear:
    """The dates of an occasion in one year as a publicist entered them, and where they are from."""

    occasion: str
    year: int
    name: str
    start: date
    to: date | None
    theme: str | None
    source: str
    entered_by: str
    at: datetime


class ItemDrafts(Protocol):
    async def all(self) -> Sequence[ItemDraft]: ...
    async def add(self, draft: ItemDraft) -> int:
        """Store it; gives its number."""
        ...


class ItemCases(Protocol):
    async def add(self, case: ItemCase) -> None:
        """Note it; once for each item and ticket."""
        ...

    async def since(self, item: str, at: datetime) -> Sequence[ItemCase]:
        """Cases of an item after a moment, oldest first."""
        ...


class ItemNotices(Protocol):
    async def add(self, notices: Sequence[ItemNotice]) -> None: ...


class OccasionYears(Protocol):
    async def all(self) -> Sequence[OccasionYear]: ...
    async def keep(self, entered: OccasionYear) -> None:
        """Store it; what was entered for that occasion and year before is replaced."""
        ...

    async def remove(self, occasion: str, year: int) -> bool: ...


class GroupManners(Protocol):
    """Whether the bot was silenced in a group."""

    async def quiet(self, channel: str, address: str) -> bool: ...
    async def set_quiet(
        self, channel: str, address: str, quiet: bool, by: str, at: datetime
    ) -> None: ...


class Knowledge(Protocol):
    """All of these in one transaction."""

    @property
    def drafts(self) -> ItemDrafts: ...
    @property
    def cases(self) -> ItemCases: ...
    @property
    def notices(self) -> ItemNotices: ...
    @property
    def years(self) -> OccasionYears: ...
    @property
    def manners(self) -> GroupManners: ...
