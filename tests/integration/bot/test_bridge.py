"""A rumour check that first-hand matters contradict is taken away until somebody looked again."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.bootstrap import App
from bot.clock import SetClock
from handlers.errors import DatesRefused, NotPermitted, UndatedRumour
from handlers.knowledge import dating, reviewing
from handlers.knowledge.reviewing import taught
from handlers.messages import Incoming
from handlers.ports import Staff
from handlers.respond import respond

REVIEWER = Staff("shen", "审核老李", "reviewer", "shian")
PUBLICIST = Staff("xuan", "宣传小王", "publicist", "shian")
RUMOUR = "rumour-070"
CLAIMS = (
    "举报黄河路边的养鸡场打激素让鸡天天下蛋，鸡蛋是激素蛋",
    "我要匿名举报人民路的养鸡场给鸡打激素，产的都是激素蛋",
    "举报长江路鸡场给鸡打激素催蛋，市面上卖的是激素蛋",
)


async def say(app: App, person: str, text: str, number: int = 1) -> list[str]:
    incoming = Incoming("web", f"{person}:{number}", person, text)
    turn = await respond(incoming, app.services)
    assert turn is not None
    return [reply.text for reply in turn.replies]


async def live(app: App) -> bool:
    async with app.units_of_work() as work:
        return RUMOUR in await taught(app.services, work, app.clock.now().date())


async def sign(app: App, item: str) -> None:
    digest = app.services.library.items[item].digest
    await reviewing.sign(app.services, REVIEWER, item, digest)


async def test_three_people_within_a_fortnight_pull_it(app: App, clock: SetClock) -> None:
    await sign(app, RUMOUR)
    assert await live(app)
    for number, claim in enumerate(CLAIMS):
        assert await live(app)
        await say(app, f"w{number}", claim)
        await say(app, f"w{number}", claim, 2)  # the same person twice is one
        clock.advance(timedelta(days=2))
    assert not await live(app)
    async with app.units_of_work() as work:
        [notice] = await work.notices.since(clock.now() - timedelta(days=9))
        review = (await work.item_reviews.all())[RUMOUR]
    assert RUMOUR in notice and review.login == "system"
    await sign(app, RUMOUR)
    assert await live(app)


async def test_over_a_longer_time_it_stays(app: App, clock: SetClock) -> None:
    await sign(app, RUMOUR)
    for number, claim in enumerate(CLAIMS):
        await say(app, f"w{number}", claim)
        clock.advance(timedelta(days=9))
    assert await live(app)


async def test_a_rumour_without_a_date_is_not_signed(app: App) -> None:
    with pytest.raises(UndatedRumour):
        await sign(app, "rumour-059")


async def test_dates_a_publicist_enters_are_told_with_their_year(app: App) -> None:
    asked = "农产品质量安全宣传月是什么时候"
    assert "还没有录入" in (await say(app, "a", asked))[0]
    given = (
        "farm-produce-safety-month", "", date(2026, 12, 1), date(2026, 12, 31), "", "某局文〔2026〕1号",
    )  # fmt: skip
    with pytest.raises(NotPermitted):
        await dating.enter(app.services, REVIEWER, *given)
    await dating.enter(app.services, PUBLICIST, *given)
    assert "2026年12月1日至2026年12月31日" in (await say(app, "a", asked, 2))[0]
    local = ("", "苹果节", date(2026, 12, 5), None, "", "区政府网站")
    await dating.enter(app.services, PUBLICIST, *local)
    assert "2026年12月5日" in (await say(app, "a", "苹果节是哪一天", 3))[0]


@pytest.mark.parametrize(
    ("given", "reason"),
    [
        (("world-food-safety-day", "", date(2026, 6, 7), None, "", "网站"), "fixed_day"),
        (("food-safety-month", "", date(2026, 6, 7), None, "", " "), "name_and_source"),
        (("food-safety-month", "", date(2026, 6, 7), date(2026, 6, 1), "", "某文件"), "span"),
    ],
)
async def test_dates_that_cannot_be_are_refused(
    app: App, given: tuple[str, str, date, date | None, str, str], reason: str
) -> None:
    with pytest.raises(DatesRefused) as refused:
        await dating.enter(app.services, PUBLICIST, *given)
    assert refused.value.details["reasons"] in ((reason,), ("name_and_source",))
