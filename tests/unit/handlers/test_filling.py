"""Taking facts from words, and telling an answer from something else."""

from __future__ import annotations

from datetime import datetime

import pytest

from bot.clock import SHANGHAI
from handlers.dialog import Draft
from handlers.filling import (
    absorb,
    answer_for,
    facts_in,
    home_in,
    name_in,
    phone_in,
    said_name,
    take_facts,
)
from handlers.fitting import answers, doubts_in
from nlu.understanding import Entity, Understanding

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)


def heard(
    text: str = "", *entities: tuple[str, str] | tuple[str, str, str], **labels: object
) -> Understanding:
    made = []
    for kind, span, *value in entities:
        start = text.index(span)
        made.append(Entity(kind, span, start, start + len(span), value[0] if value else None))
    return Understanding(intent="complaint", entities=tuple(made), **labels)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "phone"),
    [
        ("我的电话13812345678", "13812345678"),
        ("138 1234 5678", "13812345678"),
        ("138-1234-5678", "13812345678"),
        ("0519-85123456", "051985123456"),
        ("12345", None),
        ("订单号138123456789012", None),
        ("", None),
    ],
)
def test_phone(text: str, phone: str | None) -> None:
    assert phone_in(text) == phone


@pytest.mark.parametrize(
    ("text", "home"),
    [
        ("我住河海街道锦绣花园3幢501", "河海街道锦绣花园3幢501"),
        ("通讯地址：太湖路8号", "太湖路8号"),
        ("店铺地址是太湖路8号", None),
        ("地址是太湖路8号", None),
    ],
)
def test_home(text: str, home: str | None) -> None:
    assert home_in(text) == home


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("我叫王丽，电话13812345678", "王丽"),
        ("姓名：李小龙", "李小龙"),
        ("张伟 13900001111", "张伟"),
        ("13900001111 张伟", "张伟"),
        ("打我电话13900001111", None),
        ("店主叫老王", None),
    ],
)
def test_said_name(text: str, name: str | None) -> None:
    assert said_name(text) == name


@pytest.mark.parametrize(
    ("text", "name"),
    [("李明", "李明"), ("我叫李明", "李明"), ("我姓欧阳", "欧阳"), ("123", None), ("x" * 30, None)],
)
def test_name_in_an_answer(text: str, name: str | None) -> None:
    assert name_in(text, heard()) == name


def test_the_shop_s_address_is_not_the_citizen_s_home() -> None:
    text = "我家住在锦绣花园3幢，店在太湖路8号"
    found = facts_in(text, heard(text, ("address", "锦绣花园3幢")))
    assert found["contact_address"] == "锦绣花园3幢"
    assert "address" not in found


def test_what_was_said_first_stays_unless_named_more_exactly() -> None:
    draft = Draft("report", facts={"address": "河海路", "event_time": "昨天"})
    take_facts(draft, {"address": "河海路88号", "event_time": "前天"})
    assert draft.facts == {"address": "河海路88号", "event_time": "昨天"}


def test_a_time_alone_is_a_time_without_the_engine_s_help() -> None:
    for text in ("昨天", "上个礼拜吧", "11月20日晚上", "前天中午", "就是昨天晚上"):
        assert facts_in(text, heard())["event_time"] == text
    assert "event_time" not in facts_in("昨天的面包发霉了", heard())


def test_patient_only_beside_a_symptom() -> None:
    assert "patient" not in facts_in("我儿子买的面包", heard())
    text = "我儿子拉肚子"
    assert facts_in(text, heard(text, ("symptom", "拉肚子")))["patient"] == "孩子"


@pytest.mark.parametrize(
    ("slot", "text", "entities", "fits"),
    [
        ("event_time", "昨天", (), True),
        ("event_time", "三天前", (), True),
        ("event_time", "河海路88号", (("address", "河海路88号"),), False),
        ("event_time", "你们真慢", (), False),
        ("merchant", "昨天晚上", (), False),
        ("merchant", "我叫王丽", (), False),
        ("merchant", "河海路那家面馆", (("address", "河海路"),), True),
        ("merchant", "张记面馆", (("merchant", "张记面馆"),), True),
        ("address", "万达广场", (("merchant", "万达广场"),), True),
        ("address", "13900001111", (), False),
        ("place", "三井菜场", (("merchant", "三井菜场"),), True),
        ("people", "3个人", (), True),
        ("people", "就我一个", (), True),
        ("people", "5", (), True),
        ("people", "不好说", (), False),
        ("people", "已经打了120了", (), False),
        ("patient", "我妈", (), True),
        ("patient", "早上在家吃的鸡蛋，昨天都是在食堂吃的", (), False),
        ("contact_address", "谢谢", (), False),
        ("contact_address", "锦绣花园3幢501", (), True),
        ("contact_address", "张伟", (), False),
        ("demand", "上个礼拜吧", (), False),
        ("demand", "给个说法", (), True),
        ("meals", "昨天中午食堂，晚上在老渔村", (), True),
        ("demand", "你好", (), False),
    ],
)
def test_answers(slot: str, text: str, entities: tuple[tuple[str, str], ...], fits: bool) -> None:
    assert answers(slot, text, heard(text, *entities)) is fits


@pytest.mark.parametrize(
    ("text", "entities", "doubts"),
    [
        ("有10亿人拉肚子", (), {"people"}),
        ("1000000000人", (), {"people"}),
        ("99999个", (("people", "99999个", "99999"),), {"people"}),
        ("300个学生", (("people", "300个", "300"),), set()),
        ("明年三月", (("event_time", "三月", "2026-03"),), {"event_time"}),
        ("2027年1月1日", (("event_time", "2027年1月1日", "2027-01-01"),), {"event_time"}),
        ("昨天买的，明天过期", (("event_time", "昨天", "2026-11-22"),), set()),
        ("今天中午", (("event_time", "今天中午", "2026-11-23T12:00:00+08:00"),), set()),
    ],
)
def test_doubts(text: str, entities: tuple[tuple[str, str, str], ...], doubts: set[str]) -> None:
    assert doubts_in(text, heard(text, *entities), NOW) == doubts


def test_severity_only_rises_and_blanks_are_filled() -> None:
    draft = Draft("complaint")
    absorb(draft, "1", "肚子疼", heard("肚子疼", severity="illness", venue="restaurant"))
    absorb(draft, "2", "没事", heard("没事", severity="normal", venue="school", stage="catering"))
    assert draft.labels["severity"] == "illness"
    assert (draft.labels["venue"], draft.labels["stage"]) == ("restaurant", "catering")


def test_answer_is_the_entity_else_the_words() -> None:
    text = "就是那个张记面馆"
    assert answer_for("merchant", text, heard(text, ("merchant", "张记面馆"))) == "张记面馆"
    assert answer_for("merchant", text, heard(text)) == text
    assert answer_for("phone", "没有", heard()) is None
