"""Whether a message answers what was asked, and whether what it says can be true at all."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import datetime, timedelta

from handlers.filling import facts_in, is_name
from handlers.patients import patient_in
from handlers.words import GREETING, OPENINGS, THANKS, agreement_in, is_one_of, plain
from nlu.understanding import Entity, Understanding

TOO_MANY = 10_000  # people at one meal
LONGEST_NAME = 40  # code points of a shop or an address; more than that is a story
SHORT = 8  # code points; a yes or no of this length answers no question about facts
COVERED = 0.5  # share of a message that names other things: then it does not answer this one
ELSEWHERE = (
    "event_time", "address", "merchant", "phone", "name", "contact_address", "demand", "people", "patient",
)  # fmt: skip
OWN: dict[str, tuple[str, ...]] = {
    "place": ("merchant", "address", "platform"),
    "merchant": ("merchant", "platform"),
    "address": ("address", "merchant"),
    "meals": ELSEWHERE,
}
_TIME = re.compile(
    r"\d ?(?:点|号|日|月|天|时|年|周|小时|分钟|[:：/.-] ?\d)|[今昨前当那这上]天|[上这本]个?(?:周|星期|礼拜|月)|早上|上午|中午|下午|晚上|半夜|凌晨|刚才|刚刚|刚|去年|今年|"
    r"[一二三四五六七八九十几两]个?(?:天|周|星期|礼拜|月|小时|点|号|日)|星期|周[一二三四五六日天末]|春节|国庆|中秋|元旦|过年|一直|经常|长期"
)
_PEOPLE = re.compile(
    r"^\d{1,4}$|\d+ ?(?:多)?(?:个|人|位|名|口)|[一二两俩三四五六七八九十几]+(?:多)?(?:个|人|位|名|口)|全家|一家|全班|很多|好多|不少|只有|"
    r"就(?:我|他|她)|^[一二两俩三四五六七八九十]+$"
)
_HOME = re.compile(r"[省市区县镇乡村路街道巷弄号幢栋室苑园城庄里组]|\d")
_FUTURE = re.compile(r"明[年天]|后[年天]|下个?(?:月|周|星期|礼拜)|将来")
_CROWD = re.compile(
    r"\d{5,} ?(?:多)?(?:个|位|名)?人|[\d一二两三四五六七八九十百千几]+ ?(?:万|亿)(?:多)?(?:个|位|名)?人"
)


def answers(slot: str, text: str, heard: Understanding) -> bool:
    """Whether `text` is an answer to the question about `slot`."""
    if is_one_of(text, THANKS | GREETING) or plain(text) in OPENINGS:
        return False
    if len(text) <= SHORT and agreement_in(text) is not None:
        return False
    check = _CHECKS.get(slot)
    return check(text, heard) if check else _about_this(slot, text, heard)


def checked(slot: str) -> bool:
    """Whether only words of a certain kind are an answer; anything else would be a false fact."""
    return slot in _CHECKS


def doubts_in(text: str, heard: Understanding, now: datetime) -> set[str]:
    """Slots whose value in this message cannot be taken as fact without asking again."""
    found = set()
    people = heard.first("people")
    if _CROWD.search(text) or (people and _number(people) > TOO_MANY):
        found.add("people")
    time = heard.first("event_time")
    said = text[max(0, time.start - 2) : time.end] if time else text
    if (time or len(text) <= SHORT) and _FUTURE.search(said):
        found.add("event_time")
    if time and _later(time, now):
        found.add("event_time")
    return found


def _about_this(slot: str, text: str, heard: Understanding) -> bool:
    facts, own = facts_in(text, heard), OWN.get(slot, (slot,))
    if any(name in facts for name in own):
        return True
    if slot in ("place", "merchant", "address") and len(text) > LONGEST_NAME:
        return False
    other = sum(len(value) for name, value in facts.items() if name in ELSEWHERE)
    return other < COVERED * max(1, len(plain(text)))


def _time(text: str, heard: Understanding) -> bool:
    if heard.first("event_time") or heard.first("onset"):
        return True
    return _TIME.search(text) is not None and _about_this("event_time", text, heard)


def _people(text: str, heard: Understanding) -> bool:
    return bool(heard.first("people") or _PEOPLE.search(text))


def _patient(text: str, heard: Understanding) -> bool:
    return patient_in(text) is not None or (len(text) <= 6 and _about_this("patient", text, heard))


def _home(text: str, _: Understanding) -> bool:
    return len(text) > 3 and _HOME.search(text) is not None


def _name(text: str, heard: Understanding) -> bool:
    """A bare name is an answer, also where the engine takes it for a shop's."""
    return is_name(text.strip("，。,. ")) or _about_this("name", text, heard)


_CHECKS: dict[str, Callable[[str, Understanding], bool]] = {
    "name": _name,
    "event_time": _time,
    "people": _people,
    "patient": _patient,
    "contact_address": _home,
}


def _number(entity: Entity) -> float:
    try:
        return float(entity.value or 0)
    except ValueError:
        return 0.0


def _later(entity: Entity, now: datetime) -> bool:
    """Whether the day named lies after tomorrow's start; a value that is no date never does."""
    try:
        at = datetime.fromisoformat((entity.value or "").split("/")[0])
    except ValueError:
        return False
    return at.replace(tzinfo=now.tzinfo) > now + timedelta(days=1)
