"""Dialog state survives its table, also when newer code wrote it."""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from bot.clock import SHANGHAI
from handlers.dialog import Dialog, Draft

WORDS = st.text(max_size=12)
FACTS = st.dictionaries(WORDS, WORDS, max_size=4)
DRAFTS = st.builds(
    Draft,
    kind=st.sampled_from(["complaint", "report", "complaint_and_report", "contact"]),
    narrative=st.lists(st.lists(WORDS, min_size=2, max_size=2), max_size=3),
    facts=FACTS,
    labels=st.dictionaries(WORDS, st.one_of(WORDS, st.lists(WORDS, max_size=3)), max_size=3),
    attachments=st.lists(st.integers(1, 99), max_size=3),
    consents=st.dictionaries(WORDS, st.booleans(), max_size=3),
    registered=st.lists(WORDS, max_size=2),
    doubts=st.lists(WORDS, max_size=2),
    tries=st.dictionaries(WORDS, st.integers(0, 9), max_size=2),
    anonymous=st.booleans(),
)
DIALOGS = st.builds(
    Dialog,
    draft=st.none() | DRAFTS,
    asked=st.none() | WORDS,
    offered=st.lists(st.lists(WORDS, min_size=2, max_size=2), max_size=3),
    parked=st.none() | st.lists(WORDS, min_size=1, max_size=1),
    later=st.lists(DRAFTS.map(lambda draft: draft.__dict__), max_size=2),
    question=st.none() | WORDS,
)


@given(DIALOGS)
def test_round_trip(dialog: Dialog) -> None:
    assert Dialog.from_json(json.loads(json.dumps(dialog.to_json()))) == dialog


@given(DIALOGS, st.dictionaries(st.sampled_from(["new_key", "other"]), WORDS))
def test_keys_of_newer_code_are_dropped(dialog: Dialog, newer: dict[str, Any]) -> None:
    stored = dialog.to_json()
    if stored["draft"]:
        stored["draft"] |= newer
    assert Dialog.from_json({**stored, **newer}) == dialog


def test_older_state_gets_defaults() -> None:
    assert Dialog.from_json({}) == Dialog()
    assert Dialog.from_json({"draft": {"kind": "report"}}).draft == Draft("report")


def test_stale_after_half_a_day_of_silence() -> None:
    now = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
    assert not Dialog().stale(now)
    assert not Dialog(at=(now - timedelta(hours=12)).isoformat()).stale(now)
    assert Dialog(at=(now - timedelta(hours=13)).isoformat()).stale(now)
