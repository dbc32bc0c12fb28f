"""The library's rules: what is live, and what `shian check` refuses."""

from __future__ import annotations

import shutil
from datetime import date
from pathlib import Path

import pytest

from content.errors import ContentError
from content.library import expired, load_library
from handlers.wording import findings

ITEMS = """schema_version: 1
items:
- id: rumour-060
  topic: 60
  kind: rumour
  title: 紫菜是塑料做的
  claim: 紫菜是塑料做的
  verdict: "false"
  short: 紫菜泡水会变软，一扯就断，塑料不吸水；涉事企业的抽检没有发现塑料。
  long: 紫菜泡水会变软，一扯就断，塑料不吸水；涉事企业的抽检没有发现塑料。
  audience: [everyone]
  season: []
  region: all
  source: {grade: C, issuer: 某中心, title: 某文, date: "2017", url: null}
  reviewer: null
  review_by: 2027-03-31
  asks: [一, 二, 三, 四, 五, 六]
"""
SETS = """schema_version: 1
sets:
- {id: s, title: 一组, intro: 一句友好的话。, audience: [everyone], season: null, items: [rumour-060]}
"""
TODAY = date(2026, 11, 24)


def folder(tmp_path: Path, items: str = ITEMS, sets: str = SETS) -> Path:
    (tmp_path / "rumours").mkdir()
    (tmp_path / "rumours" / "r.yml").write_text(items, encoding="utf-8")
    (tmp_path / "sets.yml").write_text(sets, encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize(
    ("old", "new", "live"),
    [
        ("", "", False),  # grade C, unsigned
        ("reviewer: null", "reviewer: 李审核", True),
        ("grade: C", "grade: B", True),
        ("grade: C", "grade: A", True),
    ],
)
def test_grade_or_signature_makes_an_item_live(
    tmp_path: Path, old: str, new: str, live: bool
) -> None:
    library = load_library(folder(tmp_path, ITEMS.replace(old, new)))
    assert bool(library.live(TODAY)) == live
    assert bool(library.live_of("s", TODAY)) == live


def test_what_is_past_its_review_is_neither_taught_nor_passed_over(tmp_path: Path) -> None:
    library = load_library(folder(tmp_path, ITEMS.replace("grade: C", "grade: A")))
    last, after = date(2027, 3, 31), date(2027, 4, 1)
    assert library.live(last) and not library.live(after)
    assert not list(expired(library, tmp_path, last))
    assert "rumour-060" in str(*expired(library, tmp_path, after))


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("  source: {grade: C, issuer: 某中心, title: 某文, date: \"2017\", url: null}\n", "", "source"),
        ("issuer: 某中心", "issuer: ''", "issuer"),
        ("grade: C", "grade: U", "grade"),
        (
            'date: "2017", url: null}\n  reviewer: null',
            "date: null, url: null}\n  reviewer: 李审核",
            "nobody knows when",
        ),
        ('date: "2017"', 'date: "去年"', "date"),
        ('  verdict: "false"\n', "", "without claim or verdict"),
        ("review_by: 2027-03-31", "review_by: bald", "review_by"),
        ("topic: 60", "topic: 61", "topic 61"),
        ("asks: [一, 二, 三, 四, 五, 六]", "asks: [一, 一, 三, 四, 五, 六]", "asking stands twice"),
        ("asks: [一, 二, 三, 四, 五, 六]", "asks: [一]", "asks"),
        ("short: 紫菜", "short: 紫菜" + "长" * 160, "short"),
    ],
)  # fmt: skip
def test_a_bad_item_is_refused_with_its_line(tmp_path: Path, old: str, new: str, told: str) -> None:
    assert old in ITEMS
    with pytest.raises(ContentError, match=told) as caught:
        load_library(folder(tmp_path, ITEMS.replace(old, new)))
    assert caught.value.problems[0].line >= 3


def test_a_set_names_items_that_exist(tmp_path: Path) -> None:
    with pytest.raises(ContentError, match="no item tip-099"):
        load_library(folder(tmp_path, sets=SETS.replace("rumour-060", "tip-099")))


EMERGENCY = {13, 18, 19, 20, 21, 23, 49}
WITHOUT_SOURCE = {12, 15, 28}


def test_every_topic_with_a_source_has_an_item_and_no_other() -> None:
    items = load_library(Path("content")).items.values()
    assert {item.topic for item in items} == set(range(1, 73)) - WITHOUT_SOURCE
    assert {item.topic for item in items if item.emergency} == EMERGENCY


def test_what_ships_crosses_no_red_line_and_waits_for_its_reviewer() -> None:
    items = load_library(Path("content")).items.values()
    assert not [item.id for item in items if findings(item.short + item.long)]
    assert {item.source.grade for item in items if item.live(TODAY)} == {"A", "B"}
    assert all(item.source.issuer and item.reviewer is None for item in items)


def test_every_set_has_something_to_show_before_anybody_signs() -> None:
    library = load_library(Path("content"))
    assert len(library.sets) == 16
    assert all(len(library.live_of(name, TODAY)) >= 3 for name in library.sets)


def test_a_question_is_either_answered_or_not(tmp_path: Path) -> None:
    for part in ("tips", "rumours"):
        shutil.copytree(Path("content") / part, tmp_path / part)
    shutil.copy("content/sets.yml", tmp_path / "sets.yml")
    ask = load_library(Path("content")).items["tip-014"].asks[0]
    text = f"schema_version: 1\nquestions:\n- {ask}\n"
    (tmp_path / "unanswered.yml").write_text(text, encoding="utf-8")
    with pytest.raises(ContentError, match="tip-014 answers it"):
        load_library(tmp_path)
