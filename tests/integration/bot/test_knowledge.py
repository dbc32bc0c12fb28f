"""Answers from the library in a conversation: signed drafts, pulled items, dates."""

from __future__ import annotations

import pytest

from bot.bootstrap import App
from handlers.knowledge import reviewing
from handlers.ports import Staff
from tests.integration.bot.browser import open_page

REVIEWER = Staff("lin", "林医生（示例）", "reviewer", "shian")


async def sign(app: App, item: str) -> None:
    await reviewing.sign(app.services, REVIEWER, item, app.services.library.items[item].digest)


async def test_a_rumour_has_a_verdict_only_once_somebody_signed_it(app: App) -> None:
    asked = "听说吃味精会掉头发是真的吗"
    async with open_page(app) as page:
        before = (await page.say(asked))[-1]["text"]
        await sign(app, "rumour-063")
        after = (await page.say(asked))[-1]["text"]
    assert "暂无权威结论" in before
    assert "不属实" in after
    assert "林医生（示例）" in after


async def test_an_emergency_item_begins_with_first_aid(app: App) -> None:
    await sign(app, "tip-018")
    async with open_page(app) as page:
        said = [message["text"] for message in await page.say("木耳泡发多长时间合适，会不会有毒")]
    assert "120" in said[0]
    assert "木耳" in said[-1]


async def test_what_was_pulled_is_not_told(app: App) -> None:
    await reviewing.pull(app.services, REVIEWER, "tip-014", "与现场情况不符")
    async with open_page(app) as page:
        said = (await page.say("豆角炒到什么程度才算熟，吃了不会中毒"))[-1]["text"]
    assert "专家来回答" in said


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ("世界食品安全日是哪天", "2027年6月7日"),
        ("中国学生营养日是几月几号", "2027年5月20日"),
        ("全民营养周什么时候", "2027年5月"),
        ("全国食品安全宣传周什么时候开始", "今年的已经过了，2027年的日期还没有录入"),
        ("农产品质量安全宣传月是几月份", "还没有录入"),
    ],
)
async def test_dates_of_occasions(app: App, asked: str, words: str) -> None:
    async with open_page(app) as page:
        assert words in (await page.say(asked))[-1]["text"]
