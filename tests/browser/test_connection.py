"""Bad networks and restarts: nothing is lost, nothing is said twice, nobody has to reload."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import expect

from tests.browser.citizen import SENT, WAITING, Citizen
from tests.browser.office import Officer
from tests.browser.served import Server

Open = Callable[..., Citizen]
NO_NETWORK = r"net::ERR_|Failed to load resource"


def test_what_is_written_offline_waits_and_arrives_once(citizen: Open) -> None:
    me = citizen()
    me.watch.expected.append(NO_NETWORK)
    me.context.set_offline(True)
    expect(me.page.locator("#status")).to_have_attribute("data-state", "offline")
    text = "张记面馆后厨有老鼠"
    bubble = me.say(text)
    expect(bubble).to_contain_text(WAITING)
    assert me.said_to_server(text) == 0
    me.context.set_offline(False)
    expect(bubble).to_contain_text(SENT)
    expect(me.told.first).to_be_visible()
    assert me.said_to_server(text) == 1
    assert me.mine.filter(has_text=text).count() == 1


def test_what_waits_survives_closing_the_page(citizen: Open) -> None:
    me = citizen()
    me.watch.expected.append(NO_NETWORK)
    me.context.set_offline(True)
    expect(me.say("豆腐是馊的")).to_contain_text(WAITING)
    me.page.close()
    me.context.set_offline(False)
    me.page = me.context.new_page()
    me.open()
    expect(me.mine.first).to_contain_text(SENT)
    expect(me.told.first).to_be_visible()
    assert me.said_to_server("豆腐是馊的") == 1


def test_a_restart_of_the_server_is_bridged(
    citizen: Open, officer: Callable[..., Officer], server: Server
) -> None:
    me = citizen()
    me.watch.expected.append(NO_NETWORK)
    number = me.report()
    loaded = me.page.evaluate("performance.timeOrigin")
    server.stop()
    expect(me.page.locator("#status")).to_have_attribute("data-state", "reconnecting")
    during = me.say("服务器停的时候说的话")
    expect(during).not_to_contain_text(SENT)
    server.start()
    wang = officer().open_ticket(number)
    wang.do("签收", "", "签收", "已签收")
    wang.do("答复来件人", "我们今天下午去现场看。", "发送答复", "答复已发出。")
    expect(me.told.filter(has_text="我们今天下午去现场看。")).to_have_count(1)
    expect(during).to_contain_text(SENT)
    assert me.said_to_server("服务器停的时候说的话") == 1
    assert me.page.evaluate("performance.timeOrigin") == loaded, "the page was reloaded"


def test_an_answer_given_while_the_citizen_was_away_is_there_on_return(
    citizen: Open, officer: Callable[..., Officer]
) -> None:
    me = citizen()
    me.watch.expected.append(NO_NETWORK)
    number = me.report()
    me.context.set_offline(True)
    wang = officer().open_ticket(number)
    wang.do("签收", "", "签收", "已签收")
    wang.do("答复来件人", "线索收到，已安排核查。", "发送答复", "答复已发出。")
    assert me.told.filter(has_text="线索收到").count() == 0
    me.context.set_offline(False)
    expect(me.told.filter(has_text="线索收到，已安排核查。")).to_have_count(1)
