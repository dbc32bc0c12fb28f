"""For everybody: keyboard, input methods, large type, narrow and dark screens, axe."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import grave_violations
from tests.browser.citizen import SENT, Citizen
from tests.browser.conftest import DESKTOP, PHONE
from tests.browser.office import Officer
from tests.browser.test_citizen import file_named, photo_with_gps

Open = Callable[..., Citizen]
ZOOMED = {"width": 320, "height": 400}  # 640×800 at 200 %
FOCUS_SHOWN = """() => {
  const style = getComputedStyle(document.activeElement);
  return style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2;
}"""
OVERFLOWING = """() => {
  const wide = document.documentElement.clientWidth;
  const inside = (node) => node.closest(".unseen, .picked, .table, [hidden], .skip");
  return [...document.querySelectorAll("body *")]
    .filter((node) => !inside(node) && node.getBoundingClientRect().right > wide + 1)
    .map((node) => node.outerHTML.slice(0, 120));
}"""
CRAMPED = """() => [...document.querySelectorAll("button")]
  .filter((node) => node.scrollWidth > node.clientWidth + 1)
  .map((node) => node.textContent)"""
FOCUSED = "() => document.activeElement.id || document.activeElement.className"


def assert_fits(page: Page) -> None:
    """Nothing sticks out to the right, and the page does not scroll sideways."""
    assert page.evaluate(OVERFLOWING) == []
    widths = page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
    assert widths[0] <= widths[1]
    assert page.evaluate(CRAMPED) == [], "words stick out of their buttons"


def tab_to(page: Page, wanted: str, limit: int = 20) -> None:
    """Press Tab until the element with that id has the focus; each stop must be visible."""
    for _ in range(limit):
        page.keyboard.press("Tab")
        assert page.evaluate(FOCUS_SHOWN), page.evaluate(FOCUSED)
        if page.evaluate(FOCUSED) == wanted:
            return
    raise AssertionError(f"Tab does not reach {wanted}")


def test_the_keyboard_alone_is_enough(citizen: Open) -> None:
    me = citizen()
    me.page.keyboard.press("Tab")
    assert me.page.evaluate(FOCUSED) == "skip"
    expect(me.page.get_by_role("link", name="跳到输入框")).to_be_in_viewport()
    me.page.keyboard.press("Enter")
    assert me.page.evaluate(FOCUSED) == "text"
    me.page.keyboard.type("我要投诉")
    me.page.keyboard.press("Shift+Enter")
    me.page.keyboard.type("面包过期了")
    expect(me.mine).to_have_count(0)
    me.page.keyboard.press("Enter")
    expect(me.mine).to_have_count(1)
    expect(me.mine.first).to_contain_text(SENT)
    expect(me.told.first).to_be_visible()
    assert me.page.evaluate(FOCUSED) == "text", "the focus stays where one writes"
    assert me.page.evaluate(FOCUS_SHOWN)


def test_every_stop_of_the_tab_key_is_visible(citizen: Open) -> None:
    me = citizen()
    for stop in ("large", "locale", "emergency", "scroller", "choice", "text", "photo", "send"):
        tab_to(me.page, stop)


def test_a_quick_reply_is_reached_by_keyboard(citizen: Open) -> None:
    me = citizen()
    me.ask("我要投诉")
    me.ask("一家店东西不干净")
    label = me.choices.first.inner_text()
    me.box.focus()
    for _ in range(me.page.get_by_role("button").count()):
        me.page.keyboard.press("Shift+Tab")
        if me.page.evaluate("() => document.activeElement.textContent") == label:
            break
    assert me.page.evaluate(FOCUS_SHOWN)
    me.page.keyboard.press("Enter")
    expect(me.mine.last).to_contain_text(label)
    assert me.page.evaluate("document.activeElement !== document.body"), "the focus is lost"


def test_enter_that_ends_a_pinyin_word_does_not_send(citizen: Open) -> None:
    me = citizen()
    me.box.focus()
    keyboard = me.context.new_cdp_session(me.page)
    composed = {"text": "mian'bao", "selectionStart": 8, "selectionEnd": 8}
    keyboard.send("Input.imeSetComposition", composed)
    expect(me.box).to_have_value("mian'bao")
    me.page.keyboard.press("Enter")
    expect(me.mine).to_have_count(0)
    keyboard.send("Input.imeSetComposition", composed)
    me.page.keyboard.insert_text("面包")
    expect(me.mine).to_have_count(0)
    me.page.keyboard.press("Enter")
    expect(me.mine).to_have_count(1)
    expect(me.mine.first).to_contain_text("面包")


@pytest.mark.parametrize("large", [False, True], ids=["plain", "large"])
@pytest.mark.parametrize(
    "viewport", [PHONE, ZOOMED, DESKTOP], ids=["360", "320", "1280"], indirect=True
)
def test_everything_fits(citizen: Open, large: bool) -> None:
    me = citizen()
    if large:
        me.page.get_by_role("button", name="大字显示").click()
    assert_fits(me.page)
    me.page.locator("#files").set_input_files([file_named("a.jpg", photo_with_gps())] * 4)
    me.report("我要匿名举报：" + "河海路88号张记面馆用过期肉" * 6 + "A" * 120)
    expect(me.mine.first).to_contain_text(SENT)
    assert_fits(me.page)
    heights = me.page.evaluate("[document.documentElement.scrollHeight, innerHeight]")
    assert heights[0] <= heights[1], "only the conversation scrolls, not the page"
    for name in ("照片", "位置", "发送"):
        expect(me.page.get_by_role("button", name=name, exact=True)).to_be_in_viewport(ratio=1)


def test_large_type_is_larger_and_stays(citizen: Open) -> None:
    me = citizen()
    size = "() => parseFloat(getComputedStyle(document.getElementById('text')).fontSize)"
    plain = me.page.evaluate(size)
    me.page.get_by_role("button", name="大字显示").click()
    assert me.page.evaluate(size) >= plain * 1.3
    me.page.reload()
    assert me.page.evaluate(size) >= plain * 1.3
    expect(me.page.get_by_role("button", name="大字显示")).to_have_attribute("aria-pressed", "true")


def test_dark_is_dark(citizen: Open, officer: Callable[..., Officer]) -> None:
    for page in (citizen(color_scheme="dark").page, officer(color_scheme="dark").go("/queue").page):
        colour = page.evaluate("getComputedStyle(document.body).backgroundColor")
        assert max(int(part) for part in colour[4:-1].split(",")) < 60, colour


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_grave(
    citizen: Open, officer: Callable[..., Officer], scheme: str
) -> None:
    me = citizen(color_scheme=scheme)
    found = {"chat, empty": grave_violations(me.page)}
    number = me.report()
    me.page.get_by_role("button", name="大字显示").click()
    found["chat, large, receipt"] = grave_violations(me.page)
    wang = officer(color_scheme=scheme)
    for name, path in (("queue", "/queue"), ("ticket", f"/tickets/{number}")):
        found[name] = grave_violations(wang.go(path).page)
        assert_fits(wang.page)
    wang.page.locator("summary").last.click()
    found["ticket, unfolded"] = grave_violations(wang.page)
    boss = officer("admin", color_scheme=scheme)
    found["staff"] = grave_violations(boss.go("/staff").page)
    assert_fits(boss.page)
    guest = officer("wang", color_scheme=scheme, storage_state=None)
    found["login"] = grave_violations(guest.go("/login").page)
    assert not any(found.values()), found
