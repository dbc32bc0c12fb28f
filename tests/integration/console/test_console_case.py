"""The case on the console's pages: strike-off, tasks, orders, looks, identities, incidents."""

from __future__ import annotations

from bot.db import case_tables as c
from bot.db import tables as t
from tests.integration.console.office import HEALTH, MARKET, OFFICE, Office


async def test_a_supervisor_strikes_off_what_they_have_opened(office: Office) -> None:
    number = await office.file()
    await office.change(number, state="strike_off_pending")
    boss = await office.at_work("du", "supervisor", OFFICE)
    await boss.get("/queue")
    await boss.submit(f"/tickets/{number}/strike_off", version="0", text="没打开就销")
    assert (boss.status, "先打开这件工单" in boss.text) == (409, True)
    await boss.do(number, "strike_off", text="看过照片和付款记录")
    assert boss.status == 303
    assert (await office.load(number)).state == "struck_off"
    looks = [row for row in await office.rows(t.audit) if row["action"] == "ticket.seen"]
    assert {(row["actor"], row["subject"]) for row in looks} == {("staff:du", number)}


async def test_a_task_and_an_order_are_answered_by_the_unit_they_are_for(office: Office) -> None:
    number = await office.file()
    lead = await office.at_work("li", "officer", MARKET)
    await lead.do(number, "give_task", unit=HEALTH, due="2026-11-30", text="查就诊记录")
    boss = await office.at_work("du", "supervisor", OFFICE)
    await boss.do(number, "supervise", due="2026-11-26", text="两天内到现场")
    helper = await office.at_work("hu", "officer", HEALTH)
    page = (await helper.get(f"/tickets/{number}")).text
    assert "查就诊记录" in page
    assert "两天内到现场" in page
    [task] = await office.rows(c.tasks)
    await helper.do(number, "finish_task", task=str(task["id"]), text="三人就诊")
    [order] = await office.rows(c.supervisions)
    await lead.do(number, "answer_supervision", order=str(order["id"]), text="已到现场")
    assert lead.status == 303
    [task], [order] = await office.rows(c.tasks), await office.rows(c.supervisions)
    assert (task["answer"], order["reply"]) == ("三人就诊", "已到现场")


async def test_bad_dates_and_numbers_are_refused_and_typed_words_stay(office: Office) -> None:
    number = await office.file()
    lead = await office.at_work("li", "officer", MARKET)
    await lead.get(f"/tickets/{number}")
    for form in (
        {"unit": HEALTH, "due": "明天", "text": "查就诊记录"},
        {"unit": HEALTH, "due": "", "text": "查就诊记录"},
    ):
        await lead.submit(f"/tickets/{number}/give_task", version="0", **form)
        assert lead.status in (400, 422)
        assert "查就诊记录" in lead.text
    await lead.submit(f"/tickets/{number}/finish_task", version="0", task="9" * 30, text="好了")
    assert lead.status in (400, 403, 422)
    assert await office.rows(c.tasks) == []
    assert (await office.load(number)).version == 0


async def test_another_unit_finds_neither_notices_nor_merchants_nor_incidents(
    office: Office,
) -> None:
    number = await office.file()
    stranger = await office.at_work("hu", "officer", HEALTH)
    for path in (
        f"/tickets/{number}/documents/1",
        f"/tickets/{number}/documents/1.docx",
        "/incidents/EV20261123-001",
        "/merchants/1",
        "/merchants/999",
        "/first-dispatch",
        "/unmaskings",
    ):
        assert (await stranger.get(path)).status == 404, path
    await stranger.get("/queue")
    for path in (f"/tickets/{number}/unmask", f"/tickets/{number}/alike", "/merchants/1/join"):
        await stranger.submit(path, reason="想看看是谁", other=number, choice="link")
        assert stranger.status == 404, path


async def test_every_form_of_the_kind_can_be_made_by_hand(office: Office) -> None:
    number = await office.file()
    lead = await office.at_work("li", "officer", MARKET)
    assert "投诉登记表" in (await lead.get(f"/tickets/{number}/forms")).text
    forms = office.app.services.documents.by_id.values()
    made = [form.id for form in forms if "complaint" in form.kinds]
    for form in made:
        assert (await lead.get(f"/tickets/{number}/forms/{form}")).status == 200
        await lead.submit(f"/tickets/{number}/forms/{form}", contact="李科长", mediator="李科长")
        assert lead.status == 303, form
    kept = await office.rows(c.documents)
    assert [row["form"] for row in kept] == made
    page = (
        await lead.get(f"/tickets/{number}/documents/{made.index('mediation_notice') + 1}")
    ).text
    assert "参考文本" in page
    assert "还要手工填写" in page
    assert (await lead.get(f"/tickets/{number}/forms/report_result")).status == 404
    stranger = await office.at_work("hu", "officer", HEALTH)
    assert (await stranger.get(f"/tickets/{number}/forms")).status == 404


async def test_steps_of_order_121_are_not_for_other_departments(office: Office) -> None:
    number = await office.file(lead=HEALTH)
    await office.change(number, state="claimed")
    officer = await office.at_work("hu", "officer", HEALTH)
    assert 'value="accepted"' not in (await officer.get(f"/tickets/{number}")).text
    await officer.submit(f"/tickets/{number}/move", version="0", step="accepted", text="受理")
    assert (officer.status, "其他部门不适用" in officer.text) == (409, True)
    await officer.get(f"/tickets/{number}")
    await officer.submit(f"/tickets/{number}/resolve", version="0", text="已现场核实。")
    assert officer.status == 303
