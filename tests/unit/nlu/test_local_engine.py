from __future__ import annotations

import subprocess
import sys
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nlu.engines.local import LocalEngine
from nlu.taxonomy import Taxonomy
from nlu.understanding import Understanding

NASTY = [
    "",
    " ",
    "\n\n",
    "。。。",
    "😭😭😭",
    "\x00\x01\x02",
    "\u202e\u202d\u2066",
    "\ud800",
    "\udfff\ud800",
    "\u200b" * 1_000,
    "哈" * 1_000_000,
    "A" * 100_000,
    "1" * 50_000,
    "<script>alert(1)</script>",
    "'; DROP TABLE ticket; --",
    "${jndi:ldap://x}",
    "\u0301" * 500,
    "ﷺ" * 300,
    "👨‍👩‍👧‍👦" * 50,
    "مرحبا بالعالم",
    "𠮷野家" * 3,
    "\r\n\t",
    "投诉\x00投诉",
    "%s%s%n",
    "İıſ" * 20,
]


def check(understood: Understanding, text: str, taxonomy: Taxonomy) -> None:
    assert taxonomy.has("intent", understood.intent)
    assert taxonomy.has("severity", understood.severity)
    for task in ("stage", "venue", "product"):
        label = getattr(understood, task)
        assert label is None or taxonomy.has(task, label)
    assert all(taxonomy.has("hazard", hazard) for hazard in understood.hazards)
    assert 0 <= understood.confidence <= 1
    for entity in understood.entities:
        assert text[entity.start : entity.end] == entity.text != ""
    for evidence in understood.evidence:
        assert text[evidence.start : evidence.end] == evidence.text != ""


@pytest.mark.parametrize("text", NASTY, ids=[f"{i:02}" for i in range(len(NASTY))])
def test_nasty_input(engine: LocalEngine, taxonomy: Taxonomy, now: datetime, text: str) -> None:
    check(engine.understand(text, now), text, taxonomy)


@pytest.mark.parametrize("text", ["", "   ", "。。。", "😭", "\ud800", "\u200b\u200b", "？？？"])
def test_nothing_said(engine: LocalEngine, now: datetime, text: str) -> None:
    understood = engine.understand(text, now)
    assert understood.intent in {"smalltalk", "out_of_scope"}
    assert understood.abstained


@settings(max_examples=60, deadline=None)
@given(text=st.text(alphabet=st.characters(), max_size=120))
def test_any_string(engine: LocalEngine, taxonomy: Taxonomy, text: str) -> None:
    check(engine.understand(text, datetime.fromisoformat("2026-11-23T12:00+08:00")), text, taxonomy)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("我要投诉，昨晚在王记烧鸡店买的烧鸡发臭，老板不肯退钱，请帮我退款", "complaint"),
        ("举报城南一家黑作坊，天天半夜用工业硫磺熏竹笋，请你们去查", "report"),
        ("办食品经营许可证需要什么材料，找哪个窗口？", "consult"),
        ("剩菜在冰箱里放了两天还能吃吗", "ask_tip"),
        ("退订，别再给我推送了", "unsubscribe"),
        ("转人工", "human"),
        ("我上周的投诉处理到哪一步了", "track"),
    ],
)
def test_plain_cases(engine: LocalEngine, now: datetime, text: str, intent: str) -> None:
    assert engine.understand(text, now).intent == intent


def test_traditional_full_width_and_hidden_characters_change_nothing(
    engine: LocalEngine, now: datetime
) -> None:
    plain = engine.understand("我要投诉,王记烧鸡店的烧鸡发臭,不肯退钱,电话13812345678", now)
    odd = "我要投訴，王記燒雞店的燒雞\u200b發臭，不肯退錢，電話１３８１２３４５６７８"
    other = engine.understand(odd, now)
    assert (other.intent, other.hazards, other.venue) == (plain.intent, plain.hazards, plain.venue)
    phone = other.first("phone")
    assert phone is not None
    assert (phone.text, phone.value) == ("１３８１２３４５６７８", "13812345678")
    assert odd[phone.start : phone.end] == phone.text


def test_a_poisoning_is_urgent_and_says_why(engine: LocalEngine, now: datetime) -> None:
    text = "昨晚在蜀香渔火锅聚餐，六个人里四个今早开始上吐下泻"
    understood = engine.understand(text, now)
    assert understood.severity == "urgent"
    assert any(e.task == "severity" for e in understood.evidence)
    assert "illness" in understood.hazards


def test_many_people_without_a_sign_of_illness_are_no_emergency(
    engine: LocalEngine, now: datetime
) -> None:
    understood = engine.understand("工地欠我们十二个人工资", now)
    assert (understood.intent, understood.severity) == ("out_of_scope", "normal")
    assert "illness" not in understood.hazards


def test_a_letter_that_may_be_no_food_is_asked_about(engine: LocalEngine, now: datetime) -> None:
    letter = (
        "领导您好，我们这里的事情反映了很多次都没有人管，希望你们派人来看一看，给大家一个答复。"
    )
    assert engine.understand(letter, now).abstained
    about_food = (
        "领导您好，我们小区门口的卤肉店用发臭的猪头肉，反映了很多次没有人管，希望你们查一查。"
    )
    assert not engine.understand(about_food, now).abstained


def test_run_time_needs_no_training_library() -> None:
    program = (
        "import sys; import nlu.engines.local; "
        "print([m for m in ('sklearn', 'scipy', 'jieba') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"
