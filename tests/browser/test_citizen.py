"""What a citizen does on the page: tell, press, photograph, locate, change script."""

from __future__ import annotations

import io
from collections.abc import Callable

import pytest
from PIL import Image
from playwright.sync_api import FilePayload, expect

from tests.browser.citizen import NUMBER, REPORT, SENT, Citizen
from tests.browser.served import Server

Open = Callable[..., Citizen]
GPS, MAKE = 0x8825, 0x010F
XINBEI = {"latitude": 31.8312, "longitude": 119.9741, "accuracy": 12}


def photo_with_gps() -> bytes:
    """A JPEG that tells where it was taken and by what."""
    exif = Image.Exif()
    exif[MAKE] = "SpyPhone"
    exif.get_ifd(GPS).update({1: "N", 2: (31.0, 49.0, 52.3), 3: "E", 4: (119.0, 58.0, 26.7)})
    out = io.BytesIO()
    Image.new("RGB", (640, 480), (200, 60, 40)).save(out, "JPEG", exif=exif)
    assert Image.open(io.BytesIO(out.getvalue())).getexif().get_ifd(GPS)
    return out.getvalue()


def file_named(name: str, data: bytes, type: str = "image/jpeg") -> FilePayload:
    return {"name": name, "mimeType": type, "buffer": data}


def test_an_anonymous_report_is_registered_and_still_there_after_a_reload(citizen: Open) -> None:
    me = citizen()
    expect(me.page.locator("html")).to_have_attribute("lang", "zh-Hans")
    expect(me.page.get_by_role("heading", level=1)).to_contain_text("食品安全委员会办公室")
    expect(me.page.get_by_role("heading", name="您好，我是食安助手")).to_be_visible()
    number = me.report()
    receipt = me.told.filter(has_text=number).first
    expect(receipt).to_contain_text("举报线索已登记")
    expect(receipt).to_contain_text("区市场监管局")
    expect(me.mine.first).to_contain_text(SENT)
    before = [me.mine.count(), me.told.count()]
    me.page.reload()
    me.connected()
    expect(me.mine.first).to_contain_text(REPORT)
    expect(me.told.filter(has_text=number).first).to_be_visible()
    assert [me.mine.count(), me.told.count()] == before


def test_a_quick_reply_is_pressed_once_and_then_gone(citizen: Open) -> None:
    me = citizen()
    me.ask("我要投诉")
    me.ask("一家店东西不干净")
    label = me.choices.first.inner_text()
    me.press(label)
    expect(me.mine.last).to_contain_text(label)
    buttons = me.page.locator("#log .choices")
    assert buttons.count() <= 1, "only the newest message may have buttons"
    assert me.said_to_server(label) == 1


def test_a_first_button_starts_the_conversation(citizen: Open) -> None:
    me = citizen()
    me.page.get_by_role("button", name="我要举报").click()
    expect(me.mine).to_contain_text("我要举报")
    expect(me.told.first).to_be_visible()
    expect(me.page.locator("#welcome")).to_be_hidden()


def test_a_photo_arrives_without_the_place_it_was_taken_at(citizen: Open, server: Server) -> None:
    me = citizen()
    me.page.locator("#files").set_input_files([file_named("后厨.jpg", photo_with_gps())])
    expect(me.page.locator("#picked img")).to_have_count(1)
    me.ask("这是后厨的照片，张记面馆")
    expect(me.mine.last).to_contain_text(SENT)
    me.page.reload()
    me.connected()
    shown = me.mine.first.locator("img")
    expect(shown).to_have_js_property("complete", True)
    assert shown.evaluate("img => img.naturalWidth") > 0
    kept = [p for p in (server.data / "uploads").rglob("*") if p.is_file()]
    assert kept
    for path in kept:
        with Image.open(path) as image:
            assert not image.getexif(), path
        assert b"SpyPhone" not in path.read_bytes()


def test_what_is_no_photo_is_refused_in_chinese(citizen: Open) -> None:
    me = citizen()
    me.watch.expected.append("415")
    me.page.locator("#files").set_input_files(
        [file_named("发票.pdf", b"%PDF-1.7 no photo", "application/pdf")]
    )
    expect(me.page.locator("#hint")).to_contain_text("“发票.pdf”不能发送：只支持 JPG、PNG、WebP")
    me.page.locator("#files").set_input_files([file_named("坏.jpg", b"\xff\xd8\xff\xe0 broken")])
    me.say("")
    expect(me.mine.last).to_contain_text("未送达")
    answer = me.context.request.post(
        f"{me.watch.origin}/api/chat/attachments",
        multipart={"client_id": "abcdefgh1", "file": file_named("x.gif", b"GIF89a")},
    )
    assert answer.status == 415
    assert any("一" <= sign <= "鿿" for sign in answer.json()["error"])


def test_the_place_is_sent_only_when_the_citizen_says_so(citizen: Open) -> None:
    me = citizen(geolocation=XINBEI, permissions=["geolocation"])
    me.page.get_by_role("button", name="位置").click()
    expect(me.page.locator("#place")).to_contain_text("已附上您现在的位置（误差约 12 米）")
    assert me.mine.count() == 0
    me.ask("就在这里，张记面馆卖过期面包")
    expect(me.mine.last).to_contain_text("31.8312")
    [sent] = [m for m in me.history() if m["location"]]
    assert sent["location"] == {"lat": 31.8312, "lon": 119.9741}


def test_a_refused_location_is_explained(citizen: Open) -> None:
    me = citizen(permissions=[])
    me.page.get_by_role("button", name="位置").click()
    expect(me.page.locator("#hint")).to_contain_text("没有得到定位许可")


def test_traditional_script_is_a_press_away_and_stays(citizen: Open) -> None:
    me = citizen()
    me.page.get_by_role("button", name="切換為繁體中文").click()
    expect(me.page.locator("html")).to_have_attribute("lang", "zh-Hant")
    me.connected()
    expect(me.page.get_by_role("button", name="發送", exact=True)).to_be_visible()
    me.box.fill("我要匿名舉報：新北區河海路88號張記麵館，昨天用過期肉做菜")
    me.page.get_by_role("button", name="發送", exact=True).click()
    expect(me.told.first).to_be_visible()
    me.page.reload()
    expect(me.page.locator("html")).to_have_attribute("lang", "zh-Hant")
    expect(me.mine.first).to_contain_text("張記麵館")


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_emergency_reads_120_first(citizen: Open, scheme: str) -> None:
    me = citizen(color_scheme=scheme)
    first = me.ask("我们公司聚餐，8个人都上吐下泻，还有人昏迷，在新北区泰山路88号老渔村饭店吃的")
    expect(first.locator(".text")).to_contain_text("120")
    assert "120" in first.locator(".text").inner_text()[:12]
    expect(first.get_by_role("link", name="120").first).to_have_attribute("href", "tel:120")
    expect(me.told.filter(has_text=NUMBER).first).to_contain_text("紧急线索")
    expect(me.choices.first).to_be_attached()
    expect(first.get_by_role("link", name="120").first).to_be_in_viewport(ratio=1)


@pytest.mark.parametrize("viewport", [{"width": 360, "height": 560}], ids=["low"], indirect=True)
def test_of_a_long_answer_one_sees_the_beginning(citizen: Open) -> None:
    me = citizen()
    number = me.report()
    receipt = me.told.filter(has_text=number).first
    assert receipt.evaluate("node => node.offsetHeight") > 400
    top = receipt.evaluate("node => node.getBoundingClientRect().top")
    scroller = me.page.locator("#scroller").evaluate("node => node.getBoundingClientRect().top")
    assert 0 <= top - scroller < 80
    me.say("谢谢")
    expect(me.mine.last).to_be_in_viewport(ratio=1)


def test_the_official_channel_is_a_link(citizen: Open) -> None:
    me = citizen()
    me.report()
    link = me.told.last.get_by_role("link", name="www.12315.cn")
    expect(link).to_have_attribute("href", "https://www.12315.cn")
    expect(link).to_have_attribute("rel", "noopener noreferrer")
