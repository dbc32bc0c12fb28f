"""What a reviewer's word does to an item."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from content.library import load_library
from handlers.knowledge.reviewing import standing
from handlers.ports import ItemReview

ITEM = load_library(Path("content")).items["tip-013"]
AT = datetime.fromisoformat("2026-11-24T10:00:00+08:00")


def review(state: str, digest: str = ITEM.digest) -> ItemReview:
    return ItemReview(ITEM.id, digest, state, "lin", "林医生（示例）", "", AT)


def test_signed_it_is_live_and_names_its_reviewer() -> None:
    signed = standing(ITEM, review("signed"))
    assert signed is not None
    assert signed.live(AT.date())
    assert signed.reviewer == "林医生（示例）"


def test_a_signature_on_another_text_counts_for_nothing() -> None:
    changed = replace(ITEM, long=ITEM.long + "改")
    assert changed.digest != ITEM.digest
    assert standing(changed, review("signed")) == changed


def test_pulled_it_is_gone_whatever_was_changed() -> None:
    assert standing(ITEM, review("pulled")) is None
    assert standing(ITEM, review("pulled", "older")) is None
    assert standing(ITEM, None) == ITEM
