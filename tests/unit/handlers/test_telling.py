"""What a citizen reads of an item: source, date, verdict, who looked at it; no forbidden word."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from content.library import load_library
from content.phrasebook import load_phrasebook
from handlers.knowledge.answering import told
from handlers.wording import findings

CONTENT = Path("content")
LIBRARY = load_library(CONTENT)
PHRASES = load_phrasebook(CONTENT)
LONGEST = 4096  # UTF-16 units of a Telegram message


@pytest.mark.parametrize("locale", ["zh-Hans", "zh-Hant"])
@pytest.mark.parametrize("item", LIBRARY.items.values(), ids=lambda item: item.id)
def test_every_item_fits_names_its_source_and_keeps_to_the_law(item, locale: str) -> None:
    text = told(item, PHRASES, locale)
    assert len(text) < LONGEST
    assert not list(findings(text, from_bot=True))
    if locale == "zh-Hans":
        assert item.source.issuer in text
        assert (item.source.date or "日期未注明") in text
        assert "待本地食安办复核" in text


def test_a_signed_item_names_its_reviewer() -> None:
    item = replace(LIBRARY.items["tip-014"], reviewer="林医生（示例）")
    text = told(item, PHRASES)
    assert "林医生" in text
    assert "待本地食安办复核" not in text


def test_traditional_script() -> None:
    assert "四季豆（芸豆、豆角、刀豆）生的或半生的都含天然毒素，徹底加熱" in told(
        LIBRARY.items["tip-014"], PHRASES, "zh-Hant"
    )


def test_a_draft_is_not_live_until_signed() -> None:
    draft = LIBRARY.items["tip-013"]
    today = date(2026, 11, 24)
    assert not draft.live(today)
    assert replace(draft, reviewer="林医生（示例）").live(today)
    assert not replace(draft, reviewer="林医生（示例）").live(date(2099, 1, 1))
