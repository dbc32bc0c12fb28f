"""People who subscribed, and a campaign for them, without the way through chat and console."""

from __future__ import annotations

from collections.abc import Sequence

from bot.bootstrap import App
from handlers.campaigns import actions
from handlers.campaigns.ports import Audience, Campaign, Subscription
from handlers.ports import Staff

PUBLICIST = Staff("xuan", "宣传小王", "publicist", "shian")
REVIEWER = Staff("shen", "审核老李", "reviewer", "shian")
SUPERVISOR = Staff("du", "督办老周", "supervisor", "shian")
TIPS = Audience(topics=("tips",))


async def subscriber(app: App, channel: str, address: str, **held: object) -> int:
    """Somebody who subscribed to tips."""
    async with app.units_of_work() as work:
        citizen = await work.citizens.get_or_add(channel, address, "zh-Hans")
        given = {"topics": frozenset({"tips"}), **held}
        await work.subscriptions.keep(
            Subscription(citizen.id, True, **given),  # type: ignore[arg-type]
            app.clock.now(),
        )
        await work.commit()
        return citizen.id


def draft(*wordings: str, audience: Audience = TIPS, **given: object) -> Campaign:
    """What a publicist writes."""
    texts = wordings or ("生熟分开，刀板各一套。",)
    return Campaign("测试", "text", audience, "", wordings=texts, **given)  # type: ignore[arg-type]


async def begin(app: App, campaign: Campaign, approvers: Sequence[Staff] = (REVIEWER,)) -> Campaign:
    """Written, approved, scheduled for now and started; gives it as it stands."""
    number = await actions.create(app.services, PUBLICIST, campaign)
    for approver in approvers:
        version = (await stored(app, number)).version
        await actions.approve(app.services, approver, number, version)
    version = (await stored(app, number)).version
    await actions.schedule(app.services, PUBLICIST, number, app.clock.now(), version)
    assert await actions.start_due(app.services) == 1
    return await stored(app, number)


async def stored(app: App, number: int) -> Campaign:
    """The campaign as it is kept."""
    async with app.units_of_work() as work:
        return await work.campaigns.get(number)
