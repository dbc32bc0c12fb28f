"""The office: from the printed link to the resolved ticket, with the citizen watching."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.citizen import Citizen
from tests.browser.office import Officer
from tests.browser.served import Server

OpenChat = Callable[..., Citizen]
OpenConsole = Callable[..., Officer]


def test_the_printed_link_works_once(officer: OpenConsole, server: Server) -> None:
    guest = officer(storage_state=None)
    guest.watch.expected.append("Failed to load resource")
    guest.page.goto(server.first_login)
    expect(guest.page.get_by_role("alert")).to_contain_text("这个链接已经用过")
    guest.log_in("wang")


def test_a_ticket_from_report_to_resolution(citizen: OpenChat, officer: OpenConsole) -> None:
    me = citizen()
    number = me.report()
    wang = officer()
    wang.open_ticket(number)
    expect(wang.page.get_by_role("region", name="为什么在这里")).to_contain_text("过期")
    wang.do("签收", "", "签收", "已签收，来件人会收到通知。")
    expect(me.told.filter(has_text="签收").last).to_be_visible()

    question = "请问那天点的是哪几个菜？"
    wang.do("向来件人核实", question, "发送问题", "问题已发给来件人。")
    expect(me.told.filter(has_text=question)).to_have_count(1)
    me.say("红烧肉和青椒肉丝")
    expect(me.told.last).not_to_contain_text(question)
    wang.go(f"/tickets/{number}")
    timeline = wang.page.get_by_role("region", name="办理经过")
    expect(timeline).to_contain_text("红烧肉和青椒肉丝")

    wang.do("答复来件人", "我们已经去现场检查。", "发送答复", "答复已发出。")
    expect(me.told.filter(has_text="我们已经去现场检查。")).to_have_count(1)
    expect(me.told.filter(has_text="我们已经去现场检查。")).to_contain_text("区市场监管局")


def test_the_legal_steps_end_in_a_resolution_the_citizen_reads(
    citizen: OpenChat, officer: OpenConsole
) -> None:
    me = citizen()
    wang = officer().open_ticket(me.report())
    wang.do("签收", "", "签收", "已签收")
    for step, text in (
        ("开始核查", "今天开始核查。"),
        ("不予立案", "现场未发现过期肉，不予立案。"),
    ):
        wang.page.locator("summary", has_text="法定步骤").click()
        wang.page.get_by_label("法定步骤").select_option(label=step)
        wang.do("法定步骤", text, "提交这一步", "这一步已记录")
        expect(me.told.filter(has_text=text)).to_have_count(1)
    wang.do("办结", "已核查，结果已告知。", "办结", "已办结")
    expect(me.told.filter(has_text="已核查，结果已告知。")).to_have_count(1)
    expect(wang.page.locator(".badge.state")).to_contain_text("办结")


def test_an_emergency_shows_in_the_red_bar_until_seen(
    citizen: OpenChat, officer: OpenConsole
) -> None:
    me = citizen()
    me.ask("我们公司聚餐，8个人都上吐下泻，还有人昏迷，在新北区泰山路88号老渔村饭店吃的")
    wang = officer().go("/queue")
    bar = wang.page.get_by_role("region", name="紧急提醒")
    expect(bar).to_contain_text("老渔村")
    alerts = bar.get_by_role("button", name="已看到")
    before = alerts.count()
    alerts.first.click()
    expect(wang.page.get_by_role("button", name="已看到")).to_have_count(before - 1)


def test_a_guessed_ticket_does_not_exist(officer: OpenConsole) -> None:
    wang = officer()
    wang.watch.expected.append("404")
    wang.go("/tickets/SA20200101-0001")
    expect(wang.page.get_by_role("heading", level=1)).to_contain_text("404")
