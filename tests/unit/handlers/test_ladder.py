"""The warning ladder, and what facts-only mode lets out."""

from __future__ import annotations

from datetime import date

import pytest

from content.phrasebook import load_phrasebook
from handlers import wording
from handlers.staff import PERMISSIONS
from handlers.tickets import releases
from handlers.tickets.ladder import RUNGS, entry_data, rung
from tests.unit.content.test_content import CONTENT

SIGNED = ["已对相关单位停业检查，样品已送检。", "共有3人就医，病情平稳。"]


def test_each_colour_has_somebody_to_tell_and_the_others_nobody() -> None:
    told = {colour: step.to for colour, step in RUNGS.items()}
    assert told == {"yellow": "officer", "red": "unit_head", "overdue": "office"}
    assert [step.event for step in RUNGS.values()] == ["reminder", "warning", "overdue"]
    assert [rung(colour) for colour in ("green", "paused", "done")] == [None, None, None]


def test_every_rung_has_words_that_may_be_said() -> None:
    phrases = load_phrasebook(CONTENT)
    for step in RUNGS.values():
        text = phrases.text(step.phrase, clock="受理决定", due="2026-12-01")
        assert "受理决定" in text
        assert wording.findings(text, from_bot=True) == []


def test_the_entry_says_for_whom_of_which_unit_it_is() -> None:
    data = entry_data(RUNGS["overdue"], "report.verify", "scjg", date(2026, 12, 1))
    assert data == {
        "clock": "report.verify",
        "colour": "overdue",
        "due": "2026-12-01",
        "unit": "scjg",
        "to": "office",
    }


def test_only_the_office_gives_orders_and_only_units_answer_them() -> None:
    assert set(PERMISSIONS["supervise"]) == {"supervisor"}
    assert set(PERMISSIONS["answer_supervision"]) == {"officer", "unit_head"}


@pytest.mark.parametrize(
    ("text", "goes_out"),
    [
        (SIGNED[0], True),
        (f" {SIGNED[0]}\n", True),
        ("\n\n".join(SIGNED), True),
        (SIGNED[0] + "初步判断是豆角没有煮熟。", False),
        (f"{SIGNED[0]}\n是豆角没有煮熟。", False),
        ("是豆角没有煮熟。", False),
        ("", False),
    ],
)
def test_facts_only_lets_out_what_is_signed_word_for_word(text: str, goes_out: bool) -> None:
    assert releases.allowed(text, SIGNED) is goes_out
    assert not releases.allowed(text, [])
