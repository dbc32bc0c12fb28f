"""The library for staff: what is taught, what waits for a signature, and the reviewer's buttons."""

from __future__ import annotations

from datetime import date, timedelta

from starlette.responses import Response

from bot.console import draft_pages
from bot.console.desk import PREFIX, Visit, go
from bot.db.draft_rows import SqlItemDrafts
from bot.db.knowledge_rows import SqlItemReviews
from content.library import Item
from handlers.knowledge import reviewing
from handlers.knowledge.answering import told
from handlers.knowledge.reviewing import Shelf, shelf_of

NOTICED = timedelta(days=30)
GROUPS = ("waiting", "pulled", "expired", "taught")


async def show(visit: Visit) -> Response:
    """Every item in its group, those that wait for somebody first."""
    services, today = visit.host.services, visit.desk.now().date()
    async with visit.host.database.read() as connection:
        reviews = await SqlItemReviews(connection).all()
        drafts = await SqlItemDrafts(connection).all()
        answered = await draft_pages.waiting(connection, visit.staff)
    shelf = shelf_of(services.library.items, drafts, reviews)
    groups: dict[str, list[dict[str, object]]] = {name: [] for name in GROUPS}
    for item in shelf.items.values():
        text = told(shelf.standing(item) or item, services.phrases, visit.locale)
        row = {"item": item, "review": reviews.get(item.id), "text": text}
        groups[_group(shelf, item, today)].append({**row, "draft": shelf.drafts.get(item.id)})
    async with services.unit_of_work() as work:
        notices = await work.notices.since(visit.desk.now() - NOTICED)
    may_sign = visit.staff.role in reviewing.REVIEWERS
    return visit.page(
        "knowledge.html", groups=groups, notices=notices, may_sign=may_sign, answered=answered
    )


def _group(shelf: Shelf, item: Item, today: date) -> str:
    now = shelf.standing(item)
    if now is None:
        return "pulled"
    if today > item.review_by:
        return "expired"
    return "taught" if now.live(today) else "waiting"


async def sign(visit: Visit) -> Response:
    """Release an item as it was shown."""
    item = visit.path("item")
    await reviewing.sign(visit.host.services, visit.staff, item, visit.field("digest"))
    return go(f"{PREFIX}/knowledge#{item}")


async def pull(visit: Visit) -> Response:
    """Take an item out of teaching, with the reason."""
    item = visit.path("item")
    await reviewing.pull(visit.host.services, visit.staff, item, visit.field("reason"))
    return go(f"{PREFIX}/knowledge#{item}")
