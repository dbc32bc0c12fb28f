"""Accounts: who may manage them, links shown once, and the audit."""

from __future__ import annotations

import re

import pytest

from bot.console.refusals import BadInput, LoginTaken
from bot.console.staff_admin import add_account
from bot.db import tables as t
from tests.integration.console.office import MARKET, OFFICE, PASSWORD, Office

LINK = re.compile(r"http://console\.test/console(/enter\?token=[\w-]+)")


async def test_an_administrator_adds_an_officer_who_gets_in_by_the_link(office: Office) -> None:
    admin = await office.at_work("guan", "admin", OFFICE)
    await admin.get("/staff")
    await admin.submit("/staff", login="Wang.Li", name="王丽", role="officer", unit=MARKET)
    assert admin.status == 200
    found = LINK.search(admin.text)
    assert found
    officer = await office.browser().get(found[1])
    await officer.submit("/enter", token=found[1].partition("=")[2])
    await officer.get("/password")
    await officer.submit("/password", new=PASSWORD, again=PASSWORD)
    number = await office.file()
    assert number in (await officer.get("/queue")).text
    assert "王丽" in officer.text
    assert LINK.search((await admin.get("/staff")).text) is None
    actions = [
        (actor, action) for actor, action, subject in await office.audited() if subject == "wang.li"
    ]
    assert actions == [
        ("staff:guan", "staff.added"),
        ("staff:wang.li", "staff.entered_by_link"),
        ("staff:wang.li", "staff.password_set"),
    ]


@pytest.mark.parametrize(
    ("changed", "status", "words"),
    [
        ({"login": "guan"}, 409, "已经有人用了"),
        ({"login": "王丽"}, 422, "请检查"),
        ({"login": "a b"}, 422, "请检查"),
        ({"name": ""}, 422, "请检查"),
        ({"role": "emperor"}, 422, "请检查"),
        ({"unit": "nowhere"}, 422, "请检查"),
        ({"unit": "jdb"}, 422, "请检查"),
    ],
)
async def test_a_malformed_account_is_refused_and_keeps_what_was_typed(
    office: Office, changed: dict[str, str], status: int, words: str
) -> None:
    admin = await office.at_work("guan", "admin", OFFICE)
    form = {"login": "wang", "name": "王丽丽", "role": "officer", "unit": MARKET, **changed}
    await admin.get("/staff")
    await admin.submit("/staff", **form)
    assert (admin.status, words in admin.text) == (status, True)
    assert form["name"] in admin.text
    assert len(await office.rows(t.staff)) == 1


async def test_a_deactivated_account_is_out_at_once(office: Office) -> None:
    officer = await office.at_work("li", "officer", MARKET)
    admin = await office.at_work("guan", "admin", OFFICE)
    await admin.get("/staff")
    await admin.submit("/staff/1/deactivate")
    assert admin.where == "/console/staff?done=deactivate&login=li"
    assert "li 已停用" in (await admin.get("/staff?done=deactivate&login=li")).text
    assert (await officer.get("/queue")).where.startswith("/console/login")
    assert (await office.browser().log_in("li")).status == 401
    assert ("staff:guan", "staff.deactivated", "li") in await office.audited()


async def test_a_new_link_ends_the_old_password_and_restores_an_account(office: Office) -> None:
    officer = await office.at_work("li", "officer", MARKET)
    admin = await office.at_work("guan", "admin", OFFICE)
    await admin.get("/staff")
    await admin.submit("/staff/1/deactivate")
    await admin.get("/staff")
    await admin.submit("/staff/1/link")
    found = LINK.search(admin.text)
    assert found
    assert (await office.browser().log_in("li")).status == 401
    await officer.get(found[1])
    assert (await officer.submit("/enter", token=found[1].partition("=")[2])).status == 303
    assert ("staff:guan", "staff.link_granted", "li") in await office.audited()


async def test_administrators_cannot_lock_themselves_out(office: Office) -> None:
    admin = await office.at_work("guan", "admin", OFFICE)
    for path in ("/staff/1/deactivate", "/staff/1/link"):
        await admin.get("/staff")
        assert (await admin.submit(path)).status == 409
    assert (await admin.get("/staff")).status == 200


@pytest.mark.parametrize("role", ["officer", "unit_head", "triage", "supervisor", "publicist"])
async def test_for_others_the_staff_pages_are_not_there(office: Office, role: str) -> None:
    browser = await office.at_work("li", role, OFFICE)
    assert (await browser.get("/staff")).status == 404
    await browser.get("/queue")
    assert "/console/staff" not in browser.text
    await browser.submit("/staff", login="me2", name="我", role="admin", unit=OFFICE)
    assert browser.status == 404
    assert len(await office.rows(t.staff)) == 1


async def test_accounts_from_the_command_line(office: Office) -> None:
    database, clock = office.app.database, office.clock
    token = await add_account(database, clock, "zhao", "赵一", "officer", MARKET)
    assert (await office.browser().get(f"/enter?token={token}")).status == 200
    assert ("cli", "staff.added", "zhao") in await office.audited()
    with pytest.raises(LoginTaken):
        await add_account(database, clock, "zhao", "赵二", "officer", MARKET)
    with pytest.raises(BadInput):
        await add_account(database, clock, "zhao2", "赵二", "emperor", MARKET)
