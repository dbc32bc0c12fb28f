"""Publicity staff in the console: written, shown as citizens see it, approved, sent, counted."""

from __future__ import annotations

import io
import zipfile

import sqlalchemy as sa
from PIL import Image

from bot.db.campaign_tables import deliveries
from handlers.campaigns.ports import Subscription
from tests.integration.console.office import OFFICE, VERSION, Browser, Office

FORM = {
    "title": "夏季提示", "kind": "text", "text": "剩菜两小时内进冰箱。", "other": "剩菜放凉就进冰箱。",
    "topic-tips": "1", "late_hours": "24", "policy": "at_least_once",
}  # fmt: skip


async def subscribe(office: Office, count: int) -> None:
    async with office.app.units_of_work() as work:
        for n in range(count):
            citizen = await work.citizens.get_or_add(
                "web", f"page{n}", "zh-Hant" if n else "zh-Hans"
            )
            held = Subscription(citizen.id, True, frozenset({"tips"}))
            await work.subscriptions.keep(held, office.app.clock.now())
        await work.commit()


async def step(browser: Browser, number: str, name: str, **form: str) -> Browser:
    await browser.get(f"/campaigns/{number}")
    found = VERSION.search(browser.response.text)
    return await browser.submit(
        f"/campaigns/{number}/{name}", version=found[1] if found else "0", **form
    )


async def test_from_draft_to_results(office: Office) -> None:
    await subscribe(office, 4)
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/campaigns")
    assert "还没有宣传活动" in writer.text
    await writer.get("/campaigns/new")
    await writer.submit("/campaigns", **FORM)
    assert writer.status == 303, writer.text
    number = writer.where.rsplit("/", 1)[1]
    await writer.get(f"/campaigns/{number}")
    assert "剩菜两小时内进冰箱" in writer.text and "剩菜兩小時內進冰箱" in writer.text
    assert "有 4 人" in writer.text and "审核通过" not in writer.text
    reader = await office.at_work("shen", "reviewer", OFFICE)
    await step(reader, number, "approve")
    assert reader.status == 303
    await step(writer, number, "schedule", due="2020-01-01T08:00")
    assert writer.status == 422 and "时间已经过了" in writer.text
    await step(writer, number, "schedule")
    from handlers.campaigns import actions

    assert await actions.start_due(office.app.services) == 1
    await office.app.broadcaster.drain()
    await writer.get(f"/campaigns/{number}")
    assert "已发完" in writer.text and "已送达" in writer.text
    await writer.get(f"/campaigns/{number}/results.csv")
    assert "A,已送达,2" in writer.response.content.decode("utf-8-sig")
    await writer.get(f"/campaigns/{number}/results.xlsx")
    names = zipfile.ZipFile(io.BytesIO(writer.response.content)).namelist()
    assert "xl/worksheets/sheet1.xml" in names and "xl/charts/chart1.xml" in names
    async with office.app.database.read() as connection:
        assert await connection.scalar(sa.select(sa.func.count()).select_from(deliveries)) == 4


async def test_what_is_refused_keeps_what_was_typed(office: Office) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/campaigns/new")
    await writer.submit("/campaigns", **{**FORM, "text": "<b>举报一定有奖金</b>"})
    assert writer.status == 422
    assert "网页或排版代码" in writer.text and "红线" in writer.text
    assert "举报一定有奖金" in writer.text and "夏季提示" in writer.text
    await writer.submit("/campaigns", **{**FORM, "due": "明天"})
    assert writer.status == 422 or writer.status == 400
    await writer.submit("/campaigns", **{k: v for k, v in FORM.items() if k != "topic-tips"})
    assert "没有选发给谁" in writer.text


async def test_others_do_not_write_and_officers_do_not_look(office: Office) -> None:
    officer = await office.at_work("zhang", "officer", "scjg")
    await officer.get("/campaigns")
    assert officer.status == 404
    reader = await office.at_work("shen", "reviewer", OFFICE)
    await reader.get("/campaigns/new")
    assert reader.status == 403


async def test_a_picture_is_cleaned_and_a_broken_one_refused(office: Office) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/campaigns/new")
    await writer.submit("/campaigns", **FORM)
    number = writer.where.rsplit("/", 1)[1]
    await writer.get(f"/campaigns/{number}")
    good = io.BytesIO()
    Image.new("RGB", (40, 30), "green").save(good, "PNG")
    for data, status in ((b"no picture", 422), (good.getvalue(), 303)):
        await writer.get(f"/campaigns/{number}")
        found = VERSION.search(writer.response.text)
        assert found
        form = {"csrf": writer.csrf, "version": found[1]}
        writer.response = await writer.client.post(
            f"/console/campaigns/{number}/picture",
            data=form,
            files={"upload": ("a.png", data, "image/png")},
        )
        assert writer.status == status
    await writer.get(f"/campaigns/{number}")
    assert "/api/chat/pictures/" in writer.text


async def test_the_count_is_live(office: Office) -> None:
    await subscribe(office, 3)
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/campaigns/count?topic-tips=1&locale-zh-Hant=1")
    assert "2 人" in writer.response.json()["text"]
    await writer.get("/campaigns/count")
    assert "0 人" in writer.response.json()["text"]


async def test_a_series_becomes_a_draft_a_day(office: Office) -> None:
    writer = await office.at_work("xuan", "publicist", OFFICE)
    await writer.get("/campaigns/new?set=season-summer&title=宣传周")
    assert "夏季食品安全提示" in writer.text
    series = {"kind": "series", "set": "season-summer", "due": "2026-12-01T09:30"}
    await writer.submit("/campaigns", **{**FORM, **series})
    assert writer.status == 303, writer.text
    await writer.get("/campaigns")
    assert "夏季提示 1/" in writer.text and "2026-12-02 09:30" in writer.text
