"""The reviewer's word on an item: signed, it may be taught; pulled, it may not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from content.library import Item
from handlers.errors import NoSuchItem, NotPermitted, ReasonMissing, UndatedRumour
from handlers.ports import ItemReview, Staff, UnitOfWork
from handlers.services import Services

REVIEWERS = frozenset({"reviewer"})
SIGNED, PULLED = "signed", "pulled"


def standing(item: Item, review: ItemReview | None) -> Item | None:
    """The item as it stands after its review: signed by somebody, unchanged, or pulled (None).

    A signature on an older text counts for nothing; what was pulled stays away until signed anew.
    """
    if review is None:
        return item
    if review.state == PULLED:
        return None
    return replace(item, reviewer=review.name) if review.digest == item.digest else item


async def taught(services: Services, work: UnitOfWork, today: date) -> Mapping[str, Item]:
    """Every item that may be told today, as it stands."""
    reviews = await work.item_reviews.all()
    items = services.library.items.values()
    standing_now = (standing(item, reviews.get(item.id)) for item in items)
    return {item.id: item for item in standing_now if item is not None and item.live(today)}


async def sign(services: Services, staff: Staff, item_id: str, digest: str) -> None:
    """Release an item as it was read; `digest` is that of the text on the reviewer's page.

    Raises NotPermitted, UndatedRumour, or NoSuchItem for one unknown or changed meanwhile.
    """
    await _review(services, staff, item_id, SIGNED, "", digest)


async def pull(services: Services, staff: Staff, item_id: str, reason: str) -> None:
    """Stop teaching an item, at once. Raises ReasonMissing, NotPermitted or NoSuchItem."""
    if not reason.strip():
        raise ReasonMissing()
    await _review(services, staff, item_id, PULLED, reason.strip(), None)


async def _review(
    services: Services, staff: Staff, item_id: str, state: str, reason: str, digest: str | None
) -> None:
    if staff.role not in REVIEWERS:
        raise NotPermitted(action="review_item", role=staff.role, ticket=item_id)
    item = services.library.items.get(item_id)
    if item is None or digest not in (None, item.digest):
        raise NoSuchItem(item=item_id)
    if state == SIGNED and item.kind == "rumour" and item.source.date is None:
        raise UndatedRumour(item=item_id)
    now = services.clock.now()
    review = ItemReview(item_id, item.digest, state, staff.login, staff.name, reason, now)
    async with services.unit_of_work() as work:
        await work.item_reviews.keep(review)
        data = {"digest": item.digest, "reason": reason}
        await work.audit.record(now, f"staff:{staff.login}", f"item.{state}", item_id, data)
        await work.commit()
