"""The page of a ticket and every action on it."""

from __future__ import annotations

import pytest

from bot.db import tables as t
from handlers.tickets.routing import Routing
from tests.integration.console.office import HEALTH, MARKET, OFFICE, Browser, Office


async def test_the_page_says_what_it_is_and_why_it_is_here(office: Office) -> None:
    other = await office.file(lead=HEALTH)
    number = await office.file(assist=(HEALTH,), linked=other)
    browser = await office.at_work("li", "officer", MARKET)
    text = (await browser.get(f"/tickets/{number}")).text
    for words in (
        number, "投诉", "已派单", "一般", f"来件人{number[-4:]}", "没有身份信息", "好味道饭店", "退款",
        "市场监管分局", "社事群工局", "吃到虫子", "建议默认", "hd-002", "食品安全法115条", "91%", "餐饮",
        "异物", "来件人陈述", "来件人可见", "单位内部", f"{other}（由其他单位办理）",
    ):  # fmt: skip
        assert words in text, words
    assert "visitor-1" not in text


async def test_a_ticket_routing_abstained_on_shows_the_candidates(office: Office) -> None:
    routing = Routing(OFFICE, (), "default-16", "食安办分派", abstained=True, candidates=(HEALTH,))
    number = await office.file(lead=OFFICE, routing=routing)
    browser = await office.at_work("fen", "triage", OFFICE)
    text = (await browser.get(f"/tickets/{number}")).text
    assert "系统拿不准" in text
    assert '<optgroup label="系统给出的候选"><option value="ssqg">' in text


async def test_a_ticket_of_another_unit_is_not_there(office: Office) -> None:
    number = await office.file(lead=HEALTH)
    browser = await office.at_work("li", "officer", MARKET)
    assert (await browser.get(f"/tickets/{number}")).status == 404
    missing = (await browser.get("/tickets/SA20261123-9999")).text
    assert "没有这件工单" in missing
    for action in ("claim", "reply", "note", "resolve", "dispatch"):
        await browser.get("/queue")
        await browser.submit(f"/tickets/{number}/{action}", version="0", text="越权的字")
        assert browser.status == 404
        assert "越权的字" in browser.text
    assert (await office.load(number)).version == 0


async def test_what_citizens_wrote_is_text_and_never_markup(office: Office) -> None:
    number = await office.file("<script>alert(1)</script>")
    browser = await office.at_work("li", "officer", MARKET)
    for path in ("/queue", f"/tickets/{number}", "/queue?text=<script>alert(1)</script>"):
        await browser.get(path)
        assert "<script>alert" not in browser.response.text
        assert "&lt;script&gt;" in browser.response.text


async def test_only_supervisors_read_what_is_for_supervisors(office: Office) -> None:
    number = await office.file()
    async with office.app.units_of_work() as work:
        ticket = await work.tickets.get(number)
        ticket.note(office.clock.now(), "bot", "note", "supervisors", "只给督办看")
        await work.tickets.save(ticket)
        await work.commit()
    officer = await office.at_work("li", "unit_head", MARKET)
    boss = await office.at_work("du", "supervisor", OFFICE)
    assert "只给督办看" not in (await officer.get(f"/tickets/{number}")).text
    assert "只给督办看" in (await boss.get(f"/tickets/{number}")).text


@pytest.mark.parametrize(
    ("kind", "before", "action", "form", "after", "told"),
    [  # told: messages to the citizen; an answer is followed by the question of satisfaction
        ("complaint", "dispatched", "claim", {}, "claimed", 1),
        ("complaint", "claimed", "reply", {"text": "明天来看"}, "claimed", 1),
        ("consult", "dispatched", "reply", {"text": "按第67条"}, "answered", 2),
        ("complaint", "claimed", "ask", {"text": "几点吃的？"}, "claimed", 1),
        ("complaint", "claimed", "note", {"text": "先打电话"}, "claimed", 0),
        ("complaint", "claimed", "return", {"text": "不归我们"}, "returned", 0),
        ("complaint", "claimed", "move", {"step": "accepted", "text": "依第15条"}, "accepted", 2),
        ("report", "claimed", "move", {"step": "verifying", "text": "去现场"}, "verifying", 1),
        ("complaint", "settled", "resolve", {"text": "双方和解"}, "resolved", 2),
        ("complaint", "claimed", "move", {"step": "declined", "ground": "3", "text": "不是自己吃"}, "declined", 2),
        ("complaint", "claimed", "receive", {"channel": "12315平台", "day": "2026-11-23", "text": "123"}, "claimed", 0),
        ("complaint", "claimed", "give_task", {"unit": HEALTH, "due": "2026-11-30", "text": "查病历"}, "claimed", 0),
        ("complaint", "resolved", "ask_strike_off", {"text": "已退款，见照片"}, "strike_off_pending", 0),
    ],
)  # fmt: skip
async def test_each_action_of_an_officer(
    office: Office,
    kind: str,
    before: str,
    action: str,
    form: dict[str, str],
    after: str,
    told: int,
) -> None:
    number = await office.file(kind=kind)
    await office.change(number, state=before)
    browser = await office.at_work("li", "officer", MARKET)
    await browser.do(number, action, **form)
    assert (browser.status, browser.where) == (303, f"/console/tickets/{number}?done={action}")
    page = (await browser.get(f"/tickets/{number}?done={action}")).text
    assert form.get("text", "") in page
    assert 'role="status"' in page
    ticket = await office.load(number)
    assert (ticket.state, ticket.version) == (after, 1)
    assert len(await office.rows(t.outbox)) == told
    assert office.woken == [True]


async def test_a_transferred_ticket_leaves_the_unit(office: Office) -> None:
    number = await office.file()
    browser = await office.at_work("li", "officer", MARKET)
    await browser.do(number, "transfer", unit=HEALTH, text="涉及病人")
    assert browser.where == f"/console/queue?done=transfer&number={number}"
    assert (
        f"工单 {number} 已转派" in (await browser.get(f"/queue?done=transfer&number={number}")).text
    )
    assert (await office.load(number)).lead == HEALTH
    assert (await browser.get(f"/tickets/{number}")).status == 404


async def test_the_office_dispatches_what_was_returned(office: Office) -> None:
    number = await office.file()
    officer = await office.at_work("li", "officer", MARKET)
    await officer.do(number, "return", text="不归我们")
    triage = await office.at_work("fen", "triage", OFFICE)
    await triage.do(number, "dispatch", unit=HEALTH)
    ticket = await office.load(number)
    assert (ticket.state, ticket.lead) == ("dispatched", HEALTH)


async def test_a_supervisor_may_hand_on_a_ticket_of_any_unit(office: Office) -> None:
    number = await office.file()
    boss = await office.at_work("du", "supervisor", OFFICE)
    await boss.do(number, "transfer", unit=HEALTH, text="督办指定")
    assert (await office.load(number)).lead == HEALTH


def offered(browser: Browser, number: str) -> set[str]:
    prefix = f'action="/console/tickets/{number}/'
    return {part.split('"')[0] for part in browser.text.split(prefix)[1:]}


async def test_only_allowed_actions_are_offered(office: Office) -> None:
    number = await office.file(assist=(HEALTH,))
    lead = await office.at_work("li", "officer", MARKET)
    assist = await office.at_work("hu", "officer", HEALTH)
    admin = await office.at_work("guan", "admin", OFFICE)
    everything = {"claim", "reply", "ask", "receive", "transfer", "return", "give_task", "note"}
    assert offered(await lead.get(f"/tickets/{number}"), number) == everything
    assert offered(await assist.get(f"/tickets/{number}"), number) == {"note"}  # no task given
    assert offered(await admin.get(f"/tickets/{number}"), number) == set()
    await assist.get(f"/tickets/{number}")
    await assist.submit(f"/tickets/{number}/claim", version="0")
    assert (assist.status, "您的角色不能" in assist.text) == (403, True)
    await office.change(number, state="withdrawn")
    assert offered(await lead.get(f"/tickets/{number}"), number) == {"note"}


@pytest.mark.parametrize(
    ("action", "form"),
    [
        ("claim", {}),
        ("reply", {"text": "我写的答复"}),
        ("ask", {"text": "我写的问题"}),
        ("note", {"text": "我写的备注"}),
        ("transfer", {"unit": HEALTH, "text": "我写的原因"}),
        ("return", {"text": "我写的退回"}),
        ("move", {"step": "accepted", "text": "我写的依据"}),
        ("resolve", {"text": "我写的结果"}),
        ("dispatch", {"unit": HEALTH, "text": "我写的分派"}),
    ],
)
async def test_a_stale_page_is_refused_and_typed_words_stay(
    office: Office, action: str, form: dict[str, str]
) -> None:
    number = await office.file()
    await office.change(number, state="declined" if action == "resolve" else "claimed")
    role, unit = ("supervisor", OFFICE) if action == "dispatch" else ("officer", MARKET)
    browser = await office.at_work("li", role, unit)
    await browser.get(f"/tickets/{number}")
    await office.change(number, version=1)
    await browser.submit(f"/tickets/{number}/{action}", version="0", **form)
    assert browser.status == 409
    assert "已经有了变化" in browser.text
    assert form.get("text", "") in browser.text
    assert (await office.load(number)).version == 1
    assert await office.rows(t.outbox) == []
    if 'name="version" value="1"' in browser.text and action not in ("claim", "dispatch"):
        await browser.submit(f"/tickets/{number}/{action}", version="1", **form)
        assert browser.status == 303


@pytest.mark.parametrize("version", ["", "-1", "x", "９", "99999999999999999999"])
async def test_a_nonsense_version_is_stale(office: Office, version: str) -> None:
    number = await office.file()
    browser = await office.at_work("li", "officer", MARKET)
    await browser.get(f"/tickets/{number}")
    await browser.submit(f"/tickets/{number}/claim", version=version)
    assert browser.status == 409


@pytest.mark.parametrize(
    ("action", "form", "status", "words"),
    [
        ("reply", {"text": "   "}, 422, "请写明内容"),
        ("reply", {"text": "保证给您退款"}, 422, "承诺结果"),
        ("transfer", {"unit": "nowhere", "text": "不归我"}, 422, "请选择一个具体的单位"),
        ("transfer", {"unit": MARKET, "text": "不归我"}, 422, "就是现在的承办单位"),
        ("transfer", {"unit": "jdb", "text": "给街道"}, 422, "请选择一个具体的单位"),
        ("move", {"step": "settled", "text": "好了"}, 409, "现在是“已签收”"),
        ("move", {"step": "struck_off", "text": "好了"}, 422, "请写明内容"),
        ("claim", {}, 409, "现在是“已签收”"),
        ("fly", {}, 404, "没有这个页面"),
    ],
)
async def test_refusals_are_explained_in_chinese(
    office: Office, action: str, form: dict[str, str], status: int, words: str
) -> None:
    number = await office.file()
    await office.change(number, state="claimed")
    browser = await office.at_work("li", "officer", MARKET)
    await browser.get(f"/tickets/{number}")
    await browser.submit(f"/tickets/{number}/{action}", version="0", **form)
    assert browser.status == status
    assert words in browser.text
    assert form.get("text", "") in browser.text
    assert (await office.load(number)).version == 0


async def test_files_are_for_those_who_see_the_ticket(office: Office) -> None:
    number = await office.file()
    photo = await office.attach(number, "image/jpeg", b"not really a photo")
    page = await office.attach(number, "text/html", b"<script>alert(1)</script>")
    loose = await office.attach(None, "image/png", b"of no ticket yet")
    browser = await office.at_work("li", "officer", MARKET)
    assert f'src="/console/attachments/{photo}"' in (await browser.get(f"/tickets/{number}")).text
    headers = (await browser.get(f"/attachments/{photo}")).response.headers
    assert browser.response.content == b"not really a photo"
    assert headers["content-type"] == "image/jpeg"
    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    headers = (await browser.get(f"/attachments/{page}")).response.headers
    assert headers["content-type"] == "application/octet-stream"
    assert headers["content-disposition"].startswith("attachment")
    assert (await browser.get(f"/attachments/{loose}")).status == 404
    assert (await browser.get("/attachments/999")).status == 404
    stranger = await office.at_work("hu", "officer", HEALTH)
    assert (await stranger.get(f"/attachments/{photo}")).status == 404
    nobody = await office.browser().get(f"/attachments/{photo}")
    assert nobody.where.startswith("/console/login")
