"""The library in the console: signing makes an item answer, pulling silences it."""

from __future__ import annotations

from content.library import load_library
from handlers.knowledge.reviewing import taught
from tests.integration.console.office import OFFICE, START, Office

DRAFT, AUTHORITY = "tip-013", "tip-014"


async def items(office: Office) -> set[str]:
    services = office.app.services
    async with services.unit_of_work() as work:
        return set(await taught(services, work, START.date()))


async def test_a_reviewer_signs_a_draft_and_pulls_it_again(office: Office) -> None:
    assert DRAFT not in await items(office)
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    await reviewer.get("/knowledge")
    digest = office.app.services.library.items[DRAFT].digest
    assert digest in reviewer.text
    await reviewer.submit(f"/knowledge/{DRAFT}/sign", digest=digest)
    assert reviewer.status == 303
    assert DRAFT in await items(office)
    await reviewer.get("/knowledge")
    await reviewer.submit(f"/knowledge/{DRAFT}/pull", reason="  ")
    assert reviewer.status == 422
    await reviewer.get("/knowledge")
    await reviewer.submit(f"/knowledge/{DRAFT}/pull", reason="来源更新了")
    assert DRAFT not in await items(office)
    assert "来源更新了" in (await reviewer.get("/knowledge")).text
    actions = [action for _, action, subject in await office.audited() if subject == DRAFT]
    assert actions == ["item.signed", "item.pulled"]


async def test_an_item_of_an_authority_can_be_pulled_too(office: Office) -> None:
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    await reviewer.get("/knowledge")
    await reviewer.submit(f"/knowledge/{AUTHORITY}/pull", reason="与现场情况不符")
    assert AUTHORITY not in await items(office)


async def test_a_text_that_changed_meanwhile_is_not_signed(office: Office) -> None:
    reviewer = await office.at_work("lin", "reviewer", OFFICE)
    await reviewer.get("/knowledge")
    await reviewer.submit(f"/knowledge/{DRAFT}/sign", digest="0" * 64)
    assert reviewer.status == 409
    assert "刚刚改过" in reviewer.text
    await reviewer.get("/knowledge")
    await reviewer.submit("/knowledge/tip-999/sign", digest="0" * 64)
    assert reviewer.status == 409
    assert DRAFT not in await items(office)


async def test_others_read_but_do_not_sign(office: Office) -> None:
    for login, role in (("wang", "officer"), ("xuan", "publicist"), ("guan", "admin")):
        person = await office.at_work(login, role, OFFICE)
        await person.get("/knowledge")
        assert person.status == 200
        assert "核对无误，签发" not in person.text
        digest = load_library(office.app.settings.content).items[DRAFT].digest
        await person.submit(f"/knowledge/{DRAFT}/sign", digest=digest)
        assert person.status == 403
    assert DRAFT not in await items(office)
