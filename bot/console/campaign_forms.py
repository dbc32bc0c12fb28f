"""The publicist's form: what was filled in as a campaign, and a campaign as what to fill in."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.clock import SHANGHAI
from bot.console.desk import Visit
from bot.console.refusals import BadInput
from content.phrasebook import LOCALES
from handlers.campaigns.ports import Audience, Campaign
from handlers.knowledge.reviewing import taught

KINDS = ("text", "item", "quiz", "series")
LATE_HOURS = (3, 12, 24, 48, 168)


def campaign_of(visit: Visit) -> Campaign:
    """What the form says. Raises BadInput for a time or a number that is none."""
    kind = visit.field("kind")
    wordings = tuple(filter(None, (visit.field("text"), visit.field("other"))))
    subject = {"item": "item", "quiz": "quiz"}.get(kind, "")
    return Campaign(
        title=visit.field("title")[:100],
        kind=kind if kind in KINDS else "text",
        audience=audience_of(visit, visit.field),
        author=visit.staff.login,
        wordings=wordings if kind == "text" else (),
        subject=visit.field(subject) if subject else "",
        action=visit.field("action"),
        policy=visit.field("policy") or "at_least_once",
        urgent=visit.field("urgent") == "1",
        due=moment_of(visit.field("due")),
        late_hours=_number(visit.field("late_hours") or "24"),
    )


def audience_of(visit: Visit, given: Callable[[str], str]) -> Audience:
    """The ticked conditions."""
    offer, places = visit.host.services.subscriptions, places_of(visit)

    def ticked(kind: str, names: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(name for name in names if given(f"{kind}-{name}") == "1")

    return Audience(
        topics=ticked("topic", offer.topics),
        groups=ticked("group", offer.groups),
        districts=ticked("place", places),
        locales=ticked("locale", dict.fromkeys(LOCALES, "")),
        everyone=given("everyone") == "1",
    )


def places_of(visit: Visit) -> dict[str, str]:
    """The places subscribers may name."""
    return {grid.id: grid.name for grid in visit.host.services.jurisdiction.grids}


def moment_of(typed: str) -> datetime | None:
    """A time of the form (2026-12-01T09:30), on the clock of the place; None when left empty."""
    if not typed:
        return None
    try:
        return datetime.fromisoformat(typed).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise BadInput() from error


def filled(campaign: Campaign) -> dict[str, str]:
    """The fields of the form as they were filled in for this campaign."""
    a = campaign.audience
    ticked = {
        "topic": a.topics, "group": a.groups, "place": a.districts, "locale": a.locales,
    }  # fmt: skip
    texts = [*campaign.wordings, "", ""]
    return {
        **{f"{kind}-{name}": "1" for kind, names in ticked.items() for name in names},
        "title": campaign.title,
        "kind": campaign.kind,
        "text": texts[0],
        "other": texts[1],
        campaign.kind: campaign.subject,
        "action": campaign.action,
        "policy": campaign.policy,
        "urgent": "1" if campaign.urgent else "",
        "everyone": "1" if a.everyone else "",
        "due": local(campaign.due),
        "late_hours": str(campaign.late_hours),
    } | ({"text": texts[0]} if campaign.kind == "text" else {})


def local(at: datetime | None) -> str:
    """A moment for a field of the form."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%dT%H:%M") if at else ""


async def choices(visit: Visit) -> dict[str, Any]:
    """What there is to choose from: live items, their questions, sets, groups, places."""
    services, today = visit.host.services, visit.desk.now().date()
    async with services.unit_of_work() as work:
        items = await taught(services, work, today)
    topics = {item.topic for item in items.values()}
    sets = services.library.sets.values()
    return {
        "items": list(items.values()),
        "questions": [q for q in services.questions if q.topic in topics],
        "sets": [(s, [i for i in s.items if i in items]) for s in sets],
        "offer": services.subscriptions,
        "places": places_of(visit),
        "locales": LOCALES,
        "hours": LATE_HOURS,
    }


def _number(typed: str) -> int:
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 5):
        raise BadInput()
    return int(typed)
