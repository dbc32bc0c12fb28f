"""What is asked next: the order of the law, one thing at a time, nothing twice."""

from __future__ import annotations

from typing import Any

import pytest

from bot.settings import Settings
from content.phrasebook import load_phrasebook
from handlers.dialog import UNKNOWN, Draft
from handlers.steps import STEPS, asked_slots, next_step

STORY = [["1", "昨天在张记面馆吃到一只蟑螂"]]
SHOP = {"merchant": "张记面馆", "address": "河海路8号", "event_time": "昨天", "demand": "退款"}


def draft(kind: str, facts: dict[str, str] | None = None, **more: Any) -> Draft:
    labels = {"severity": "normal", "hazards": [], "intent": kind, **more.pop("labels", {})}
    return Draft(
        kind, [list(row) for row in more.pop("told", STORY)], dict(facts or {}), labels, **more
    )


def asked(made: Draft) -> str | None:
    step = next_step(made)
    return step.name if step else None


@pytest.mark.parametrize(
    ("made", "step"),
    [
        (draft("complaint", told=[]), "facts"),
        (draft("report", told=[["1", "脏"]]), "facts"),
        (draft("report"), "place"),
        (draft("report", {"address": "河海路"}), None),
        (draft("report", {"place": UNKNOWN}), None),
        (draft("complaint"), "merchant"),
        (draft("complaint", {"merchant": "张记面馆"}), "address"),
        (draft("complaint", {"merchant": "张记面馆", "address": UNKNOWN}), "event_time"),
        (draft("complaint", {**SHOP, "demand": "退款"}), "consent_identity"),
        (draft("complaint", SHOP, consents={"identity": False}), "refused_identity"),
        (draft("complaint", SHOP, consents={"identity": True}), "name"),
        (draft("complaint", {**SHOP, "name": "王丽"}, consents={"identity": True}), "phone"),
        (draft("contact", told=[]), "consent_identity"),
        (draft("contact", told=[], consents={"identity": False}), None),
        (draft("report", told=[["1", "我12岁，小店卖过期辣条"]]), "guardian"),
        (draft("report", {"address": "x"}, labels={"severity": "illness"}), "consent_health"),
        (draft("report", {"address": "x"}, labels={"hazards": ["illness"]}), None),
        (draft("report", {"address": "x"}, doubts=["event_time"]), "event_time"),
        (draft("report", labels={"severity": "urgent", "hazards": ["illness"]}), "place"),
        (
            draft("report", {"place": "x", "event_time": "昨天"}, labels={"severity": "urgent"}),
            "people",
        ),
        (
            draft(
                "report",
                {"place": "x", "event_time": "昨天"},
                labels={"severity": "urgent", "hazards": ["poisoning_crime"]},
            ),
            None,
        ),
    ],
)
def test_next(made: Draft, step: str | None) -> None:
    assert asked(made) == step


def test_complete_complaint_is_filed() -> None:
    identity = {"name": "王丽", "phone": "13812345678", "contact_address": UNKNOWN}
    assert asked(draft("complaint", {**SHOP, **identity}, consents={"identity": True})) is None


def test_details_of_illness_only_after_consent() -> None:
    known = {"place": "x", "event_time": "昨天", "people": "3"}
    ill = {"severity": "urgent", "hazards": ["illness"], "intent": "report"}
    assert asked(draft("report", known, labels=ill)) == "consent_health"
    assert asked(draft("report", known, labels=ill, consents={"health": False})) is None
    assert asked(draft("report", known, labels=ill, consents={"health": True})) == "patient"


def test_every_step_has_its_phrase_in_both_scripts() -> None:
    phrases = load_phrasebook(Settings().content)
    for name in asked_slots():
        assert phrases.has(f"ask.{name}")
    for step in STEPS:
        assert all(phrases.has(label) for label, _ in step.buttons)
