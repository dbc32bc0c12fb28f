"""The case in the console: deadlines with reasons, a notice to print, one happening, a merchant."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Page, expect

from tests.browser.axe import grave_violations
from tests.browser.office import Officer
from tests.browser.test_access import assert_fits
from tests.browser.test_officer import OpenChat, OpenConsole

SHOP = "我举报三井街道黄河路12号的川味火锅店，昨天晚上发现他们用回收的老油"
AGAIN = "匿名举报川味火锅店（黄河路店），三井街道黄河路12号，后厨用的是回收的老油"


def keep_picture(page: Page, name: str) -> None:
    """Keep a picture for people to look at, where SHIAN_PICTURES names a folder."""
    folder = os.environ.get("SHIAN_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


def step(officer: Officer, action: str, button: str, fill: Callable[[Page], None]) -> None:
    """Fold out an action whose form has more than a text, fill it in, send it."""
    page = officer.page
    form = page.locator("details").filter(has=page.locator("summary", has_text=action)).first
    if form.get_attribute("open") is None:
        form.locator("summary").click()
    fill(page)
    form.get_by_role("button", name=button, exact=True).click()


def test_a_receipt_starts_the_clock_and_the_page_says_why(
    citizen: OpenChat, officer: OpenConsole
) -> None:
    wang = officer().open_ticket(citizen().report(SHOP))

    def fill(page: Page) -> None:
        page.get_by_label("接收渠道").fill("全国12315平台")
        page.get_by_label("日期").fill(
            page.evaluate("new Date().toLocaleDateString('sv', {timeZone: 'Asia/Shanghai'})")
        )
        page.get_by_label("对方的编号").fill("32041100020261124")

    step(wang, "登记正式接收", "登记", fill)
    expect(wang.page.get_by_role("status")).to_contain_text("正式接收已登记")
    clocks = wang.page.get_by_role("region", name="期限")
    expect(clocks).to_contain_text("核查并决定是否立案")
    expect(clocks).to_contain_text("15个工作日")
    keep_picture(wang.page, "ticket")
    assert grave_violations(wang.page) == []


def test_a_matter_handed_over_leaves_a_notice_to_print(
    citizen: OpenChat, officer: OpenConsole
) -> None:
    me = citizen()
    wang = officer().open_ticket(me.report())
    wang.do("签收", "", "签收", "已签收")

    def fill(page: Page) -> None:
        page.locator("#move-step").select_option(label="移送其他部门")
        page.get_by_label("移送给哪个部门").fill("区教育局")
        page.locator("#move-text").fill("校园供餐管理由教育部门牵头。")

    step(wang, "法定步骤", "提交这一步", fill)
    expect(wang.page.get_by_role("status")).to_contain_text("这一步已记录")
    assert_fits(wang.page)
    expect(me.told.filter(has_text="移送告知书")).to_contain_text("参考文本")
    wang.page.get_by_role("link", name="移送告知书").click()
    expect(wang.page.get_by_role("heading", name="移送告知书")).to_be_visible()
    keep_picture(wang.page, "notice")
    assert grave_violations(wang.page) == []
    assert_fits(wang.page)
    wang.page.go_back()
    with wang.page.expect_download() as saved:
        wang.page.get_by_role("link", name="docx").click()
    assert saved.value.suggested_filename.endswith(".docx")


def test_two_reports_of_one_shop_are_proposed_and_its_page_shows_both(
    citizen: OpenChat, officer: OpenConsole
) -> None:
    first, second = citizen().report(SHOP), citizen().report(AGAIN)
    wang = officer().open_ticket(second)
    alike = wang.page.get_by_role("region", name="可能是同一件事")
    expect(alike).to_contain_text(first)
    keep_picture(wang.page, "alike")
    wang.page.get_by_role("link", name="川味火锅店").first.click()
    expect(wang.page.get_by_role("heading", name="有关这一对象的工单")).to_be_visible()
    keep_picture(wang.page, "merchant")
    assert grave_violations(wang.page) == []
    assert_fits(wang.page)


def test_progress_reads_like_a_parcel(citizen: OpenChat, officer: OpenConsole) -> None:
    me = citizen()
    officer().open_ticket(me.report(SHOP)).do("签收", "", "签收", "已签收")
    me.ask("查进度")
    expect(me.told.filter(has_text="◉已签收").last).to_be_visible()
    keep_picture(me.page, "progress")
    assert_fits(me.page)
