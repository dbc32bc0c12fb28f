"""What the office teaches: tips, questions and answers, checked rumours, and sets of them.

An item of grade A (law) or B (an authority's own page) is live as it ships; one of grade C
becomes live when a reviewer has signed it. What is past its `review_by` is live no more.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from content.errors import ContentError, Problem
from content.quizzes import Audience
from content.schema import Name, Row, form_problems
from content.source import line_of, read_yaml

SHORTEST, LONGEST_SHORT, LONGEST_LONG = 20, 160, 700
"""Characters. The long form with source and remarks fits one message of any channel."""
FEWEST_ASKS = 6
LIVE_GRADES = frozenset({"A", "B"})
Season = Literal[
    "summer", "school_opens", "spring_festival", "village_banquet", "gaokao", "autumn", "winter"
]  # fmt: skip


@dataclass(frozen=True)
class Source:
    """Who said it, where and when. `date` is a year, a month or a day; None where unknown."""

    grade: str
    issuer: str
    title: str
    date: str | None
    url: str | None


@dataclass(frozen=True)
class Item:
    """One thing to know. `topic` is its number in the list of topics, `asks` ways of asking for it.

    `emergency`: an answer from it begins with the first-aid line.
    """

    id: str
    topic: int
    kind: str
    title: str
    short: str
    long: str
    audience: frozenset[str]
    season: frozenset[str]
    region: str
    source: Source
    reviewer: str | None
    review_by: date
    asks: tuple[str, ...]
    emergency: bool = False
    claim: str = ""
    verdict: str = ""

    @property
    def digest(self) -> str:
        """Names what is told and its source: a review holds for this text only."""
        told = (self.title, self.claim, self.verdict, self.short, self.long, str(self.source))
        return hashlib.sha256("\x1e".join(told).encode()).hexdigest()

    def passages(self) -> list[str]:
        """What a question may be like: the item's own words and the ways of asking for it."""
        return [
            text for text in (self.title, self.claim, self.short, self.long, *self.asks) if text
        ]

    def live(self, today: date) -> bool:
        """Whether it may be sent and answered from."""
        released = self.reviewer is not None or self.source.grade in LIVE_GRADES
        return released and today <= self.review_by


@dataclass(frozen=True)
class ItemSet:
    """Items that belong together for a season or for certain people."""

    id: str
    title: str
    intro: str
    audience: frozenset[str]
    season: str | None
    items: tuple[str, ...]


@dataclass(frozen=True)
class Library:
    """All items by id, the sets, and questions near an item that no item answers."""

    items: dict[str, Item]
    sets: dict[str, ItemSet]
    unanswered: tuple[str, ...] = ()

    def live(self, today: date) -> list[Item]:
        """What may be taught today."""
        return [item for item in self.items.values() if item.live(today)]

    def live_of(self, set_id: str, today: date) -> list[Item]:
        """The live items of a set, in its order."""
        members = [self.items[name] for name in self.sets[set_id].items]
        return [item for item in members if item.live(today)]


class _Source(Row):
    grade: Literal["A", "B", "C"]
    issuer: str = Name
    title: str = Name
    date: str | None = Field(pattern=r"^\d{4}(-\d{2}(-\d{2})?)?$")
    url: str | None = Field(pattern=r"^https?://\S+$")


class _Item(Row):
    id: str = Field(pattern=r"^(tip|qa|rumour)-\d{3}[a-z]?$")
    topic: int = Field(ge=1)
    kind: Literal["tip", "qa", "rumour"]
    title: str = Field(min_length=2, max_length=30)
    claim: str | None = None
    verdict: Literal["false", "misleading", "unproven"] | None = None
    short: str = Field(min_length=SHORTEST, max_length=LONGEST_SHORT)
    long: str = Field(min_length=SHORTEST, max_length=LONGEST_LONG)
    audience: list[Audience] = Field(min_length=1)
    season: list[Season]
    region: str = Name
    emergency: bool = False
    source: _Source
    reviewer: str | None
    review_by: date
    asks: list[str] = Field(min_length=FEWEST_ASKS)


class _UnansweredFile(Row):
    schema_version: Literal[1]
    questions: list[str] = Field(min_length=1)


class _ItemFile(Row):
    schema_version: Literal[1]
    items: list[_Item] = Field(min_length=1)


class _Set(Row):
    id: str = Name
    title: str = Name
    intro: str = Field(min_length=4, max_length=80)
    audience: list[Audience] = Field(min_length=1)
    season: Season | None
    items: list[str] = Field(min_length=1)


class _SetFile(Row):
    schema_version: Literal[1]
    sets: list[_Set] = Field(min_length=1)


def load_items(folder: Path) -> dict[str, Item]:
    """Items of `folder`/tips and `folder`/rumours by id.

    Raises ContentError naming file, line and remedy for what has no source, no date to be looked
    at again, or is too long for a message.
    """
    problems: list[Problem] = []
    rows: dict[str, dict[str, Any]] = {}
    for path in sorted(p for part in ("tips", "rumours") for p in (folder / part).glob("*.yml")):
        raw = read_yaml(path)
        found = list(form_problems(path, raw, _ItemFile))
        problems += found or list(_flawed(path, raw["items"], rows))
        rows |= {row["id"]: row for row in raw["items"]} if not found else {}
    if problems:
        raise ContentError(problems)
    return {name: _item(row) for name, row in rows.items()}


def load_library(folder: Path) -> Library:
    """The items and the sets of `folder`/sets.yml; raises ContentError also for unknown items."""
    items, path = load_items(folder), folder / "sets.yml"
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, _SetFile)) or list(_unknown(path, raw["sets"], items))
    if problems:
        raise ContentError(problems)
    sets = {row["id"]: _set(row) for row in raw["sets"]}
    return Library(items, sets, _unanswered(folder / "unanswered.yml", items))


def _unanswered(path: Path, items: dict[str, Item]) -> tuple[str, ...]:
    """Questions that no item answers; one that is also a way of asking for an item is refused."""
    if not path.exists():
        return ()
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, _UnansweredFile))
    asks = {ask: item.id for item in items.values() for ask in item.asks}
    both = [] if problems else [ask for ask in raw["questions"] if ask in asks]
    problems += [Problem(path, 1, f"{ask}: {asks[ask]} answers it", "remove one") for ask in both]
    if problems:
        raise ContentError(problems)
    return tuple(raw["questions"])


def expired(library: Library, path: Path, today: date) -> Iterator[Problem]:
    """Items whose time to be looked at again has come; they are neither sent nor answered from."""
    for item in library.items.values():
        if item.review_by < today:
            what = f"{item.id}: its review was due on {item.review_by}"
            yield Problem(path, 1, what, "look at its source again and set a new review_by")


def _flawed(path: Path, rows: list[dict[str, Any]], seen: dict[str, Any]) -> Iterator[Problem]:
    here: set[str] = set()
    for row in rows:
        for what, remedy in _flaws(row, seen.keys() | here):
            yield Problem(path, line_of(row), f"{row['id']}: {what}", remedy)
        here.add(row["id"])


def _flaws(row: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, str]]:
    prefix, number = row["id"].split("-")
    if row["id"] in seen:
        yield "stands twice", "give it another letter"
    if prefix != row["kind"] or int(number[:3]) != row["topic"]:
        yield f"is a {row['kind']} of topic {row['topic']}", "name kind and topic in the id"
    if len(set(row["asks"])) < len(row["asks"]):
        yield "a way of asking stands twice", "remove one"
    if row["kind"] == "rumour" and not (row.get("claim") and row.get("verdict")):
        yield "a rumour without claim or verdict", "say what is told and what is true"
    released = row["reviewer"] or row["source"]["grade"] in LIVE_GRADES
    if row["kind"] == "rumour" and released and row["source"]["date"] is None:
        yield "a rumour checked nobody knows when", "give the source's date"


def _unknown(path: Path, sets: list[dict[str, Any]], items: dict[str, Any]) -> Iterator[Problem]:
    seen: set[str] = set()
    for row in sets:
        if row["id"] in seen:
            yield Problem(path, line_of(row), f"{row['id']} stands twice", "remove one")
        seen.add(row["id"])
        for name in row["items"]:
            if name not in items:
                what = f"{row['id']}: there is no item {name}"
                yield Problem(path, line_of(row), what, "name an item of tips/ or rumours/")


def _item(row: dict[str, Any]) -> Item:
    source = row["source"]
    return Item(
        **{name: row[name] for name in ("id", "topic", "kind", "title", "region", "reviewer")},
        short=row["short"].strip(),
        long=row["long"].strip(),
        audience=frozenset(row["audience"]),
        season=frozenset(row["season"]),
        source=Source(**{name: source[name] for name in Source.__dataclass_fields__}),
        review_by=row["review_by"],
        asks=tuple(row["asks"]),
        emergency=row.get("emergency", False),
        claim=row.get("claim") or "",
        verdict=row.get("verdict") or "",
    )


def _set(row: dict[str, Any]) -> ItemSet:
    return ItemSet(
        id=row["id"],
        title=row["title"],
        intro=row["intro"],
        audience=frozenset(row["audience"]),
        season=row["season"],
        items=tuple(row["items"]),
    )
