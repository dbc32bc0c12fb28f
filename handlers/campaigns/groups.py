"""Chat groups that subscribe to broadcasts: an administrator consents, and ends it.

A group is a row of citizens like any subscriber, so planning, pacing and the look at consent before
each message are those of everybody. It gets no matters, no dialog, no buttons but the way out.
Whether somebody is an administrator is for the channel to ask; here it is written down who it was.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from handlers.campaigns.ports import Subscription
from handlers.campaigns.subscribing import ALL
from handlers.messages import Reply
from handlers.ports import UnitOfWork
from handlers.services import Services

WAY_OUT = "sub:off"


@dataclass(frozen=True)
class Group:
    """A group as its channel names it."""

    channel: str
    address: str


def for_group(reply: Reply) -> Reply:
    """A broadcast as a group reads it: of its buttons only the way out, for all others are personal."""
    return replace(reply, buttons=tuple(b for b in reply.buttons if b.value.startswith(WAY_OUT)))


async def subscribe(services: Services, group: Group, by: int, topic: str) -> frozenset[str]:
    """Add a topic, or all; gives what the group has now, nothing for a topic that does not exist."""
    known = frozenset(services.subscriptions.topics)
    chosen = known if topic == ALL else known & {topic}
    if not chosen:
        return frozenset()
    now = services.clock.now()
    async with services.unit_of_work() as work:
        row = await work.citizens.get_or_add(group.channel, group.address, "zh-Hans")
        held = await _held(work, row.id)
        topics = held.topics | chosen if held.active else chosen
        await work.subscriptions.keep(replace(held, active=True, topics=topics), now)
        wording = services.phrases.text("ingroup.subscribe")
        await work.consents.record(row.id, "subscription", True, wording, now)
        await work.groups.agreed(row.id, by, "asked", now, granted=True)
        await work.commit()
    return topics


async def held(services: Services, group: Group) -> frozenset[str]:
    """What the group subscribes to; empty without a subscription."""
    async with services.unit_of_work() as work:
        group_id = await work.groups.find(group.channel, group.address)
        found = await work.subscriptions.get(group_id) if group_id is not None else None
    return found.topics if found is not None and found.active else frozenset()


async def end(
    services: Services, group: Group, by: int | None, why: str, campaign: str = ""
) -> bool:
    """End the subscription of a group; tells whether there was one.

    `why` is asked, button, quiet or removed; `campaign` the broadcast under which it was pressed.
    """
    now = services.clock.now()
    async with services.unit_of_work() as work:
        group_id = await work.groups.find(group.channel, group.address)
        if group_id is None:
            return False
        if campaign.isdecimal() and len(campaign) < 12:
            await work.campaigns.responded(int(campaign), group_id, "unsubscribed", now)
        ended = await _end(services, work, group_id, by, why)
        await work.commit()
    return ended


async def moved(services: Services, group: Group, address: str) -> bool:
    """Follow a group to its new address; False where the new one subscribed by itself already.

    Then the old row ends, so that no broadcast reaches the group twice.
    """
    async with services.unit_of_work() as work:
        old = await work.groups.find(group.channel, group.address)
        if old is None:
            return True
        taken = await work.groups.find(group.channel, address)
        if taken is None:
            await work.groups.move(old, address)
        else:
            await _end(services, work, old, None, "moved")
        await work.commit()
    return taken is None


async def _end(
    services: Services, work: UnitOfWork, group_id: int, by: int | None, why: str
) -> bool:
    now, found = services.clock.now(), await _held(work, group_id)
    if not found.active:
        return False
    await work.subscriptions.keep(replace(found, active=False, topics=frozenset()), now)
    wording = services.phrases.text("ingroup.unsubscribed")
    await work.consents.record(group_id, "subscription", False, wording, now)
    await work.groups.agreed(group_id, by, why, now, granted=False)
    return True


async def _held(work: UnitOfWork, group_id: int) -> Subscription:
    return await work.subscriptions.get(group_id) or Subscription(group_id, False)
