"""The reviewer's word on an item: signed, it may be taught; pulled, it may not."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from content.library import Item
from handlers.errors import NoSuchItem, NotPermitted, OwnDraft, ReasonMissing, UndatedRumour
from handlers.knowledge.drafts import item_of
from handlers.knowledge.ports import ItemDraft
from handlers.ports import ItemReview, Staff, UnitOfWork
from handlers.services import Services

REVIEWERS = frozenset({"reviewer"})
SIGNED, PULLED = "signed", "pulled"


@dataclass(frozen=True)
class Shelf:
    """The items of the library's files and the drafts written here, with the newest reviews."""

    items: Mapping[str, Item]
    drafts: Mapping[str, ItemDraft]
    reviews: Mapping[str, ItemReview]

    def standing(self, item: Item) -> Item | None:
        """The item as it stands after its review; None where it was pulled."""
        return standing(item, self.reviews.get(item.id))

    def taught(self, today: date) -> dict[str, Item]:
        """Every item that may be told today, as it stands."""
        now = (self.standing(item) for item in self.items.values())
        return {item.id: item for item in now if item is not None and item.live(today)}

    def reviewed_here(self) -> dict[str, Sequence[str]]:
        """Passages of drafts a reviewer has decided on. One that was pulled still leaves its
        question open, as a pulled item of the library does; an undecided one changes nothing."""
        known = (self.items[name] for name in self.drafts if name in self.reviews)
        return {item.id: item.passages() for item in known}


def shelf_of(
    library: Mapping[str, Item], drafts: Sequence[ItemDraft], reviews: Mapping[str, ItemReview]
) -> Shelf:
    """The library's items together with the drafts."""
    written = {item_of(draft).id: draft for draft in drafts}
    items = {name: item_of(draft) for name, draft in written.items()}
    return Shelf({**library, **items}, written, reviews)


async def shelf(services: Services, work: UnitOfWork) -> Shelf:
    """Everything there is to teach, as one transaction sees it."""
    drafts, reviews = await work.drafts.all(), await work.item_reviews.all()
    return shelf_of(services.library.items, drafts, reviews)


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
    return (await shelf(services, work)).taught(today)


async def sign(services: Services, staff: Staff, item_id: str, digest: str) -> None:
    """Release an item as it was read; `digest` is that of the text on the reviewer's page.

    Raises NotPermitted, NoSuchItem for one that is unknown or was changed meanwhile, UndatedRumour,
    OwnDraft for one's own.
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
    now = services.clock.now()
    async with services.unit_of_work() as work:
        known = await shelf(services, work)
        item = known.items.get(item_id)
        if item is None or digest not in (None, item.digest):
            raise NoSuchItem(item=item_id)
        if state == SIGNED:
            _check_signing(staff, item, known.drafts.get(item_id))
        review = ItemReview(item_id, item.digest, state, staff.login, staff.name, reason, now)
        await keep_review(work, review, f"staff:{staff.login}")
        await work.commit()


def _check_signing(staff: Staff, item: Item, draft: ItemDraft | None) -> None:
    if draft is not None and draft.author == staff.login:
        raise OwnDraft(item=item.id)
    if item.kind == "rumour" and item.source.date is None:
        raise UndatedRumour(item=item.id)


async def keep_review(work: UnitOfWork, review: ItemReview, actor: str) -> None:
    """Store a review and its audit row."""
    await work.item_reviews.keep(review)
    data = {"digest": review.digest, "reason": review.reason}
    await work.audit.record(review.at, actor, f"item.{review.state}", review.item, data)
