"""Turns 昨天中午, 上周五晚上八点, 3月2号, 两小时后 into ISO 8601 times.

A value is as exact as the words: `2026-11-20` for a day, `2026-11-20T12:00:00+08:00` where a
part of the day or a clock time is named, `P2D` / `PT2H` for a mere length of time.
"""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from nlu.numerals import NUMERAL, number

SHANGHAI = ZoneInfo("Asia/Shanghai")

_N = NUMERAL
_DAYS = (
    (re.compile(r"大前天"), -3),
    (re.compile(r"前[天日儿晚夜]"), -2),
    (re.compile(r"昨"), -1),
    (re.compile(r"今[天日儿早晚朝夜晨]|当天|刚才|刚刚"), 0),
    (re.compile(r"明[天日儿早晚]|次日|第二天|隔天"), 1),
)
_PARTS = (
    (re.compile(r"凌晨|后半夜"), 3),
    (re.compile(r"清晨|清早|一早|大清早"), 6),
    (re.compile(r"早"), 8),
    (re.compile(r"上午|晨"), 9),
    (re.compile(r"中午|正午|晌午|午饭"), 12),
    (re.compile(r"下午|午后"), 15),
    (re.compile(r"傍晚"), 18),
    (re.compile(r"半夜|深夜"), 23),
    (re.compile(r"晚|夜"), 19),
)
_WEEKDAY = re.compile(r"(上上个?|上个?|这个?|本)?(?:周|礼拜|星期)([一二三四五六日天末])")
_WEEKDAYS = {c: i for i, c in enumerate("一二三四五六日")} | {"天": 6, "末": 5}
_FULL = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})")
_YEAR = re.compile(r"(\d{4})年|(\d{2})年|([去今前])年")
_MONTH_DAY = re.compile(rf"({_N}{{1,3}})月份?({_N}{{1,3}})[日号]?")
_DOTTED = re.compile(r"(?<!\d)(\d{1,2})[./](\d{1,2})(?!\d)")
_DAY_ONLY = re.compile(rf"({_N}{{1,3}})[日号]")
_CLOCK = re.compile(rf"({_N}{{1,3}})点(半|(?:{_N}{{1,3}}))?|(\d{{1,2}}):(\d{{2}})")
_AGO = re.compile(rf"({_N}{{1,4}}|半)个?(?:多)?(小时|钟头|分钟|天|日|星期|礼拜|周|月)(?:以|之)?前")
_LENGTH = re.compile(rf"({_N}{{1,4}}|半)个?(?:多)?(小时|钟头|分钟|天|日|星期|礼拜|周)")
_SECONDS = {
    "小时": 3_600,
    "钟头": 3_600,
    "分钟": 60,
    "天": 86_400,
    "日": 86_400,
    "星期": 604_800,
    "礼拜": 604_800,
    "周": 604_800,
    "月": 2_592_000,
}
_EVENING_FROM = 15
_NOON = 12
_YEARS_BACK = {"去": 1, "今": 0, "前": 2}


def time_value(text: str, now: datetime) -> str | None:
    """ISO 8601 value of a normalised time expression, None when it names no definite time.

    `now` must be aware; the answer is in Asia/Shanghai.
    """
    here = now.astimezone(SHANGHAI)
    ago = _AGO.search(text)
    if ago:
        return _before(ago, here)
    day = _day(text, here)
    hour = _time(text)
    if day is None and hour is None:
        return _length(text)
    if hour is None:
        return day.isoformat() if day else None
    return datetime.combine(day or here.date(), hour, SHANGHAI).isoformat()


def _day(text: str, now: datetime) -> date | None:
    today = now.date()
    exact = _FULL.search(text)
    if exact:
        return _date(int(exact[1]), int(exact[2]), int(exact[3]))
    weekday = _WEEKDAY.search(text)
    if weekday:
        return _weekday(weekday, today)
    shift = next((days for pattern, days in _DAYS if pattern.search(text)), None)
    if shift is not None and not _MONTH_DAY.search(text):
        return today + timedelta(days=shift)
    return _calendar_day(text, today)


def _calendar_day(text: str, today: date) -> date | None:
    found = _MONTH_DAY.search(text) or _DOTTED.search(text)
    if found:
        return _month_day(_year(text, today), _int(found[1]), _int(found[2]), today)
    only = _DAY_ONLY.search(text)
    if not only:
        return None
    day = _date(today.year, today.month, _int(only[1]))
    if day is None or day <= today:
        return day
    last = today.replace(day=1) - timedelta(days=1)
    return _date(last.year, last.month, _int(only[1]))


def _month_day(year: int | None, month: int, day: int, today: date) -> date | None:
    """Without a year, the latest such day that is not in the future."""
    if year is not None:
        return _date(year, month, day)
    here = _date(today.year, month, day)
    return here if here is None or here <= today else _date(today.year - 1, month, day)


def _year(text: str, today: date) -> int | None:
    found = _YEAR.search(text)
    if not found:
        return None
    if found[3]:
        return today.year - _YEARS_BACK[found[3]]
    return int(found[1]) if found[1] else 2000 + int(found[2])


def _weekday(found: re.Match[str], today: date) -> date:
    monday = today - timedelta(days=today.weekday())
    weeks = (found[1] or "").count("上")
    day = monday + timedelta(days=_WEEKDAYS[found[2]], weeks=-weeks)
    # 周五 said on a Monday means the last one: people report what has happened.
    return day - timedelta(weeks=1) if not found[1] and day > today else day


def _time(text: str) -> time | None:
    hour = next((hour for pattern, hour in _PARTS if pattern.search(text)), None)
    clock = _CLOCK.search(text)
    if not clock:
        return None if hour is None else time(hour)
    named, minute = _clock(clock)
    late = hour is not None and (hour >= _EVENING_FROM or (hour == _NOON and named < 3))
    if late and named < _NOON:
        named += _NOON
    return time(named % 24, minute) if named <= 24 and minute < 60 else None


def _clock(found: re.Match[str]) -> tuple[int, int]:
    if found[3]:
        return int(found[3]), int(found[4])
    minutes = 30 if found[2] == "半" else _int(found[2] or "0")
    return _int(found[1]), minutes


def _before(found: re.Match[str], now: datetime) -> str:
    seconds = _amount(found[1]) * _SECONDS[found[2]]
    then = now - timedelta(seconds=min(seconds, 3_650 * 86_400))
    exact = _SECONDS[found[2]] < _SECONDS["天"]
    return then.replace(second=0, microsecond=0).isoformat() if exact else then.date().isoformat()


def _length(text: str) -> str | None:
    found = _LENGTH.search(text)
    if not found:
        return None
    seconds = _amount(found[1]) * _SECONDS[found[2]]
    if seconds % _SECONDS["天"] == 0:
        return f"P{int(seconds // _SECONDS['天'])}D"
    minutes = int(seconds // 60)
    hours, rest = divmod(minutes, 60)
    return "PT" + (f"{hours}H" if hours else "") + (f"{rest}M" if rest or not hours else "")


def _amount(text: str) -> float:
    return 0.5 if text == "半" else float(number(text) or 0)


def _int(text: str) -> int:
    found = number(text)
    return int(found) if found is not None and found < 10_000 else 0


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None
