"""红黑榜: with a basis, signed by a second person, and only in its days."""

from __future__ import annotations

import pytest

from bot.db.sampling_tables import public_lists
from handlers.messages import Incoming
from handlers.respond import respond
from tests.integration.console.office import OFFICE, Office

FORM = {
    "title": "十一月餐饮检查",
    "colour": "black",
    "merchant": "某某小吃店",
    "basis": "《行政处罚法》第48条，遂河市监处罚〔2026〕12号",
    "from_day": "2026-11-24",
    "until_day": "2026-11-26",
}


async def asked(office: Office, text: str = "红黑榜") -> str:
    number = f"l{office.clock.now().isoformat()}"
    turn = await respond(Incoming("web", number, "anna", text), office.app.services)
    assert turn is not None
    return "\n".join(reply.text for reply in turn.replies)


async def test_a_line_is_public_only_signed_and_in_its_days(office: Office) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/lists")
    await writer.submit("/lists", **FORM)
    assert "待签发" in (await writer.get("/lists")).text
    office.wait(days=1)
    assert "没有正在公布" in await asked(office)  # of today, but unsigned
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    await reviewer.get("/lists")
    await reviewer.submit("/lists/1/sign")
    office.wait(minutes=1)
    said = await asked(office, "黑榜")
    assert "某某小吃店" in said
    assert "遂河市监处罚〔2026〕12号；公布期：2026-11-24至2026-11-26" in said
    office.wait(days=3)
    assert "没有正在公布" in await asked(office)
    actions = [action for _, action, subject in await office.audited() if subject == "list:1"]
    assert actions == ["list.written", "list.signed"]


async def test_a_line_not_begun_is_not_told_and_one_withdrawn_is_gone(office: Office) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    for merchant in ("第一家店", "第二家店"):
        await writer.get("/lists")
        await writer.submit("/lists", **{**FORM, "merchant": merchant, "colour": "red"})
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    for number in (1, 2):
        await reviewer.get("/lists")
        await reviewer.submit(f"/lists/{number}/sign")
    assert "没有正在公布" in await asked(office)
    office.wait(days=1)
    assert "第二家店" in await asked(office)
    await writer.log_in("xuan")
    await writer.get("/lists")
    await writer.submit("/lists/2/withdraw")
    office.wait(minutes=1)
    said = await asked(office, "紅黑榜")
    assert "第一家店" in said
    assert "第二家店" not in said
    await writer.get("/lists")
    await writer.submit("/lists/2/withdraw")
    assert writer.status == 404


@pytest.mark.parametrize("basis", ["", "检查发现问题", "《食品安全法》", "处罚〔2026〕12号"])
async def test_without_a_basis_nobody_is_listed(office: Office, basis: str) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/lists")
    await writer.submit("/lists", **{**FORM, "basis": basis})
    assert writer.status == 422
    assert "依据要写明" in writer.text
    assert not await office.rows(public_lists)


async def test_nobody_signs_what_they_wrote(office: Office) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/lists")
    await writer.submit("/lists", **FORM)
    await writer.get("/lists")
    await writer.submit("/lists/1/sign")
    assert writer.status == 403
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    await reviewer.get("/lists")
    await reviewer.submit("/lists", **FORM)
    assert reviewer.status == 403
    async with office.app.database.write() as connection:  # who wrote it became a reviewer
        await connection.execute(public_lists.update().values(written_by="lin"))
    await reviewer.get("/lists")
    assert "核对无误，签发" not in reviewer.text
    await reviewer.submit("/lists/1/sign")
    assert reviewer.status == 403
    await reviewer.get("/lists")
    await reviewer.submit("/lists/1/burn")
    assert reviewer.status == 404
