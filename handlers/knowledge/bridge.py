"""Rumour and case: when several people report first-hand what the library calls untrue.

The item is not proved wrong by that; it is taken away until a reviewer has looked at it again.
"""

from __future__ import annotations

from datetime import timedelta

from handlers.knowledge.reviewing import PULLED, taught
from handlers.ports import ItemReview
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

ENOUGH = 3  # citizens
FRESH = timedelta(days=14)
FIRST_HAND = frozenset({"complaint", "report"})
DENIED = frozenset({"false", "misleading", "unproven"})
SYSTEM = "system"


async def heed(turn: Turn, ticket: Ticket) -> None:
    """Count the matter against a rumour it contradicts; pull the item when it is the third."""
    if ticket.kind not in FIRST_HAND or ticket.id is None:
        return
    found = turn.services.finder.find(ticket.summary)
    if found is None:
        return
    item = (await taught(turn.services, turn.work, turn.now.date())).get(found.key)
    if item is None or item.verdict not in DENIED:
        return
    await turn.work.witnesses.add(item.id, ticket.citizen_id, ticket.id, turn.now)
    count = await turn.work.witnesses.count(item.id, turn.now - FRESH)
    if count >= ENOUGH:
        await _pull(turn, item.id, item.digest, item.title, count)


async def _pull(turn: Turn, item: str, digest: str, title: str, count: int) -> None:
    phrases, days = turn.services.phrases, FRESH.days
    reason = phrases.text("bridge.reason", count=count, days=days)
    before = (await turn.work.item_reviews.all()).get(item)
    review = ItemReview(
        item, digest, PULLED, SYSTEM, phrases.text("bridge.system"), reason, turn.now
    )
    await turn.work.item_reviews.keep(review)
    data = {"reason": reason, "digest": digest}
    await turn.work.audit.record(turn.now, SYSTEM, "item.pulled", item, data)
    text = phrases.text("bridge.told", title=title, item=item, count=count, days=days)
    signers = (before.login,) if before else ()
    key = f"bridge:{item}:{turn.now.date()}"
    await turn.work.notices.tell(key, text, signers, turn.now)
