"""From a subscription in the chat to a broadcast in the mailbox, and everything that stops one."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from bot.bootstrap import App
from bot.clock import SetClock
from bot.db.campaign_tables import campaign_responses, deliveries
from bot.db.tables import consents
from handlers.campaigns import actions
from handlers.campaigns.ports import Audience
from handlers.errors import (
    CampaignRefused,
    MoveNotAllowed,
    NotApproved,
    NotPermitted,
    SelfSigned,
    Stale,
)
from handlers.messages import Incoming
from handlers.respond import respond
from tests.integration.bot.audience import (
    PUBLICIST,
    REVIEWER,
    SUPERVISOR,
    begin,
    draft,
    stored,
    subscriber,
)


async def say(app: App, number: int, text: str = "", button: str | None = None) -> list[str]:
    incoming = Incoming("web", f"u1:{number}", "u1", text=text, button=button)
    turn = await respond(incoming, app.services)
    assert turn is not None
    return [reply.text for reply in turn.replies]


async def ledger(app: App) -> dict[int, tuple[str, str | None]]:
    async with app.database.read() as connection:
        rows = await connection.execute(sa.select(deliveries))
        return {row.citizen_id: (row.state, row.error) for row in rows}


async def mailbox(app: App, address: str) -> list[dict[str, object]]:
    history, _ = await app.mailbox.history(address)
    return [m for m in history if m["from"] == "bot"]


async def test_a_citizen_subscribes_is_sent_a_broadcast_reads_it_and_leaves(
    app: App, clock: SetClock
) -> None:
    assert "订阅后" in (await say(app, 1, "我想订阅食品安全提示"))[0]
    assert "每日饮食安全提示" in (await say(app, 2, button="sub:on-tips"))[0]
    assert "记下了" in (await say(app, 3, button="sub:often-week"))[0]
    campaign = await begin(app, draft("天热，剩菜及时放冰箱。", action="poll"))
    await app.broadcaster.drain()
    assert [row[0] for row in (await ledger(app)).values()] == ["later"]  # not while talking
    clock.advance(timedelta(minutes=21))
    await app.broadcaster.drain()
    told = (await mailbox(app, "u1"))[-1]
    assert "剩菜及时放冰箱" in str(told["text"]) and "退订" in str(told["text"])
    assert told["buttons"][0]["value"] == "begin:poll"  # type: ignore[index]
    assert "你点我检" in (await say(app, 9, button="begin:poll"))[0]
    assert (await stored(app, campaign.id)).state == "sent"
    assert "谢谢" in (await say(app, 4, button=f"cp:{campaign.id}:read"))[0]
    assert "已退订" in (await say(app, 5, button=f"sub:off:{campaign.id}"))[0]
    async with app.database.read() as connection:
        whats = set(await connection.scalars(sa.select(campaign_responses.c.what)))
        granted = list(await connection.scalars(sa.select(consents.c.granted)))
    assert whats == {"read", "unsubscribed"} and granted == [True, False]
    with pytest.raises(CampaignRefused):
        await begin(app, draft("没有人了。"))


async def test_consent_is_looked_at_again_when_a_message_leaves(app: App) -> None:
    gone = await subscriber(app, "web", "gone")
    stays = await subscriber(app, "web", "stays")
    await begin(app, draft())
    await app.broadcaster._turn_over()  # enters the audience
    async with app.units_of_work() as work:
        held = await work.subscriptions.get(gone)
        assert held is not None
        await work.subscriptions.keep(replace(held, topics=frozenset()), app.clock.now())
        await work.commit()
    await app.broadcaster.drain()
    assert await ledger(app) == {gone: ("skipped", "unsubscribed"), stays: ("sent", None)}


async def test_quiet_hours_wait_and_frequency_is_kept(app: App, clock: SetClock) -> None:
    clock.advance(timedelta(hours=11))  # 23:00
    early = await subscriber(app, "web", "early", quiet_from=22, quiet_until=8)
    often = await subscriber(app, "web", "often", every_days=7)
    first = await begin(app, draft("第一条。"))
    await app.broadcaster.drain()
    assert (await ledger(app))[early][0] == "later" and (await ledger(app))[often][0] == "sent"
    clock.advance(timedelta(hours=9, minutes=1))
    await app.broadcaster.drain()
    assert (await ledger(app))[early] == ("sent", "quiet") or (await ledger(app))[early][
        0
    ] == "sent"
    assert (await stored(app, first.id)).state == "sent"
    second = await begin(app, draft("第二条。"))
    await app.broadcaster.drain()
    async with app.database.read() as connection:
        c = deliveries.c
        rows = await connection.execute(
            sa.select(c.citizen_id, c.state, c.error).where(c.campaign_id == second.id)
        )
        assert {r.citizen_id: (r.state, r.error) for r in rows} == {
            early: ("sent", None),
            often: ("skipped", "often"),
        }


async def test_what_is_too_late_is_not_sent(app: App, clock: SetClock) -> None:
    early = await subscriber(app, "web", "early", quiet_from=8, quiet_until=20)
    campaign = await begin(app, draft("只在今天。", late_hours=2))
    await app.broadcaster.drain()
    clock.advance(timedelta(hours=9))
    await app.broadcaster.drain()
    assert await ledger(app) == {early: ("skipped", "late")}
    assert (await stored(app, campaign.id)).state == "sent"


async def test_a_missed_run_catches_up_or_expires_and_never_doubles(
    app: App, clock: SetClock
) -> None:
    await subscriber(app, "web", "one")
    number = await actions.create(app.services, PUBLICIST, draft("按时。", late_hours=3))
    await actions.approve(app.services, REVIEWER, number, 0)
    due = clock.now() + timedelta(hours=1)
    await actions.schedule(app.services, PUBLICIST, number, due, 1)
    assert await actions.start_due(app.services) == 0
    clock.advance(timedelta(hours=2))
    assert await actions.start_due(app.services) == 1
    assert await actions.start_due(app.services) == 0
    other = await actions.create(app.services, PUBLICIST, draft("过时。", late_hours=3))
    await actions.approve(app.services, REVIEWER, other, 0)
    later = clock.now() + timedelta(hours=1)
    await actions.schedule(app.services, PUBLICIST, other, later, 1)
    clock.advance(timedelta(hours=5))
    assert await actions.start_due(app.services) == 0
    assert (await stored(app, other)).state == "expired"


async def test_four_eyes_and_six_for_everyone(app: App) -> None:
    await subscriber(app, "web", "one")
    everyone = draft("紧急提醒。", audience=Audience(everyone=True), urgent=True)
    number = await actions.create(app.services, PUBLICIST, everyone)
    with pytest.raises(SelfSigned):
        await actions.approve(app.services, PUBLICIST, number, 0)
    await actions.approve(app.services, REVIEWER, number, 0)
    with pytest.raises(MoveNotAllowed):
        await actions.schedule(app.services, PUBLICIST, number, app.clock.now(), 1)
    await actions.approve(app.services, SUPERVISOR, number, 1)
    with pytest.raises(NotPermitted):
        await actions.schedule(app.services, SUPERVISOR, number, app.clock.now(), 2)
    await actions.schedule(app.services, PUBLICIST, number, app.clock.now(), 2)
    assert (await stored(app, number)).state == "scheduled"


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        ({"wordings": ("<b>粗体</b>",)}, "markup"),
        ({"wordings": ("看**这里**",)}, "markup"),
        ({"wordings": ("字" * 5000,)}, "too_long"),
        ({"wordings": ("举报一定有奖励",)}, "forbidden"),
        ({"wordings": ()}, "no_text"),
        ({"audience": Audience()}, "no_audience"),
        ({"audience": Audience(topics=("tips",), everyone=True)}, "audience_both"),
        ({"kind": "item", "subject": "tip-999"}, "subject_not_live"),
        ({"kind": "quiz", "subject": "nothing"}, "subject_not_live"),
        ({"late_hours": 0}, "settings"),
        ({"action": "withdraw"}, "settings"),
        ({"title": " "}, "no_title"),
    ],
)
async def test_what_cannot_be_sent_is_refused_with_every_reason(
    app: App, given: dict[str, object], reason: str
) -> None:
    with pytest.raises(CampaignRefused) as refused:
        await actions.create(app.services, PUBLICIST, replace(draft(), **given))
    assert reason in refused.value.details["reasons"]  # type: ignore[operator]


async def test_a_day_that_is_over_and_a_stale_page_are_refused(app: App, clock: SetClock) -> None:
    await subscriber(app, "web", "one")
    number = await actions.create(app.services, PUBLICIST, draft())
    await actions.approve(app.services, REVIEWER, number, 0)
    with pytest.raises(CampaignRefused) as refused:
        yesterday = clock.now() - timedelta(days=1)
        await actions.schedule(app.services, PUBLICIST, number, yesterday, 1)
    assert refused.value.details["reasons"] == ("past",)
    with pytest.raises(Stale):
        await actions.schedule(app.services, PUBLICIST, number, clock.now(), 0)
    await actions.edit(app.services, PUBLICIST, number, draft("改过了。"), 1)
    with pytest.raises((NotApproved, MoveNotAllowed)):
        await actions.schedule(app.services, PUBLICIST, number, clock.now(), 2)


async def test_two_wordings_reach_half_each(app: App) -> None:
    for n in range(40):
        await subscriber(app, "web", f"w{n}")
    await begin(app, draft("写法甲。", "写法乙。"))
    await app.broadcaster.drain()
    async with app.database.read() as connection:
        counted = sa.select(deliveries.c.variant, sa.func.count()).group_by(deliveries.c.variant)
        rows = [tuple(row) for row in await connection.execute(counted)]
    assert rows == [(0, 20), (1, 20)]


async def test_a_series_is_one_draft_a_day(app: App, clock: SetClock) -> None:
    base = replace(draft(), due=clock.now() + timedelta(days=1))
    items = ["tip-010", "tip-014", "tip-024"]
    made = await actions.create_series(app.services, PUBLICIST, base, items)
    days = [(await stored(app, number)).due for number in made]
    assert [day - days[0] for day in days if day and days[0]] == [
        timedelta(days=n) for n in range(3)
    ]
    assert {(await stored(app, number)).series for number in made} == {"测试"}
