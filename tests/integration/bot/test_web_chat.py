"""The citizen's page over HTTP: exactly once, the conversation survives, files are one's own."""

from __future__ import annotations

import asyncio
import json

import sqlalchemy as sa

from bot.bootstrap import App
from bot.db import tables as t
from tests.integration.bot.browser import open_page
from tests.integration.bot.test_media import jpeg

REPORT = "举报薛家镇顺发豆制品作坊用工业石膏做豆腐，没有执照"


async def count(app: App, table: sa.Table) -> int:
    async with app.database.read() as connection:
        return int(
            (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
        )


async def test_a_report_is_filed_and_receipted(app: App) -> None:
    async with open_page(app) as page:
        answers = await page.say(REPORT)
    text = answers[-1]["text"]
    assert "SA20261123-0001" in text
    assert "区市场监管局" in text
    assert "不等于" in text  # the legal notice
    assert await count(app, t.tickets) == 1


async def test_a_message_posted_twice_counts_once(app: App) -> None:
    async with open_page(app) as page:
        body = {"client_id": "same-id-0001", "text": REPORT}
        first = await page.http.post("/api/chat/messages", json=body)
        second = await page.http.post("/api/chat/messages", json=body)
        assert first.json() == {"accepted": True, "duplicate": False}
        assert second.json() == {"accepted": True, "duplicate": True}
        await page.work()
        said = [m for m in await page.history() if m["from"] == "citizen"]
    assert len(said) == 1
    assert await count(app, t.tickets) == 1


async def test_an_accepted_message_is_in_the_history_at_once(app: App) -> None:
    async with open_page(app) as page:
        await page.post("你好")
        history = await page.history()
    assert [(m["from"], m["text"], m["client_id"]) for m in history] == [
        ("citizen", "你好", "client-0000")
    ]


async def test_a_second_citizen_sees_nothing_of_the_first(app: App) -> None:
    async with open_page(app) as anna, open_page(app) as bert:
        await anna.say(REPORT)
        assert await bert.history() == []


async def test_without_a_session_nothing_is_shown_or_taken(app: App) -> None:
    async with open_page(app) as page:
        page.http.cookies.clear()
        assert (await page.http.get("/api/chat/history")).status_code == 401
        assert (await page.post("你好")).status_code == 401


async def test_photos_go_with_the_message(app: App) -> None:
    async with open_page(app) as page:
        files = {"file": ("a.jpg", jpeg(), "image/jpeg")}
        stored = await page.http.post(
            "/api/chat/attachments", files=files, data={"client_id": "photo-1"}
        )
        assert stored.status_code == 201
        await page.say(REPORT, attachments=[stored.json()["id"]])
        shown = await page.http.get(stored.json()["url"])
        assert shown.headers["content-type"] == "image/jpeg"
        assert b"SecretCamera" not in shown.content
    async with app.database.read() as connection:
        row = (await connection.execute(sa.select(t.attachments))).one()
    assert row.ticket_number == "SA20261123-0001"


async def test_what_is_no_photo_is_refused_in_chinese(app: App) -> None:
    async with open_page(app) as page:
        files = {"file": ("a.jpg", b"PK\x03\x04 not a photo", "image/jpeg")}
        answer = await page.http.post(
            "/api/chat/attachments", files=files, data={"client_id": "photo-1"}
        )
    assert answer.status_code == 415
    assert "图片" in answer.json()["error"]


async def test_the_stream_starts_after_the_last_message_seen(app: App) -> None:
    async with open_page(app) as page:
        await page.say("你好")
        newest = (await page.http.get("/api/chat/history")).json()["last_event_id"]
        address = (await rows(app))[0].address
        stream = app.mailbox.stream(address, newest)
        waiting = asyncio.ensure_future(anext(stream))
        await page.say("谢谢")
        message = await asyncio.wait_for(waiting, 5)
        await stream.aclose()
    assert message is not None
    assert "不客气" in message["text"]


async def test_an_address_does_not_reveal_the_session(app: App) -> None:
    async with open_page(app) as page:
        await page.say("你好")
        token = page.http.cookies["shian_chat"]
    assert token not in json.dumps([tuple(map(str, row)) for row in await rows(app)])


async def test_what_citizens_write_is_sealed_on_disk(app: App) -> None:
    async with open_page(app) as page:
        await page.say("我叫李明轩，电话13800001234，查一下进度")
    await app.database.close()
    raw = b"".join(p.read_bytes() for p in app.settings.data.glob("shian.db*"))
    assert "李明轩".encode() not in raw
    assert b"13800001234" not in raw


async def test_the_page_carries_strict_headers(app: App) -> None:
    async with open_page(app) as page:
        headers = (await page.http.get("/")).headers
    assert "default-src 'self'" in headers["content-security-policy"]
    assert "unsafe-inline" not in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"


async def test_script_choice_is_kept(app: App) -> None:
    async with open_page(app) as page:
        assert (
            await page.http.post("/api/chat/locale", json={"locale": "zh-Hant"})
        ).status_code == 204
        assert 'lang="zh-Hant"' in (await page.http.get("/")).text
        answers = await page.say("你好")
    assert "您可以直接用自己的話" in answers[0]["text"]


async def test_a_flood_is_slowed_down(app: App) -> None:
    async with open_page(app) as page:
        codes = [(await page.post(f"你好{n}")).status_code for n in range(45)]
    assert codes[:40] == [202] * 40
    assert set(codes[40:]) == {429}


async def rows(app: App) -> list[sa.Row[tuple[object, ...]]]:
    async with app.database.read() as connection:
        return list((await connection.execute(sa.select(t.citizens))).all())
