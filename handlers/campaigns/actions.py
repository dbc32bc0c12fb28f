"""What publicity staff do with a campaign. One function is one transaction, audited."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from handlers.campaigns import campaign as rules
from handlers.campaigns.composing import question
from handlers.campaigns.ports import Approval, Campaign
from handlers.errors import CampaignRefused, NotApproved, ReasonMissing, SelfSigned
from handlers.knowledge.reviewing import taught
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services

LONGEST_SERIES = 31


async def create(services: Services, staff: Staff, campaign: Campaign) -> int:
    """Keep a draft; gives its id. Raises NotPermitted or CampaignRefused."""
    rules.check_may(staff, "create")
    async with services.unit_of_work() as work:
        number = await _add(services, work, staff, campaign)
        await work.commit()
        return number


async def create_series(
    services: Services, staff: Staff, campaign: Campaign, items: Sequence[str]
) -> list[int]:
    """One draft a day, one item each, from `campaign.due` on. Raises as `create` does."""
    rules.check_may(staff, "create")
    first = campaign.due
    if not items or len(items) > LONGEST_SERIES or first is None:
        raise CampaignRefused(reasons=("series",))
    made = []
    async with services.unit_of_work() as work:
        for day, item in enumerate(items):
            due, name = first + timedelta(days=day), f"{campaign.title} {day + 1}/{len(items)}"
            one = replace(
                campaign, kind="item", subject=item, due=due, title=name, series=campaign.title
            )
            made.append(await _add(services, work, staff, one))
        await work.commit()
    return made


async def edit(
    services: Services, staff: Staff, campaign_id: int, new: Campaign, version: int
) -> None:
    """Replace what is said and to whom; approvals given before count no longer."""

    async def change(work: UnitOfWork, old: Campaign) -> None:
        old.title, old.kind, old.audience, old.wordings = (
            new.title, new.kind, new.audience, new.wordings,
        )  # fmt: skip
        old.subject, old.policy, old.urgent = new.subject, new.policy, new.urgent
        old.action = new.action
        old.due, old.late_hours, old.approvals, old.note = new.due, new.late_hours, (), ""
        await _check(services, work, old)

    await _step(services, staff, campaign_id, "edit", version, change)


async def illustrate(
    services: Services, staff: Staff, campaign_id: int, picture: str | None, version: int
) -> None:
    """Put a stored picture beside the text, or take it away."""

    async def change(work: UnitOfWork, old: Campaign) -> None:
        old.picture, old.approvals = picture, ()
        await _check(services, work, old)

    await _step(services, staff, campaign_id, "edit", version, change)


async def approve(services: Services, staff: Staff, campaign_id: int, version: int) -> None:
    """Let it pass as it was read. Raises SelfSigned for the author."""

    async def change(work: UnitOfWork, old: Campaign) -> None:
        if staff.login == old.author:
            raise SelfSigned()
        await _check(services, work, old)
        mine = Approval(staff.login, staff.name, staff.role, services.clock.now().isoformat())
        old.approvals = (*(a for a in old.approvals if a.login != staff.login), mine)
        if not rules.approved(old):
            old.state = "draft"  # waits for the second approval

    await _step(services, staff, campaign_id, "approve", version, change)


async def send_back(
    services: Services, staff: Staff, campaign_id: int, reason: str, version: int
) -> None:
    """Give it back to its author with a reason."""
    if not reason.strip():
        raise ReasonMissing()

    async def change(work: UnitOfWork, old: Campaign) -> None:
        old.approvals, old.note = (), reason.strip()

    await _step(services, staff, campaign_id, "send_back", version, change)


async def schedule(
    services: Services, staff: Staff, campaign_id: int, due: datetime, version: int
) -> None:
    """Say when it goes out. Raises NotApproved or CampaignRefused (an empty audience, a past day)."""

    async def change(work: UnitOfWork, old: Campaign) -> None:
        if not rules.approved(old):
            raise NotApproved()
        rules.check_due(due, services.clock.now())
        old.due = due
        await _check(services, work, old)
        if not await work.campaigns.reach(old.audience):
            raise CampaignRefused(reasons=("nobody",))

    await _step(services, staff, campaign_id, "schedule", version, change)


async def take_step(
    services: Services, staff: Staff, campaign_id: int, action: str, version: int
) -> None:
    """Unschedule, pause, resume or cancel it."""

    async def change(work: UnitOfWork, old: Campaign) -> None:
        if action == "resume":
            await _check(services, work, old)
        if old.state == "cancelled":
            old.ended_at = services.clock.now()

    await _step(services, staff, campaign_id, action, version, change)


async def start_due(services: Services) -> int:
    """Start what is due; what is too late expires, what may no longer be told is stopped.

    Gives how many were started. Safe to call at any time by any process.
    """
    now, started = services.clock.now(), 0
    async with services.unit_of_work() as work:
        waiting = await work.campaigns.due(now)
        for campaign in waiting:
            started += await _start(services, work, campaign, now)
        if waiting:
            await work.commit()
    return started


async def _start(services: Services, work: UnitOfWork, campaign: Campaign, now: datetime) -> bool:
    assert campaign.due is not None
    action, note = "start", ""
    if now > campaign.due + timedelta(hours=campaign.late_hours):
        action = "expire"
    else:
        try:
            await _check(services, work, campaign)
        except CampaignRefused as refused:
            action, note = "stop", "，".join(refused.details["reasons"])  # type: ignore[arg-type]
    rules.move(campaign, action)
    campaign.note = note
    campaign.started_at = now if action == "start" else None
    await work.campaigns.save(campaign, now)
    await work.audit.record(now, "schedule", f"campaign.{action}", str(campaign.id), {"note": note})
    return action == "start"


async def _add(services: Services, work: UnitOfWork, staff: Staff, campaign: Campaign) -> int:
    now = services.clock.now()
    campaign.author = staff.login
    await _check(services, work, campaign)
    number = await work.campaigns.add(campaign, now)
    data = {"title": campaign.title}
    await work.audit.record(now, f"staff:{staff.login}", "campaign.create", str(number), data)
    return number


async def _check(services: Services, work: UnitOfWork, campaign: Campaign) -> None:
    now = services.clock.now()
    day = max(now, campaign.due or now).date()
    items = await taught(services, work, day)
    live = campaign.subject in items
    if campaign.kind == "quiz":
        asked = question(services, campaign.subject)
        live = asked is not None and asked.topic in {item.topic for item in items.values()}
    rules.check_fit(campaign, live)


Change = Callable[[UnitOfWork, Campaign], Awaitable[None]]


async def _step(
    services: Services, staff: Staff, campaign_id: int, action: str, version: int, change: Change
) -> None:
    """Read, move, change, store and note, in one transaction. Raises NoSuchCampaign, Stale."""
    rules.check_may(staff, action)
    now = services.clock.now()
    async with services.unit_of_work() as work:
        campaign = await work.campaigns.get(campaign_id)
        before = campaign.state
        campaign.version = version
        rules.move(campaign, action)
        await change(work, campaign)
        await work.campaigns.save(campaign, now)
        data = {"from": before, "to": campaign.state, "note": campaign.note}
        actor, subject = f"staff:{staff.login}", str(campaign_id)
        await work.audit.record(now, actor, f"campaign.{action}", subject, data)
        await work.commit()
