"""The full-screen alarm, the call list, orders (督办) and what facts-only mode lets out."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot import ladder
from bot.alarms import escalate
from bot.console import supervision_pages
from bot.db import tables as t
from bot.db.case_tables import incidents, supervisions
from handlers.errors import (
    DueMissing,
    FactsOnly,
    NoSuchOrder,
    NoSuchRelease,
    NotPermitted,
    ReasonMissing,
    SelfSigned,
)
from handlers.ports import Staff
from handlers.tickets import releases, supervising
from tests.integration.console.office import HEALTH, MARKET, OFFICE, Office

BOSS = Staff("du", "杜", "supervisor", OFFICE)
OFFICER = Staff("li", "李", "officer", MARKET)
STATEMENT = "已对涉事单位停业检查，样品已送检。"


async def test_the_alarm_fills_the_screen_until_it_is_acknowledged(office: Office) -> None:
    number = await office.file(severity="urgent")
    await office.raise_alert(number, MARKET)
    browser = await office.at_work("li", "officer", MARKET)
    assert 'href="/console/alarm"' in (await browser.get("/queue")).text
    office.wait(minutes=4)
    page = (await browser.get("/alarm")).text
    assert "三人呕吐" in page
    assert "已等待 4 分钟" in page
    await browser.submit("/alerts/1/seen", next="/console/alarm")
    assert browser.where == "/console/alarm"
    assert "现在没有待确认" in (await browser.get("/alarm")).text
    lines = [row for row in await office.rows(t.timeline) if row["type"] == "alert_seen"]
    assert [line["actor"] for line in lines] == ["staff:li"]


async def test_the_office_may_acknowledge_what_has_reached_it(office: Office) -> None:
    await office.raise_alert(await office.file(severity="urgent"), MARKET)
    boss = await office.at_work("du", "supervisor", OFFICE)
    assert "/alerts/1/seen" not in (await boss.get("/alarm")).text
    for _ in range(2):
        office.wait(minutes=11)
        await escalate(office.app, office.clock.now())
    assert "已通知到：食安办" in (await boss.get("/alarm")).text
    await boss.submit("/alerts/1/seen", next="/console/alarm")
    [row] = await office.rows(t.alerts)
    assert row["seen_by"] == "du"


async def test_the_call_list_names_numbers_or_says_what_to_do(
    office: Office, tmp_path: Path
) -> None:
    await office.raise_alert(await office.file(severity="urgent"), MARKET, HEALTH)
    browser = await office.at_work("li", "officer", MARKET)
    page = (await browser.get("/alarm/calls")).text
    assert "SHIAN_ALARM_CONTACTS" in page
    assert "没有设置自动外呼" in page
    office.app.settings.alarm_contacts = tmp_path / "contacts.yml"
    office.app.settings.alarm_contacts.write_text("scjg: {unit: '13900000001'}\nssqg: {unit: '2'}")
    page = (await browser.get("/alarm/calls")).text
    assert "13900000001" in page
    assert "没有登记" in page  # the head of the unit
    assert ">2<" not in page  # another unit's alert


async def test_alarm_pages_are_for_those_with_tickets(office: Office) -> None:
    browser = await office.at_work("xuan", "publicist", MARKET)
    for path in ("/alarm", "/alarm/calls", "/supervisions"):
        assert (await browser.get(path)).status == 404


async def test_an_order_has_a_deadline_and_one_reply(office: Office) -> None:
    services, number = office.app.services, await office.file()
    due_on = office.clock.now().date() + timedelta(days=3)
    with pytest.raises(NotPermitted):
        await supervising.order(services, OFFICER, number, "请三日内办结", due_on)
    with pytest.raises(ReasonMissing):
        await supervising.order(services, BOSS, number, " ", due_on)
    with pytest.raises(DueMissing):
        await supervising.order(services, BOSS, number, "请办结", due_on - timedelta(days=4))
    order = await supervising.order(services, BOSS, number, "请三日内办结", due_on)
    with pytest.raises(NotPermitted):
        await supervising.answer(services, BOSS, number, order, "已办")
    with pytest.raises(NoSuchOrder):
        await supervising.answer(services, OFFICER, await office.file(), order, "已办")
    await supervising.answer(services, OFFICER, number, order, "已约谈商家")
    with pytest.raises(NoSuchOrder):
        await supervising.answer(services, OFFICER, number, order, "再答一次")
    [row] = await office.rows(supervisions)
    assert (row["unit"], row["reply"], row["replied_by"]) == (MARKET, "已约谈商家", "li")
    events = [e["type"] for e in await office.rows(t.timeline) if e["type"].startswith("superv")]
    assert events == ["supervised", "supervision_answered"]


async def test_the_list_of_orders_puts_open_ones_first_and_late_ones_in_red(office: Office) -> None:
    services, today = office.app.services, office.clock.now().date()
    first, second, third = [await office.file() for _ in range(3)]
    elsewhere = await office.file(lead=HEALTH)
    for number, days in ((first, 9), (second, 5), (third, 1), (elsewhere, 2)):
        await supervising.order(services, BOSS, number, "请办", today + timedelta(days=days))
    await supervising.answer(services, OFFICER, second, 2, "已办")
    office.wait(days=3)
    page = (await (await office.at_work("li", "officer", MARKET)).get("/supervisions")).text
    assert page.index(third) < page.index(first) < page.index(second)
    assert "已超期 2 天" in page
    assert elsewhere not in page
    boss = await office.at_work("du", "supervisor", OFFICE)
    assert elsewhere in (await boss.get("/supervisions")).text
    view = await office.load(first)
    assert view.id is not None
    open_orders = await supervision_pages.of_ticket(office.app.database, view.id)
    assert [order.due_on for order in open_orders] == [today + timedelta(days=9)]


async def test_an_order_not_answered_in_time_is_said_once(office: Office) -> None:
    number = await office.file()
    await supervising.order(office.app.services, BOSS, number, "请办", date(2026, 11, 24))
    for _ in range(3):
        await ladder.tick(office.app, office.clock.now())
        office.wait(days=1)
        await ladder.tick(office.app, office.clock.now())
    late = [r for r in await office.rows(t.timeline) if r["type"] == "supervision_overdue"]
    assert [(r["data"]["unit"], r["at"].day) for r in late] == [(MARKET, 25)]


async def open_incident(office: Office, *numbers: str) -> int:
    row = {"number": "SJ1", "title": "婚宴", "opened_by": "du", "opened_at": office.clock.now()}
    async with office.app.database.write() as connection:
        insert = sa.insert(incidents).values({**row, "facts_only": True})
        made = int((await connection.execute(insert.returning(incidents.c.id))).scalar_one())
    for number in numbers:
        await office.change(number, incident_id=made)
    return made


async def test_a_statement_goes_out_only_when_a_second_person_signed_it(office: Office) -> None:
    services, number = office.app.services, await office.file(severity="urgent")
    incident = await open_incident(office, number)
    ticket, boss = await office.load(number), Staff("shen", "沈", "reviewer", OFFICE)
    statement = await releases.write(services, BOSS, incident, STATEMENT)
    with pytest.raises(SelfSigned):
        await releases.sign(services, BOSS, statement)
    with pytest.raises(NotPermitted):
        await releases.sign(services, OFFICER, statement)
    async with services.unit_of_work() as work:
        with pytest.raises(FactsOnly):
            await releases.check(work, ticket, STATEMENT)
    await releases.sign(services, boss, statement)
    with pytest.raises(NoSuchRelease):
        await releases.sign(services, boss, statement)
    async with services.unit_of_work() as work:
        await releases.check(work, ticket, STATEMENT)
        with pytest.raises(FactsOnly):
            await releases.check(work, ticket, "可能是豆角没有煮熟。")


async def test_tickets_of_no_such_incident_are_answered_freely(office: Office) -> None:
    services, ticket = office.app.services, await office.load(await office.file())
    async with services.unit_of_work() as work:
        await releases.check(work, ticket, "正在核实。")
    with pytest.raises(NoSuchRelease):
        await releases.write(services, BOSS, 99, STATEMENT)
