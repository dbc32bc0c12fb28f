"""The library for staff: what is taught, what waits for a signature, and the reviewer's buttons."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from bot.console.desk import PREFIX, Visit, go
from bot.db.knowledge_rows import SqlItemReviews
from handlers.knowledge import reviewing
from handlers.knowledge.answering import told

NOTICED = timedelta(days=30)
GROUPS = ("waiting", "pulled", "expired", "taught")


async def show(visit: Visit) -> Response:
    """Every item in its group, those that wait for somebody first."""
    services, today = visit.host.services, visit.desk.now().date()
    async with visit.host.database.read() as connection:
        reviews = await SqlItemReviews(connection).all()
    groups: dict[str, list[dict[str, object]]] = {name: [] for name in GROUPS}
    for item in services.library.items.values():
        review = reviews.get(item.id)
        now = reviewing.standing(item, review)
        text = told(now or item, services.phrases, visit.locale)
        if now is None:
            group = "pulled"
        elif today > item.review_by:
            group = "expired"
        else:
            group = "taught" if now.live(today) else "waiting"
        groups[group].append({"item": item, "review": review, "text": text})
    async with services.unit_of_work() as work:
        notices = await work.notices.since(visit.desk.now() - NOTICED)
    may_sign = visit.staff.role in reviewing.REVIEWERS
    return visit.page("knowledge.html", groups=groups, notices=notices, may_sign=may_sign)


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
