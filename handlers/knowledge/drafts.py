"""From an answered ticket to a draft of an item: what an expert said once, for everybody who asks.

A draft is told to nobody before somebody else than its author signed it (reviewing.py).
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from content.library import LONGEST_LONG, LONGEST_SHORT, SHORTEST, Item, Source
from handlers import staff as permissions
from handlers import wording
from handlers.errors import (
    DraftIncomplete,
    NoSuchTicket,
    NotPermitted,
    PersonalData,
    SourceMissing,
)
from handlers.knowledge.ports import ItemDraft
from handlers.ports import Staff, UnitOfWork
from handlers.privacy import mask
from handlers.services import Services
from handlers.tickets.ticket import Entry, Ticket

EDITORS = frozenset({"publicist", "reviewer"})
ANSWERS: Mapping[str, frozenset[str]] = {
    "consult": frozenset({"answered"}),
    "rumour_check": frozenset({"answered"}),
    "report": frozenset({"not_filed"}),  # looked into and unfounded
}
"""By kind of ticket, the timeline entry that says what came of it."""
KINDS = ("qa", "tip", "rumour")
VERDICTS = ("false", "misleading", "unproven")
LOCAL = "local-"
TITLE = (2, 30)
FEWEST_ASKS, MOST_ASKS, LONGEST_ASK = 3, 12, 200
LONGEST_SOURCE = 200
YEAR, LONGEST_LIFE = timedelta(days=365), timedelta(days=2 * 366)
_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?", re.ASCII)
_URL = re.compile(r"https?://[^\s<>\"']{3,500}")


@dataclass(frozen=True)
class Answered:
    """What a ticket's end offers for an item, without what points at people or businesses."""

    ticket: str
    question: str
    answer: str
    is_rumour: bool


def answered(ticket: Ticket, entries: Sequence[Entry]) -> Entry | None:
    """The entry that answers the ticket; None where there is none or it is an insider's."""
    if ticket.secrecy == "insider":
        return None
    types = ANSWERS.get(ticket.kind, frozenset())
    return next((entry for entry in reversed(entries) if entry.type in types), None)


def may_draft(staff: Staff, ticket: Ticket, entries: Sequence[Entry]) -> bool:
    """Publicists, reviewers, and whoever gave the answer."""
    entry = answered(ticket, entries)
    if entry is None:
        return False
    return staff.role in EDITORS or (
        entry.actor == f"staff:{staff.login}" and permissions.may(staff, "see", ticket)
    )


def offered(ticket: Ticket, entries: Sequence[Entry]) -> Answered:
    """Question and answer to begin with. Raises NoSuchTicket for a ticket without an answer."""
    entry = answered(ticket, entries)
    if entry is None:
        raise NoSuchTicket(ticket=ticket.number)
    names = [value for value in ticket.fields.values() if value != "unknown"]
    question, answer = (mask(text, also=names) for text in (ticket.summary, entry.text))
    return Answered(ticket.number, question, answer, ticket.kind == "rumour_check")


async def open_answered(services: Services, staff: Staff, number: str) -> Answered:
    """What a ticket offers to this member of staff. Raises NoSuchTicket."""
    async with services.unit_of_work() as work:
        return offered(*await _ticket(work, staff, number))


async def write(services: Services, staff: Staff, number: str, form: Mapping[str, str]) -> str:
    """Keep a draft made from a ticket; gives its id.

    Raises NoSuchTicket, SourceMissing, DraftIncomplete, PersonalData, ForbiddenWording.
    """
    now = services.clock.now()
    async with services.unit_of_work() as work:
        await _ticket(work, staff, number)
        draft = draft_from(form, staff.login, number, now)
        made = f"{LOCAL}{await work.drafts.add(draft)}"
        data = {"ticket": number, "kind": draft.kind}
        await work.audit.record(now, f"staff:{staff.login}", "item.drafted", made, data)
        await work.commit()
    return made


def item_of(draft: ItemDraft) -> Item:
    """A draft as an item of the library; grade C, so it lives by a signature alone."""
    return Item(
        id=f"{LOCAL}{draft.number}",
        topic=0,
        kind=draft.kind,
        title=draft.title,
        short=draft.short,
        long=draft.long,
        audience=frozenset({"everyone"}),
        season=frozenset(),
        region="all",
        source=Source("C", draft.issuer, draft.source, draft.source_date, draft.url),
        reviewer=None,
        review_by=draft.review_by,
        asks=draft.asks,
        claim=draft.claim,
        verdict=draft.verdict,
    )


async def _ticket(work: UnitOfWork, staff: Staff, number: str) -> tuple[Ticket, Sequence[Entry]]:
    ticket = await work.tickets.get(number)
    entries = await work.tickets.timeline(number)
    if not may_draft(staff, ticket, entries):
        if permissions.may(staff, "see", ticket):
            raise NotPermitted(action="draft_item", role=staff.role, ticket=number)
        raise NoSuchTicket(ticket=number)
    return ticket, entries


def draft_from(form: Mapping[str, str], author: str, number: str, now: datetime) -> ItemDraft:
    """The draft a form describes. Raises SourceMissing, DraftIncomplete, PersonalData, ForbiddenWording."""
    values = {name: text.strip() for name, text in form.items()}
    kind = _one_of(values, "kind", KINDS)
    rumour = kind == "rumour"
    draft = ItemDraft(
        kind=kind,
        title=_sized(values, "title", *TITLE),
        claim=_sized(values, "claim", 4, LONGEST_SHORT) if rumour else "",
        verdict=_one_of(values, "verdict", VERDICTS) if rumour else "",
        short=_sized(values, "short", SHORTEST, LONGEST_SHORT),
        long=_sized(values, "long", SHORTEST, LONGEST_LONG),
        asks=_asks(values.get("asks", "")),
        issuer=_named(values, "issuer"),
        source=_named(values, "source"),
        source_date=_shaped(values, "source_date", _DATE),
        url=_shaped(values, "url", _URL),
        review_by=_review_by(values.get("review_by", ""), now.date()),
        author=author,
        ticket=number,
        at=now,
    )
    _check_told(draft)
    return draft


def _check_told(draft: ItemDraft) -> None:
    """The red lines of every text that leaves, and nobody's telephone number."""
    for text in (draft.title, draft.claim, draft.short, draft.long, *draft.asks):
        wording.check(text)
        if mask(text) != text:
            raise PersonalData()


def _sized(values: Mapping[str, str], field: str, least: int, most: int) -> str:
    text = values.get(field, "")
    if not least <= len(text) <= most:
        raise DraftIncomplete(field=field)
    return text


def _one_of(values: Mapping[str, str], field: str, choices: Sequence[str]) -> str:
    if values.get(field, "") not in choices:
        raise DraftIncomplete(field=field)
    return values[field]


def _named(values: Mapping[str, str], field: str) -> str:
    text = values.get(field, "")
    if len(text) < 2:
        raise SourceMissing()
    return text[:LONGEST_SOURCE]


def _shaped(values: Mapping[str, str], field: str, form: re.Pattern[str]) -> str | None:
    text = values.get(field, "")
    if text and not form.fullmatch(text):
        raise DraftIncomplete(field=field)
    return text or None


def _asks(text: str) -> tuple[str, ...]:
    asks = tuple(dict.fromkeys(filter(None, map(str.strip, text.splitlines()))))
    if not FEWEST_ASKS <= len(asks) <= MOST_ASKS or max(map(len, asks)) > LONGEST_ASK:
        raise DraftIncomplete(field="asks")
    return asks


def _review_by(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise DraftIncomplete(field="review_by") from error
    if not today < day <= today + LONGEST_LIFE:
        raise DraftIncomplete(field="review_by")
    return day
