"""Answering from the library: the item a question is about, with its source; or not at all."""

from __future__ import annotations

from datetime import date

from content.hant import in_script
from content.library import Item
from content.phrasebook import Phrasebook
from handlers import offers
from handlers.knowledge.reviewing import shelf
from handlers.ports import UnitOfWork
from handlers.services import Services
from handlers.turn import Turn


async def answer(turn: Turn) -> bool:
    """Tell what the library knows; False when no live item is certainly what was asked about."""
    item = await item_about(turn.services, turn.work, turn.text, turn.now.date())
    if item is None:
        return False
    if item.emergency:
        turn.say("emergency.first_aid")
    turn.dialog.wondering = turn.text
    turn.say_text(told(item, turn.services.phrases, turn.citizen.locale), offers.ANSWERED)
    turn.record("knowledge.answered", topic=item.topic or None, item=item.id)
    return True


async def item_about(services: Services, work: UnitOfWork, text: str, today: date) -> Item | None:
    """The live item a text asks for. A draft that fits better leaves the question open."""
    known = await shelf(services, work)
    services.finder.know(known.reviewed_here())
    found = services.finder.find(text)
    return known.taught(today).get(found.key) if found else None


def told(item: Item, phrases: Phrasebook, locale: str = "zh-Hans") -> str:
    """An item as the citizen reads it: what is so, who says so and when, who looked at it here."""
    reviewed = phrases.text(
        "knowledge.reviewed" if item.reviewer else "knowledge.unreviewed", reviewer=item.reviewer
    )
    source = item.source
    when = source.date or phrases.text("knowledge.no_date")
    body = {"title": item.title, "claim": item.claim, "long": item.long}
    verdict = phrases.text(f"verdict.{item.verdict}") if item.verdict else ""
    text = phrases.text(
        f"knowledge.{'rumour' if item.kind == 'rumour' else 'answer'}",
        **body, verdict=verdict, issuer=source.issuer, source=source.title, date=when,
        reviewed=reviewed,
    )  # fmt: skip
    return in_script(text, locale)
