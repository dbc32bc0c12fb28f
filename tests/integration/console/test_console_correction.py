"""An officer's correction: on the page, in the row, and from the row into the next training."""

from __future__ import annotations

import asyncio
import shutil
from datetime import datetime
from pathlib import Path

import pytest

from bot import learning
from bot.db import tables as t
from bot.learning import Lessons, lessons_in
from bot.settings import Settings
from handlers.ports import Identity
from nlu.engines import promotion
from nlu.engines.registry import cards
from nlu.engines.store import stored_version
from nlu.evaluation.guard import HeldOutGuard
from nlu.understanding import Understanding
from tests.integration.console.office import HEALTH, MARKET, OFFICE, Browser, Deaf, Office
from tests.small_models import Trainer

STORY = "好味道饭店的菜里有虫，我叫王小明，住河东街5号，电话〔电话已隐去〕"


async def desk(office: Office) -> Browser:
    return await office.at_work("fen", "supervisor", OFFICE)


async def test_a_correction_changes_the_labels_and_leaves_a_row(office: Office) -> None:
    number = await office.file()
    await office.change(
        number, labels={"stage": "catering", "hazards": ["foreign_object"], "engine": "local",
                        "model_version": "abc", "heard": "complaint", "evidence": []},
    )  # fmt: skip
    browser = await desk(office)
    page = (await browser.get(f"/tickets/{number}")).text
    assert '<option value="complaint" selected>投诉</option>' in page
    assert 'name="hazard.foreign_object" value="1" checked' in page
    form = {"intent": "report", "hazard.spoiled": "1", "hazard.unhygienic": "1"}
    await browser.do(number, "correct", text="只反映问题，没有要求退款", **form)
    assert (browser.status, browser.where) == (303, f"/console/tickets/{number}?done=correct")
    page = (await browser.get(f"/tickets/{number}?done=correct")).text
    for words in ("更正已保存", "投诉（异物） → 举报（变质、不卫生）", "只反映问题", "单位内部"):
        assert words in page, words
    ticket = await office.load(number)
    assert (ticket.kind, ticket.state, ticket.lead) == ("complaint", "dispatched", MARKET)
    assert ticket.labels["heard"] == "report"
    assert ticket.labels["hazards"] == ["spoiled", "unhygienic"]
    (row,) = await office.rows(t.corrections)
    assert row["before"] == {"intent": "complaint", "hazards": ["foreign_object"]}
    assert row["after"] == {"intent": "report", "hazards": ["spoiled", "unhygienic"]}
    assert (row["staff"], row["model_version"], row["subject"]) == ("fen", "abc", "labels")
    assert row["at"] == office.clock.now()
    assert row["labels"] == {
        "severity": "normal", "stage": "catering", "venue": None, "product": None,
    }  # fmt: skip
    assert await office.rows(t.outbox) == []


async def test_a_repeat_replaces_the_row_and_keeps_what_was_wrong_first(office: Office) -> None:
    number = await office.file()
    browser = await desk(office)
    await browser.do(number, "correct", text="一", intent="report")
    office.wait(hours=1)
    await browser.do(number, "correct", text="二", intent="consult", **{"hazard.label": "1"})
    (row,) = await office.rows(t.corrections)
    assert row["before"] == {"intent": "complaint", "hazards": ["foreign_object"]}
    assert row["after"] == {"intent": "consult", "hazards": ["label"]}
    assert (row["reason"], row["at"]) == ("二", office.clock.now())


async def test_nothing_of_a_sealed_identity_gets_into_the_row(office: Office) -> None:
    number = await office.file(STORY)
    async with office.app.units_of_work() as work:
        ticket = await work.tickets.get(number)
        who = Identity("王小明", "13800001234", "", "河东街5号")
        ticket.identity_id = await work.vault.put(ticket.citizen_id, who, office.clock.now())
        await work.tickets.save(ticket)
        await work.commit()
    browser = await desk(office)
    await browser.do(number, "correct", text="王小明说是举报，13800001234", intent="report")
    await browser.do(number, "transfer", unit=HEALTH, text="王小明来过电话")
    rows = await office.rows(t.corrections)
    assert {row["subject"] for row in rows} == {"labels", "unit"}
    for row in rows:
        told = f"{row['text']} {row['reason']}"
        assert not [w for w in ("王小明", "13800001234", "河东街5号") if w in told]
        assert "菜里有虫" in row["text"]


async def test_handing_on_keeps_the_unit_beside_the_first_one(office: Office) -> None:
    number = await office.file()
    officer = await office.at_work("li", "officer", MARKET)
    await officer.do(number, "return", text="不归我们")
    browser = await desk(office)
    await browser.do(number, "dispatch", unit=HEALTH, text="")
    second = await office.at_work("hu", "officer", HEALTH)
    await second.do(number, "transfer", unit=MARKET, text="没有病人")
    (row,) = await office.rows(t.corrections)
    assert row["subject"] == "unit"
    assert row["before"] == {"unit": MARKET, "duty": "hd-002", "abstained": False}
    assert (row["after"], row["reason"], row["staff"]) == ({"unit": MARKET}, "没有病人", "hu")


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"intent": "report", "text": " "}, "请写明内容"),
        ({"intent": "flying", "text": "我写的原因"}, "不在可选范围"),
        ({"intent": "report", "hazard.flying": "1", "text": "我写的原因"}, "不在可选范围"),
        ({"text": "我写的原因"}, "不在可选范围"),
        ({"intent": "complaint", "hazard.foreign_object": "1", "text": "同"}, "没有需要更正"),
    ],
)
async def test_refusals_leave_no_row(office: Office, form: dict[str, str], words: str) -> None:
    number = await office.file()
    browser = await desk(office)
    await browser.do(number, "correct", **form)
    assert browser.status == 422
    assert words in browser.text
    assert form["text"].strip() in browser.text
    assert await office.rows(t.corrections) == []
    assert (await office.load(number)).version == 0


async def test_what_was_chosen_is_still_there_after_a_refusal(office: Office) -> None:
    number = await office.file()
    browser = await desk(office)
    await browser.do(number, "correct", intent="report", text=" ", **{"hazard.label": "1"})
    assert '<option value="report" selected>举报</option>' in browser.text
    assert 'name="hazard.label" value="1" checked' in browser.text
    assert 'name="hazard.foreign_object" value="1">' in browser.text


async def test_only_those_who_dispatch_may_correct(office: Office) -> None:
    number = await office.file()
    officer = await office.at_work("li", "officer", MARKET)
    assert f"/tickets/{number}/correct" not in (await officer.get(f"/tickets/{number}")).text
    await officer.submit(f"/tickets/{number}/correct", version="0", intent="report", text="想改")
    assert officer.status == 403
    at_desk = await office.file(lead=OFFICE)
    triage = await office.at_work("zhao", "triage", OFFICE)
    await triage.do(at_desk, "correct", intent="report", text="看过原件")
    assert triage.status == 303


@pytest.fixture
def models(tmp_path: Path, small_training: Path) -> Path:
    return tmp_path / "models"


@pytest.fixture
def settings(office: Office, small_training: Path, models: Path) -> Settings:
    return Settings(data=office.app.settings.data, training=small_training, models=models)


async def test_the_next_training_learns_it(
    office: Office,
    settings: Settings,
    small_model: Path,
    small_examination: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(promotion, "heldout_dir", lambda: small_examination)
    number, other = await office.file(STORY), await office.file("炒饭里吃出钢丝")
    browser = await desk(office)
    await browser.do(number, "correct", text="是举报", intent="report", **{"hazard.label": "1"})
    await browser.do(other, "transfer", unit=HEALTH, text="涉及病人")
    trainer = Trainer(small_model)
    shutil.copytree(small_model, settings.models)
    run = asyncio.to_thread(learning.train, settings, with_corrections=True, trainer=trainer)
    assert await run == 0
    ((lesson,),) = trainer.taught
    assert (lesson.intent, lesson.hazards, lesson.stage) == ("report", ("label",), "catering")
    assert lesson.text == "好味道饭店的菜里有虫，我叫王小明，住河东街5号，电话"
    assert all(lesson.text[e.start : e.end] == e.text for e in lesson.entities)
    card = cards(settings.models)[0]
    assert (card.corrections, card.promoted) == (1, True)
    assert card.version == stored_version(settings.models)
    said = capsys.readouterr().out
    assert "1 条用于训练" in said
    assert "改派单位 1 条" in said
    assert f"已启用 {card.version}" in said


async def test_without_a_database_there_is_a_remedy(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    away = settings.model_copy(update={"data": tmp_path / "away"})
    assert await asyncio.to_thread(learning.train, away, with_corrections=True) == 1
    assert "没有数据库" in capsys.readouterr().out
    assert not (tmp_path / "away").exists()


def row(text: str, **changes: object) -> dict[str, object]:
    labels = {"severity": "normal", "stage": None, "venue": None, "product": None}
    after = {"intent": "report", "hazards": ["label"]}
    return {"id": 1, "subject": "labels", "text": text, "labels": labels, "after": after, **changes}


def taught(*rows: dict[str, object]) -> Lessons:
    class Reader(Deaf):
        def understand(self, text: str, now: datetime) -> Understanding:
            return Understanding("smalltalk")

    guard = HeldOutGuard(["家里来客人，去切卤鹅，牌子上明明写的38一斤，称的时候却说68"])
    return lessons_in(rows, Reader(), guard, datetime.now().astimezone())


def test_what_resembles_the_examination_is_counted_and_not_learned() -> None:
    held_out = row("家里来客人去切卤鹅，牌子上明明写的48一斤，称的时候却说78！")
    lessons = taught(held_out, row("别的事情：酱油标签写错"), row("", subject="unit"))
    assert [e.text for e in lessons.examples] == ["别的事情：酱油标签写错"]
    assert (lessons.refused, lessons.unusable, lessons.units) == (1, 0, 1)


def test_what_cannot_be_learned_is_counted() -> None:
    gone = {"intent": "report", "hazards": ["flying"]}
    lessons = taught(row("酱油标签写错", after=gone), row("〔电话已隐去〕，"))
    assert (list(lessons.examples), lessons.unusable) == ([], 2)


def test_of_the_same_words_the_newest_correction_counts() -> None:
    newer = row("酱油标签写错", after={"intent": "consult", "hazards": []})
    lessons = taught(row("酱油标签写错"), newer)
    assert [e.intent for e in lessons.examples] == ["consult"]
