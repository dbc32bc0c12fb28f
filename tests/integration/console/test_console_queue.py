"""The queue: who sees what, in which order, and the red bar."""

from __future__ import annotations

import re

from bot.db import tables as t
from tests.integration.console.office import HEALTH, MARKET, OFFICE, Browser, Office

ROW = re.compile(r'<th scope="row"><a href="/console/tickets/([^"]+)">')


def listed(browser: Browser) -> list[str]:
    assert browser.status == 200, browser.text
    return ROW.findall(browser.text)


async def test_a_unit_sees_what_it_leads_and_what_it_assists(office: Office) -> None:
    mine = await office.file()
    helped = await office.file(lead=HEALTH, assist=(MARKET,))
    await office.file(lead=HEALTH)
    browser = await office.at_work("li", "officer", MARKET)
    assert listed(await browser.get("/queue")) == [mine, helped]
    assert "本单位配合" in browser.text
    assert 'name="unit"' not in browser.text
    assert listed(await browser.get(f"/queue?unit={HEALTH}")) == [mine, helped]


async def test_urgent_comes_first_then_the_oldest(office: Office) -> None:
    first = await office.file()
    office.wait(minutes=1)
    second = await office.file(severity="illness")
    office.wait(minutes=1)
    urgent = await office.file(severity="urgent")
    browser = await office.at_work("li", "officer", MARKET)
    assert listed(await browser.get("/queue")) == [urgent, first, second]


async def test_supervisors_see_all_units_and_filter_by_unit(office: Office) -> None:
    market, health = await office.file(), await office.file(lead=HEALTH)
    for login, role in (("du", "supervisor"), ("guan", "admin")):
        browser = await office.at_work(login, role, OFFICE)
        assert listed(await browser.get("/queue")) == [market, health]
        assert listed(await browser.get(f"/queue?unit={HEALTH}")) == [health]


async def test_triage_sees_what_came_to_the_office(office: Office) -> None:
    await office.file()
    to_office = await office.file(lead=OFFICE)
    browser = await office.at_work("fen", "triage", OFFICE)
    assert listed(await browser.get("/queue")) == [to_office]


async def test_filters_narrow_and_nonsense_does_not(office: Office) -> None:
    plain = await office.file()
    report = await office.file("后厨有老鼠 100%_真", kind="report", severity="urgent")
    done = await office.file()
    await office.change(done, state="resolved")
    browser = await office.at_work("li", "officer", MARKET)
    for query, numbers in {
        "": [report, plain],
        "?state=all": [report, plain, done],
        "?state=resolved": [done],
        "?kind=report": [report],
        "?severity=urgent": [report],
        "?text=老鼠": [report],
        "?text=%25_": [],  # signs alone are no words to look for
        "?text=_%25": [],
        f"?text={plain[-4:]}": [plain],
        "?state=nonsense&kind=x&severity=x&page=zzz": [report, plain],
        "?page=-1": [report, plain],
    }.items():
        assert listed(await browser.get(f"/queue{query}")) == numbers, query
    assert "没有符合条件" in (await browser.get("/queue?text=_%25")).text


async def test_pages_hold_twenty_and_keep_the_filters(office: Office) -> None:
    numbers = [await office.file() for _ in range(23)]
    browser = await office.at_work("li", "officer", MARKET)
    assert listed(await browser.get("/queue?kind=complaint")) == numbers[:20]
    assert "第 1 页，共 2 页" in browser.text
    assert "/console/queue?kind=complaint&page=2" in browser.text
    assert listed(await browser.get("/queue?kind=complaint&page=2")) == numbers[20:]
    assert listed(await browser.get("/queue?page=999999")) == []


async def test_an_empty_queue_says_so(office: Office) -> None:
    browser = await office.at_work("li", "officer", MARKET)
    assert "现在没有待办的工单" in (await browser.get("/queue")).text


async def test_roles_without_tickets_see_none(office: Office) -> None:
    number = await office.file()
    browser = await office.at_work("xuan", "publicist", MARKET)
    assert listed(await browser.get("/queue")) == []
    assert "不办理工单" in browser.text
    assert (await browser.get(f"/tickets/{number}")).status == 404


async def test_an_alert_stays_until_somebody_of_the_unit_has_seen_it(office: Office) -> None:
    number = await office.file(severity="urgent", assist=(HEALTH,))
    await office.raise_alert(number, MARKET, HEALTH)
    market = await office.at_work("li", "officer", MARKET)
    health = await office.at_work("hu", "officer", HEALTH)
    assert "三人呕吐" in (await market.get("/queue")).text
    assert (await market.get("/alerts.json")).response.json() == {"open": 1, "newest": 1}
    await market.get("/queue")
    await market.submit("/alerts/1/seen", next="/console/queue")
    assert market.where == "/console/queue"
    assert "三人呕吐" not in (await market.get("/queue")).text
    assert "三人呕吐" in (await health.get("/queue")).text
    first, second = await office.rows(t.alerts)
    assert (first["seen_by"], first["seen_at"]) == ("li", office.clock.now())
    assert second["seen_at"] is None
    assert ("staff:li", "alert.seen", number) in await office.audited()


async def test_an_alert_of_another_unit_has_no_button(office: Office) -> None:
    number = await office.file(severity="urgent")
    await office.raise_alert(number, MARKET)
    boss = await office.at_work("du", "supervisor", OFFICE)
    assert "三人呕吐" in (await boss.get("/queue")).text
    assert "/alerts/1/seen" not in boss.text
    assert (await boss.submit("/alerts/1/seen")).status == 404
    [row] = await office.rows(t.alerts)
    assert row["seen_at"] is None
