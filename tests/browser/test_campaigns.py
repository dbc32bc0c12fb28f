"""A publicist's poll and contest, and the citizen who takes part in both."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from tests.browser.axe import grave_violations
from tests.browser.citizen import Citizen
from tests.browser.conftest import PHONE
from tests.browser.office import Officer, new_officer
from tests.browser.served import Server
from tests.browser.test_access import assert_fits
from tests.browser.watch import Watch

NOW = datetime.now(ZoneInfo("Asia/Shanghai"))
OPENS, CLOSES = (f"{NOW + timedelta(days=n):%Y-%m-%dT%H:%M}" for n in (-1, 5))


@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"], indirect=True)
def test_a_poll_and_a_contest(
    chromium: Browser,
    server: Server,
    citizen: Callable[..., Citizen],
    officer: Callable[..., Officer],
    contexts: list[tuple[BrowserContext, Watch]],
) -> None:
    link = officer("admin").hire("xuan", "宣小敏", "区食安办", "宣传")
    xuan = new_officer(chromium, server.url, viewport=PHONE).enter(link, "xuan")
    contexts.append((xuan.context, xuan.watch))
    _poll(xuan)
    _contest(xuan)
    me = citizen()
    me.ask("我要参加你点我检")
    me.press("草莓")
    me.press("都可以")
    thanks = me.press("超市")
    expect(thanks).to_contain_text("草莓、都可以、超市")
    me.press("不用告诉我")
    xuan.go("/polls").page.get_by_role("link", name="浏览器里的一期").click()
    expect(xuan.page.get_by_role("heading", name="投票情况（1人）")).to_be_visible()
    found = {"poll": grave_violations(xuan.page)}
    assert_fits(xuan.page)
    for path in ("/polls", "/testing", "/contests", "/lists"):
        found[path] = grave_violations(xuan.go(path).page)
        assert_fits(xuan.page)
    assert not any(found.values()), found
    _take_part(me)


def _poll(xuan: Officer) -> None:
    page = xuan.go("/polls").page
    for label, text in (
        ("标题", "浏览器里的一期"), ("开始", OPENS), ("截止", CLOSES), ("备选食品，一行一个", "豆芽\n草莓"),
        ("检测项目，一行一个", "农药残留"), ("抽样地点（场所类型或镇、街道），一行一个", "菜市场\n超市"),
    ):  # fmt: skip
        page.get_by_label(label, exact=True).fill(text)
    xuan.click("保存")
    xuan.click("公布，开始接受投票")
    expect(page.get_by_text("已公布", exact=True)).to_be_visible()


def _contest(xuan: Officer) -> None:
    page = xuan.go("/contests").page
    for label, text in (
        ("名称", "浏览器里的竞赛"),
        ("开始", OPENS),
        ("截止", CLOSES),
        ("题数", "3"),
    ):
        page.get_by_label(label, exact=True).fill(text)
    xuan.click("选题并公布")
    expect(page.get_by_text("还没有人答题。")).to_be_visible()


def _take_part(me: Citizen) -> None:
    """Join, answer whatever is right or wrong, and open the certificate."""
    me.ask("食品安全知识竞赛怎么参加")
    me.press("参加竞赛")
    me.ask("豆花姐姐")
    for number in (1, 2, 3):
        expect(me.told.filter(has_text=f"第{number}题（共3题）").last).to_be_visible()
        me.press("A. ")
    link = me.told.last.get_by_role("link", name="/api/contest/certificate/")
    expect(link).to_be_visible()
    answer = me.context.request.get(me.watch.origin + str(link.get_attribute("href")))
    assert answer.headers["content-type"] == "image/png"
    me.say("排行榜")
    expect(me.told.filter(has_text="1. 豆花姐姐")).to_be_visible()
