"""你点我检 in the console: written, announced, counted, planned, results by table, signed."""

from __future__ import annotations

import re

from handlers.campaigns.sampling_ports import Vote
from tests.integration.console.office import OFFICE, Browser, Office

FORM = {
    "title": "十一月你点我检",
    "opens_at": "2026-11-23T08:00",
    "closes_at": "2026-11-30T18:00",
    "products": "豆芽\n 猪肉 \n\n草莓",
    "items": "农药残留\n兽药残留",
    "places": "菜市场\n超市",
    "samples": "4",
    "repeat": "weekly",
}
TABLE = "序号,结论,检测日期,商户\n1,合格,2026-12-01,\n2,合格,2026-12-01,\n3,合格,2026-12-01,\n4,不合格,2026-12-01,某某生鲜店\n"


async def written(office: Office) -> tuple[Browser, str]:
    """An announced poll with three votes, and who wrote it."""
    browser = await office.at_work("xuan", "publicist", OFFICE)
    await browser.get("/polls")
    await browser.submit("/polls", **FORM)
    where = browser.where.removeprefix("/console")
    await browser.get(where)
    await browser.submit(f"{where}/announce")
    poll_id = int(where.rpartition("/")[2])
    async with office.app.units_of_work() as work:
        for n, choice in enumerate([(1, 0, 0), (1, 0, None), (2, 1, 1)]):
            citizen = await work.citizens.get_or_add("web", f"v{n}", "zh-Hans")
            await work.sampling.polls.vote(Vote(poll_id, citizen.id, choice, 0), office.clock.now())
        await work.commit()
    return browser, where


async def test_from_draft_to_signed_result(office: Office) -> None:
    browser, where = await written(office)
    page = (await browser.get(where)).text
    assert "投票情况（3人）" in page
    assert re.search(r"猪肉</span><svg.*?width=\"100.0\".*?<span>2</span>", page)
    await browser.submit(f"{where}/plan")
    assert browser.status == 409  # people may still vote
    office.wait(days=9)
    await browser.log_in("xuan")
    await browser.get(where)
    await browser.submit(f"{where}/plan")
    csv = (await browser.client.get(f"/console{where}/table.csv")).text
    assert csv.count("猪肉") == 3
    await browser.get(where)
    await browser.submit(f"{where}/table", table=TABLE.replace("2026-12-01,某", "昨天,某"))
    assert browser.status == 422
    assert "5. 检测日期看不懂" in browser.text
    await browser.get(where)
    files = {"file": ("r.csv", TABLE.encode("gb18030"), "text/csv")}
    data = {"csrf": browser.csrf, "table": ""}
    sent = await browser.client.post(f"/console{where}/table", data=data, files=files)
    assert sent.status_code == 303, sent.text
    await browser.get(where)
    assert "某某生鲜店" in browser.text
    await browser.submit(f"{where}/submit", basis="")
    assert "必须填写公布的法律依据" in browser.text
    await browser.get(where)
    await browser.submit(f"{where}/submit", basis="《食品安全法》第118条，公告〔2026〕12号")
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    assert "核对无误，签发公布" in (await reviewer.get(where)).text
    await reviewer.submit(f"{where}/send-back", reason="3号的日期请再核对")
    await browser.get(where)
    await browser.submit(f"{where}/submit", basis="《食品安全法》第118条，公告〔2026〕12号")
    await reviewer.get(where)
    await reviewer.submit(f"{where}/sign")
    assert "已由 lin 于" in (await reviewer.get(where)).text
    actions = [
        action for _, action, subject in await office.audited() if subject.startswith("poll:")
    ]
    assert actions == [
        "poll.written", "poll.announced", "poll.planned", "poll.results", "poll.submitted",
        "poll.sent_back", "poll.submitted", "poll.published",
    ]  # fmt: skip


async def test_a_draft_can_be_changed_and_what_is_wrong_is_said(office: Office) -> None:
    browser = await office.at_work("xuan", "publicist", OFFICE)
    await browser.get("/polls")
    await browser.submit("/polls", **{**FORM, "products": "豆芽\n豆芽"})
    assert browser.status == 422
    assert "食品要1到12个" in browser.text
    await browser.get("/polls")
    await browser.submit("/polls", **{**FORM, "opens_at": "明天"})
    assert browser.status == 422
    await browser.get("/polls")
    await browser.submit("/polls", **FORM)
    where = browser.where.removeprefix("/console")
    await browser.get(where)
    await browser.submit(f"{where}/rewrite", **{**FORM, "title": "改过的一期"})
    assert "改过的一期" in (await browser.get("/polls")).text
    assert (await browser.get("/polls/99999999999999999999")).status == 404
    assert (await browser.get("/polls/77")).status == 404


async def test_a_reviewer_reads_but_does_not_write(office: Office) -> None:
    _, where = await written(office)
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    await reviewer.get("/polls")
    assert "新的一期" not in reviewer.text
    await reviewer.submit("/polls", **FORM)
    assert reviewer.status == 403
    office.wait(days=9)
    await reviewer.log_in("lin")
    await reviewer.get(where)
    await reviewer.submit(f"{where}/plan")
    assert reviewer.status == 403


async def test_testing_days_are_opened_and_called_off(office: Office) -> None:
    browser = await office.at_work("xuan", "publicist", OFFICE)
    await browser.get("/testing")
    form = {
        "place": "三井街道服务中心",
        "opens_at": "2026-11-26T09:00",
        "closes_at": "2026-11-26T11:00",
        "capacity": "3",
        "accepted": "蔬菜、水果",
    }
    await browser.submit("/testing", **form)
    where = browser.where.removeprefix("/console")
    async with office.app.units_of_work() as work:
        citizen = await work.citizens.get_or_add("web", "anna", "zh-Hans")
        number = int(where.rpartition("/")[2])
        await work.sampling.testing.book(number, citizen.id, "自家腌的咸菜", office.clock.now())
        await work.commit()
    page = (await browser.get(where)).text
    assert "自家腌的咸菜" in page
    assert "已约 1 / 3" in page
    await browser.submit(f"{where}/call-off")
    assert office.woken
    assert "已取消" in (await browser.get(where)).text
    assert "取消这一场" not in browser.text
    supervisor = await office.at_work("du", "supervisor", OFFICE)
    await supervisor.get("/testing")
    assert "新的场次" not in supervisor.text
    await supervisor.submit("/testing", **form)
    assert supervisor.status == 403


async def test_contests_are_opened_watched_and_ended(office: Office) -> None:
    browser = await office.at_work("xuan", "publicist", OFFICE)
    await browser.get("/contests")
    form = {
        "title": "食安知识挑战",
        "opens_at": "2026-11-23T08:00",
        "closes_at": "2026-11-30T18:00",
        "count": "5",
    }
    await browser.submit("/contests", **{**form, "count": "2"})
    assert "题数要3到50" in browser.text
    await browser.get("/contests")
    await browser.submit("/contests", **form)
    where = browser.where.removeprefix("/console")
    async with office.app.units_of_work() as work:
        citizen = await work.citizens.get_or_add("web", "anna", "zh-Hans")
        rows = work.sampling.contests
        entry = await rows.join(int(where.rpartition("/")[2]), citizen.id, "豆花姐姐", "豆花姐姐")
        assert entry is not None
        await rows.put(entry.id, "quiz-001-1", office.clock.now())
        await rows.answer(entry.id, "quiz-001-1", 0, True, 7)
        await work.commit()
    assert "豆花姐姐" in (await browser.get(where)).text
    await browser.submit(f"/contests/entries/{entry.id}/hide")
    assert "豆花姐姐" not in (await browser.get(where)).text
    await browser.submit(f"{where}/stop")
    assert "提前结束" not in (await browser.get(where)).text
    assert "已结束" in (await browser.get("/contests")).text
