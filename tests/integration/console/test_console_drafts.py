"""An expert's answer becomes an item: drafted, signed by somebody else, then told to everybody."""

from __future__ import annotations

import pytest

from handlers.knowledge.answering import item_about
from handlers.tickets import actions
from tests.integration.console.office import MARKET, OFFICE, START, Browser, Office

QUESTION = "村里有人说韭菜叶上的蓝色粉末是农药残留，我叫王强，电话13812345678，是真的吗"
ANSWER = (
    "韭菜叶上的蓝色多为波尔多液等含铜杀菌剂的痕迹，清水冲洗、浸泡后再下锅；颜色深、有异味的不要买。"
)
ASKED = "买的韭菜叶子上一层蓝粉，是不是打了农药"
FORM = {
    "kind": "qa",
    "title": "韭菜叶上的蓝色",
    "claim": "",
    "verdict": "",
    "short": ANSWER[:60],
    "long": ANSWER,
    "asks": "韭菜上有蓝色粉末是农药吗\n韭菜发蓝能不能吃\n韭菜叶子一层蓝的是什么",
    "issuer": "农业农村部",
    "source": "蔬菜农药使用问答",
    "source_date": "2025-06",
    "url": "https://example.gov.cn/a",
    "review_by": "2027-11-01",
}


async def answered(office: Office, kind: str = "rumour_check", by: str = "zhao") -> str:
    """A question that officer `by` of the office answered."""
    number = await office.file(QUESTION, kind=kind, lead=OFFICE)
    officer = await office.at_work(by, "officer", OFFICE)
    await officer.do(number, "reply", text=ANSWER)
    assert officer.status == 303, officer.text
    return number


async def drafted(office: Office, person: Browser, number: str, **changes: str) -> Browser:
    await person.get(f"/knowledge/from/{number}")
    return await person.submit(f"/knowledge/from/{number}", **{**FORM, **changes})


async def told(office: Office) -> str | None:
    services = office.app.services
    async with services.unit_of_work() as work:
        item = await item_about(services, work, ASKED, START.date())
    return item.id if item else None


async def sign(office: Office, person: Browser, item: str) -> Browser:
    page = (await person.get("/knowledge")).response.text
    digest = page.partition(f'action="/console/knowledge/{item}/sign"')[2]
    digest = digest.partition('name="digest" value="')[2].partition('"')[0]
    return await person.submit(f"/knowledge/{item}/sign", digest=digest)


async def test_an_answer_is_told_only_after_another_reviewer_signed(office: Office) -> None:
    number = await answered(office)
    author = await office.at_work("xuan", "reviewer", OFFICE)
    await author.get("/knowledge")
    assert number in author.text
    await author.get(f"/knowledge/from/{number}")
    assert "13812345678" not in author.text
    assert "通读" in author.text
    await drafted(office, author, number)
    assert author.where == "/console/knowledge#local-1"
    assert await told(office) is None
    assert number in (await author.get("/knowledge")).text  # as the draft's origin
    assert "/knowledge/local-1/sign" not in author.text
    digest = "0" * 64
    await author.submit("/knowledge/local-1/sign", digest=digest)
    assert author.status == 409
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    assert (await sign(office, reviewer, "local-1")).status == 303
    assert await told(office) == "local-1"
    await reviewer.get("/knowledge")
    await reviewer.submit("/knowledge/local-1/pull", reason="来源更新了")
    assert await told(office) is None
    assert [(actor, action) for actor, action, about in await office.audited() if about == "local-1"] == [
        ("staff:xuan", "item.drafted"),
        ("staff:lin", "item.signed"),
        ("staff:lin", "item.pulled"),
    ]  # fmt: skip


async def test_an_author_does_not_sign_even_with_the_right_digest(office: Office) -> None:
    number = await answered(office)
    author = await office.at_work("xuan", "reviewer", OFFICE)
    await drafted(office, author, number)
    other = await office.at_work("lin", "reviewer", OFFICE)
    page = (await other.get("/knowledge")).response.text
    digest = page.partition("local-1/sign")[2].partition('name="digest" value="')[2][:64]
    await author.get("/knowledge")
    await author.submit("/knowledge/local-1/sign", digest=digest)
    assert author.status == 403
    assert "另一位审核人" in author.text
    assert await told(office) is None


async def test_who_answered_finds_the_form_on_the_ticket(office: Office) -> None:
    number = await answered(office)
    officer = await office.browser().log_in("zhao")
    await officer.get(f"/tickets/{number}")
    assert f'action="/console/knowledge/from/{number}"' in officer.text
    await officer.submit(f"/knowledge/from/{number}", **FORM)
    assert officer.status == 303
    colleague = await office.at_work("qian", "officer", OFFICE)
    await colleague.get(f"/tickets/{number}")
    assert f'action="/console/knowledge/from/{number}"' not in colleague.text
    assert (await colleague.submit(f"/knowledge/from/{number}", **FORM)).status == 403
    stranger = await office.at_work("sun", "officer", MARKET)
    assert (await stranger.get(f"/knowledge/from/{number}")).status == 404


async def test_only_an_answered_question_becomes_an_item(office: Office) -> None:
    publicist = await office.at_work("xuan", "publicist", OFFICE)
    for number in (
        await office.file(QUESTION, kind="consult", lead=OFFICE),
        await office.file("店里有虫", kind="report"),
    ):
        assert (await publicist.get(f"/knowledge/from/{number}")).status == 404
    await office.change(number, secrecy="insider")
    assert (await publicist.get(f"/knowledge/from/{number}")).status == 404


async def test_a_report_that_proved_unfounded_may_become_one(office: Office) -> None:
    number = await office.file("好味道饭店的紫菜是塑料做的", kind="report")
    async with office.app.units_of_work() as work:
        ticket = await work.tickets.get(number)
        for state in ("claimed", "verifying", "not_filed"):
            text = "经抽检，未发现好味道饭店的紫菜含塑料。"
            ticket.move(state, office.clock.now(), "staff:wang", "citizen", text)
        await work.tickets.save(ticket)
        await work.commit()
    publicist = await office.at_work("xuan", "publicist", OFFICE)
    assert number in (await publicist.get("/knowledge")).text
    await publicist.get(f"/knowledge/from/{number}")
    assert "未发现〔已隐去〕的紫菜含塑料" in publicist.text
    rumour = {"kind": "rumour", "claim": "紫菜是塑料做的", "verdict": "false"}
    assert (await drafted(office, publicist, number, **rumour)).status == 303


@pytest.mark.parametrize(
    ("changes", "status", "said"),
    [
        ({"issuer": " "}, 422, "没有来源"),
        ({"source": ""}, 422, "没有来源"),
        ({"long": ANSWER + "吃出问题保证赔您十倍。"}, 422, "因为它涉及"),
        ({"long": ANSWER + "张三一家就是被它引起中毒。"}, 422, "因为它涉及"),
        ({"short": ANSWER[:40] + "，问 13812345678"}, 422, "电话号码"),
        ({"kind": "rumour", "claim": "蓝色是农药", "verdict": ""}, 422, "查证结论"),
        ({"asks": "只有一种"}, 422, "每行一种"),
        ({"review_by": "2026-11-23"}, 422, "复核期限"),
        ({"review_by": "2099-01-01"}, 422, "复核期限"),
        ({"source_date": "去年"}, 422, "来源日期"),
        ({"url": "javascript:alert(1)"}, 422, "来源网址"),
        ({"title": "韭" * 31}, 422, "标题"),
        ({"kind": "spell"}, 422, "类别"),
    ],
)
async def test_what_may_not_be_taught_is_refused_and_stays_typed(
    office: Office, changes: dict[str, str], status: int, said: str
) -> None:
    number = await answered(office)
    publicist = await office.at_work("xuan", "publicist", OFFICE)
    await drafted(office, publicist, number, **changes)
    assert publicist.status == status
    assert said in publicist.text
    assert "韭菜发蓝能不能吃" in publicist.text or "asks" in changes
    assert "local-1" not in (await publicist.get("/knowledge")).text


async def test_a_reply_outside_the_console_can_become_an_item_too(office: Office) -> None:
    number = await office.file(QUESTION, kind="consult", lead=OFFICE)
    await office.hire("zhao", "officer", OFFICE)
    from handlers.ports import Staff

    staff = Staff("zhao", "赵", "officer", OFFICE)
    await actions.reply(office.app.services, staff, number, ANSWER)
    publicist = await office.at_work("xuan", "publicist", OFFICE)
    assert (await drafted(office, publicist, number)).status == 303
