"""Red lines of the law, and what only looks like crossing one."""

from __future__ import annotations

import re

import pytest

from bot.settings import Settings
from content.phrasebook import LOCALES, load_phrasebook
from handlers.errors import ForbiddenWording
from handlers.wording import check, findings


@pytest.mark.parametrize(
    "text",
    [
        "根据《市场监督管理投诉举报处理暂行办法》",
        "45个工作日内办结",
        "5个工作日内告知是否立案",
        "我们一定会处罚他",
        "保证给您退款",
        "肯定能拿到奖励",
        "您是职业打假人",
        "属于恶意投诉",
        "病因是沙门氏菌感染",
        "肯定是食物中毒",
        "就是他家的饺子引起的",
    ],
)
def test_crossing(text: str) -> None:
    assert findings(text)
    with pytest.raises(ForbiddenWording):
        check(text)


@pytest.mark.parametrize(
    "text",
    [
        "不承诺奖励",
        "我们不保证退款，由双方协商",
        "能不能赔由法院认定",
        "7个工作日内决定是否受理",
        "受理后60日内调解",
        "15个工作日内核查并决定是否立案",
        "已到现场检查，未发现问题",
        "是否受理由市场监管部门决定",
        "病因由疾控部门调查",
        "已按规定处罚，罚款5000元",
    ],
)
def test_not_crossing(text: str) -> None:
    assert not findings(text)
    check(text)


def test_an_officer_may_say_accepted_and_the_bot_may_not() -> None:
    assert not findings("您的投诉我局已受理")
    assert findings("您的投诉我们已受理", from_bot=True)


@pytest.mark.parametrize("locale", LOCALES)
def test_every_phrase_keeps_to_the_red_lines(locale: str) -> None:
    for key, phrase in load_phrasebook(Settings().content).by_locale[locale].items():
        assert not findings(phrase, from_bot=True), key


def test_law_is_quoted_with_its_date() -> None:
    for key, phrase in load_phrasebook(Settings().content).by_locale["zh-Hans"].items():
        if "投诉举报处理办法》" in phrase:
            assert re.search(r"2026-04-15施行", phrase), key
