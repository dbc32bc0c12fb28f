"""Getting into the console and out again: links, passwords, sessions, throttle, CSRF."""

from __future__ import annotations

import pytest

from bot.console.auth import issue_one_time_login
from bot.console.security import digest
from bot.db import tables as t
from tests.integration.console.office import MARKET, OFFICE, PASSWORD, Browser, Office

REFUSED = "登录名或密码不正确"


async def enter_by_link(office: Office) -> tuple[Browser, str]:
    token = await issue_one_time_login(office.app.database, office.clock, OFFICE)
    assert token
    browser = await office.browser().get(f"/enter?token={token}")
    await browser.submit("/enter", token=token)
    return browser, token


async def test_the_first_administrator_gets_in_by_link_and_sets_a_password(office: Office) -> None:
    browser, token = await enter_by_link(office)
    assert (browser.status, browser.where) == (303, "/console/password")
    assert (await browser.get("/queue")).where == "/console/password"
    await browser.get("/password")
    await browser.submit("/password", new=PASSWORD, again=PASSWORD)
    assert browser.where == "/console/queue?done=password"
    assert "密码已保存" in (await browser.get("/queue?done=password")).text
    assert await issue_one_time_login(office.app.database, office.clock, OFFICE) is None
    [admin] = await office.rows(t.staff)
    assert (admin["login"], admin["role"], admin["unit"]) == ("admin", "admin", OFFICE)
    assert admin["password_hash"].startswith("$argon2id$")
    assert token not in str(await office.rows(t.one_time_logins))
    again = await office.browser().log_in("admin")
    assert again.where == "/console/queue"


async def test_looking_at_a_link_does_not_use_it_up(office: Office) -> None:
    token = await issue_one_time_login(office.app.database, office.clock, OFFICE)
    for _ in range(3):
        assert (await office.browser().get(f"/enter?token={token}")).status == 200
    [row] = await office.rows(t.one_time_logins)
    assert row["token_hash"] == digest(str(token))


async def test_a_link_works_once(office: Office) -> None:
    _, token = await enter_by_link(office)
    late = await office.browser().get(f"/enter?token={token}")
    assert (late.status, "已经用过" in late.text) == (410, True)
    await late.get("/login")
    assert (await late.submit("/enter", token=token)).status == 410
    assert len(await office.rows(t.sessions)) == 1


async def test_a_link_lasts_a_day_and_a_new_one_replaces_it(office: Office) -> None:
    first = await issue_one_time_login(office.app.database, office.clock, OFFICE)
    second = await issue_one_time_login(office.app.database, office.clock, OFFICE)
    assert (await office.browser().get(f"/enter?token={first}")).status == 410
    assert (await office.browser().get(f"/enter?token={second}")).status == 200
    office.wait(hours=24)
    assert (await office.browser().get(f"/enter?token={second}")).status == 410


@pytest.mark.parametrize(
    ("new", "again", "reason"),
    [
        ("short", "short", "至少要 10"),
        ("password123", "password123", "太常见"),
        ("aaaaaaaaaaaa", "aaaaaaaaaaaa", "太常见"),
        ("x" * 201, "x" * 201, "太长"),
        (PASSWORD, PASSWORD + "!", "不一样"),
    ],
)
async def test_a_weak_password_is_refused(
    office: Office, new: str, again: str, reason: str
) -> None:
    browser, _ = await enter_by_link(office)
    await browser.get("/password")
    await browser.submit("/password", new=new, again=again)
    assert browser.status == 422
    assert reason in browser.text
    [admin] = await office.rows(t.staff)
    assert admin["password_hash"] is None


async def test_the_login_is_no_password(office: Office) -> None:
    await office.hire("wang-xiaoming", "officer", MARKET)
    browser = await office.browser().log_in("wang-xiaoming")
    await browser.get("/password")
    name = "Wang-Xiaoming"
    await browser.submit("/password", current=PASSWORD, new=name, again=name)
    assert (browser.status, "不能与登录名相同" in browser.text) == (422, True)


async def test_changing_the_password_needs_the_current_one_and_ends_other_sessions(
    office: Office,
) -> None:
    here = await office.at_work("li", "officer", MARKET)
    there = await office.browser().log_in("li")
    new = "红苕稀饭和泡菜"
    new = new + new
    await here.get("/password")
    await here.submit("/password", current="wrong", new=new, again=new)
    assert here.status == 401
    await here.submit("/password", current=PASSWORD, new=new, again=new)
    assert here.status == 303
    assert (await here.get("/queue")).status == 200
    assert (await there.get("/queue")).where.startswith("/console/login")
    assert (await office.browser().log_in("li")).status == 401
    assert (await office.browser().log_in("li", new)).status == 303


async def test_login_leads_on_to_the_page_asked_for_and_nowhere_else(office: Office) -> None:
    await office.hire("li", "officer", MARKET)
    browser = await office.browser().get("/queue?kind=report")
    assert browser.where == "/console/login?next=%2Fconsole%2Fqueue%3Fkind%3Dreport"
    await browser.get("/login?next=%2Fconsole%2Fqueue%3Fkind%3Dreport")
    good = {"login": "li", "password": PASSWORD}
    for target, goes in {
        "/console/queue?kind=report": "/console/queue?kind=report",
        "https://elsewhere.test/console/": "/console/queue",
        "//elsewhere.test/console/": "/console/queue",
        "/\\elsewhere.test": "/console/queue",
        "/console/../x\r\nSet-Cookie: a=b": "/console/queue",
    }.items():
        other = await office.browser().get("/login")
        await other.submit("/login", next=target, **good)
        assert other.where == goes


async def test_the_cookie_is_kept_from_scripts_and_renewed_at_login(office: Office) -> None:
    browser = await office.at_work("li", "officer", MARKET)
    cookie = next(
        c for c in browser.response.headers.get_list("set-cookie") if c.startswith("shian_console=")
    )
    assert "HttpOnly" in cookie
    assert "SameSite=lax" in cookie
    assert "Path=/console" in cookie
    assert "Max-Age=43200" in cookie
    assert "Secure" not in cookie
    token = browser.client.cookies["shian_console"]
    assert [row["token_hash"] for row in await office.rows(t.sessions)] == [digest(token)]
    await browser.get("/queue")
    csrf = browser.csrf
    await browser.post("/login", csrf=csrf, login="li", password=PASSWORD)
    assert browser.client.cookies["shian_console"] != token
    assert len(await office.rows(t.sessions)) == 1


async def test_the_cookie_is_secure_over_https(office: Office) -> None:
    await office.hire("li", "officer", MARKET)
    browser = office.browser()
    browser.client.base_url = "https://console.test"
    await browser.log_in("li")
    cookies = browser.response.headers.get_list("set-cookie")
    assert all("Secure" in c for c in cookies if "Max-Age=43200" in c)


async def test_logging_out_ends_the_session(office: Office) -> None:
    browser = await office.at_work("li", "officer", MARKET)
    cookie = browser.client.cookies["shian_console"]
    await browser.get("/queue")
    await browser.submit("/logout")
    assert browser.where == "/console/login"
    browser.client.cookies.set("shian_console", cookie, domain="console.test", path="/console")
    assert (await browser.get("/queue")).where.startswith("/console/login")


async def test_a_session_ends_after_twelve_hours_and_typed_words_stay(office: Office) -> None:
    number = await office.file()
    browser = await office.at_work("li", "officer", MARKET)
    await browser.get(f"/tickets/{number}")
    csrf = browser.csrf
    office.wait(hours=11, minutes=59)
    assert (await browser.get("/queue")).status == 200
    office.wait(minutes=1)
    await browser.post(f"/tickets/{number}/note", csrf=csrf, version="1", text="写了很久的备注")
    assert browser.status == 401
    assert "登录已过期" in browser.text
    assert "写了很久的备注" in browser.text
    assert (await browser.get("/queue")).where.startswith("/console/login")


async def test_five_failures_close_the_login_for_a_quarter_of_an_hour(office: Office) -> None:
    await office.hire("li", "officer", MARKET)
    pages = []
    for _ in range(5):
        browser = await office.browser().log_in("li", "wrong")
        assert browser.status == 401
        pages.append(REFUSED in browser.text)
    assert all(pages)
    throttled = await office.browser().log_in("li")
    assert (throttled.status, REFUSED in throttled.text) == (429, True)
    office.wait(minutes=14, seconds=59)
    assert (await office.browser().log_in("LI ")).status == 429
    office.wait(seconds=1)
    assert (await office.browser().log_in("LI ")).status == 303
    assert await office.rows(t.login_failures) == []


async def test_an_unknown_login_reads_like_a_wrong_password(office: Office) -> None:
    await office.hire("li", "officer", MARKET)
    wrong = await office.browser().log_in("li", "wrong")
    unknown = await office.browser().log_in("nobody", "wrong")
    assert (wrong.status, unknown.status) == (401, 401)
    assert REFUSED in wrong.text and REFUSED in unknown.text
    for _ in range(4):
        await office.browser().log_in("nobody", "wrong")
    assert (await office.browser().log_in("nobody", "wrong")).status == 429


@pytest.mark.parametrize("csrf", ["", "guessed"])
async def test_a_form_without_its_token_changes_nothing(office: Office, csrf: str) -> None:
    number = await office.file()
    browser = await office.at_work("li", "officer", MARKET)
    for path in (f"/tickets/{number}/claim", "/logout", "/password", "/locale", "/alerts/1/seen"):
        await browser.post(path, csrf=csrf, version="1", text="留着的字")
        assert browser.status == 403, path
    assert "页面已失效" in browser.text
    assert "留着的字" in browser.text
    assert (await office.load(number)).state == "dispatched"
    assert (await browser.get("/queue")).status == 200


async def test_a_login_form_without_its_token_is_refused(office: Office) -> None:
    await office.hire("li", "officer", MARKET)
    browser = office.browser()
    await browser.post("/login", csrf="", login="li", password=PASSWORD)
    assert browser.status == 403
    await browser.post("/login", csrf="made-up", login="li", password=PASSWORD)
    assert browser.status == 403
    assert await office.rows(t.sessions) == []


async def test_an_oversized_form_is_refused(office: Office) -> None:
    browser = await office.browser().get("/login")
    await browser.submit("/login", login="x" * 200_000)
    assert browser.status == 413


async def test_every_page_carries_the_security_headers(office: Office) -> None:
    browser = await office.at_work("li", "officer", MARKET)
    for path in ("/login", "/queue", "/tickets/none", "/enter?token=x", "/alerts.json"):
        headers = (await browser.get(path)).response.headers
        assert headers["content-security-policy"].startswith("default-src 'self';")
        assert "unsafe" not in headers["content-security-policy"]
        assert headers["x-frame-options"] == "DENY"
        assert headers["x-content-type-options"] == "nosniff"
        assert headers["referrer-policy"] == "same-origin"
        assert headers["cache-control"] == "no-store"


async def test_the_script_can_be_switched(office: Office) -> None:
    browser = await office.at_work("li", "officer", MARKET)
    await browser.get("/queue?kind=report")
    await browser.submit("/locale", locale="zh-Hant", next="/console/queue?kind=report")
    assert browser.where == "/console/queue?kind=report"
    assert '<html lang="zh-Hant">' in (await browser.get("/queue")).text
    assert "修改密碼" in browser.text
