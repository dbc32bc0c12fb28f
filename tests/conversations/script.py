"""Conversations as data: reading them, and holding what was said against what was expected.

A file holds a list of scenarios: {name, channels?, turns, stored_nowhere?, tickets?, prepared?}
(`prepared` names what the office has under way: campaigns.py). A turn is a
string, or {text | button | photos | location | edit, wait?, locale?, expect?}; `expect` may name
says, not_says, buttons, no_buttons, events, first_line, silent. {staff: {do, text?, …}} is the other
side's turn, on the citizen's newest ticket (staff.py); {officer: {ask | reply | resolve: words}} its
short form. {ring: job} lets a job of the scheduler run. {until: words} answers whatever is asked, from ANSWERS,
until those words are said: what a model reads out of a sentence may change, the ending may not.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from handlers.wording import findings
from tests.conversations.citizens import Said

FOLDER = Path(__file__).parent
LONGEST_REPLY = 12  # lines
ANSWERS = (
    ("要不要另外登记|另外登记一件投诉", "不用了"),
    ("同意", "同意"),
    ("怎么称呼|姓名", "周敏"),
    ("通讯地址|收到信", "跳过"),
    ("电话|号码", "13700002222"),
    ("哪家店、哪个单位", "聚丰超市"),
    ("哪一天|什么时候", "昨天晚上"),
    ("几个人", "3个人"),
    ("是谁不舒服|不舒服的是", "我本人"),
    ("三天", "前天在家吃的稀饭和青菜，昨天中午吃的面条，晚上就是在这家店吃的"),
    ("怎么解决|商家怎么做", "退款"),
    ("叫什么名字|哪家店", "聚丰超市"),
    ("什么地方", "春江镇人民路3号"),
)
PROMISED_DATE = re.compile(
    r"\d{1,2}月\d{1,2}[日号](?:前|之前|以前|内)|\d{4}-\d{2}-\d{2}(?:前|之前|截止)|截止(?:日期|时间)?[:：]?\s*\d"
)
TURN_KEYS = {
    "text",
    "button",
    "photos",
    "location",
    "edit",
    "wait",
    "locale",
    "repeat",
    "staff",
    "ring",
    "until",
    "expect",
}
EXPECT_KEYS = {"says", "not_says", "buttons", "no_buttons", "events", "first_line", "silent"}


@dataclass(frozen=True)
class Scenario:
    """One conversation."""

    name: str
    turns: list[dict[str, Any]]
    channels: tuple[str, ...] = ("web", "telegram")
    stored_nowhere: tuple[str, ...] = ()
    prepared: tuple[str, ...] = ()
    tickets: tuple[dict[str, Any], ...] | None = None


def load() -> list[Scenario]:
    """Every scenario of every file, checked for words that mean nothing."""
    return [
        _scenario(raw)
        for path in sorted(FOLDER.glob("*.yml"))
        for raw in yaml.safe_load(path.read_text(encoding="utf-8"))
    ]


def _scenario(raw: dict[str, Any]) -> Scenario:
    turns = [_turn(item) for item in raw.pop("turns")]
    lists = {key: tuple(value) for key, value in raw.items() if key != "name"}
    return Scenario(raw["name"], turns, **lists)


def _turn(item: Any) -> dict[str, Any]:
    turn = {"text": item} if isinstance(item, str) else dict(item)
    if "officer" in turn:
        ((act, words),) = turn.pop("officer").items()
        turn["staff"] = {"do": act, "text": words}
    assert set(turn) <= TURN_KEYS, turn
    assert set(turn.get("expect", {})) <= EXPECT_KEYS, turn
    if "repeat" in turn:
        turn["text"] = turn["text"] * turn.pop("repeat")
    return turn


def answer_to(said: Said) -> str:
    """What a citizen replies to the last question; the first that fits."""
    asked = said.texts[-1]
    found = next((reply for question, reply in ANSWERS if re.search(question, asked)), None)
    assert found is not None, f"no answer to {asked!r}"
    return found


def check(said: Said, expect: dict[str, Any]) -> None:
    """What every reply must keep to, and what this turn is expected to bring."""
    whole = "\n".join(said.texts)
    assert bool(said.texts) != expect.get("silent", False), f"silent, or not: {whole}"
    for text in said.texts:
        _check_reply(text)
    for part in expect.get("says", ()):
        assert part in whole, f"{part!r} not said:\n{whole}"
    for part in expect.get("not_says", ()):
        assert part not in whole, f"{part!r} said:\n{whole}"
    missing = set(expect.get("buttons", ())) - set(said.buttons)
    assert not missing, f"no button {missing}: {said.buttons}\n{whole}"
    unwanted = set(expect.get("no_buttons", ())) & set(said.buttons)
    assert not unwanted, f"button {unwanted}: {said.buttons}\n{whole}"
    if "first_line" in expect:
        assert expect["first_line"] in whole.splitlines()[0], whole
    if "events" in expect:
        _check_events(expect["events"], said.events)


def _check_reply(text: str) -> None:
    assert not findings(text, from_bot=True), (findings(text, from_bot=True), text)
    assert not PROMISED_DATE.search(text), text
    assert len(text.splitlines()) <= LONGEST_REPLY, text


def _check_events(wanted: list[dict[str, Any]], events: list[dict[str, Any]]) -> None:
    """Each wanted event happened, in order; an empty list means that nothing did."""
    if not wanted:
        assert not events, events
    rest = iter(events)
    for partial in wanted:
        fits = any(partial.items() <= event.items() for event in rest)
        assert fits, f"no event {partial} in {events}"
