"""What the library's keeping needs from outside."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol


@dataclass(frozen=True)
class Entry:
    """The dates of one occasion in one year, as somebody entered them; `end` may be unknown."""

    occasion: str
    year: int
    name: str
    start: date
    end: date | None
    theme: str | None
    source: str
    login: str
    at: datetime


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


class ItemDrafts(Protocol):
    """Items written from answered tickets."""

    async def all(self) -> Sequence[ItemDraft]: ...
    async def add(self, draft: ItemDraft) -> int:
        """Store it; gives its number."""
        ...


class Occasions(Protocol):
    """Dates of awareness days beside those of the calendar file."""

    async def all(self) -> list[Entry]: ...
    async def keep(self, entry: Entry) -> None:
        """Store it; a repeat for the same occasion and year replaces the earlier one."""
        ...


class Witnesses(Protocol):
    """First-hand matters that look like a rumour which the library calls untrue."""

    async def add(self, item: str, citizen_id: int, ticket_id: int, at: datetime) -> None: ...
    async def count(self, item: str, since: datetime) -> int:
        """How many citizens since then."""
        ...


class Notices(Protocol):
    """What staff should know: shown in the console, and sent to linked Telegram accounts."""

    async def tell(self, key: str, text: str, logins: tuple[str, ...], at: datetime) -> None:
        """Tell publicists, reviewers and these people; the same key is told once."""
        ...

    async def since(self, at: datetime) -> list[str]:
        """What was told since then, the newest first."""
        ...
