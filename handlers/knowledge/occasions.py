"""When an awareness day is: from the calendar, and only what is known of that year (law.md §9)."""

from __future__ import annotations

import re
from datetime import date

from content.calendar import Calendar, Day
from content.hant import in_script
from handlers.knowledge.dating import merged
from handlers.turn import Turn
from nlu.normalise import Normaliser

ASKS_WHEN = re.compile(
    r"什么时候|啥时候|几时|何时|哪一?[天日周]|哪几天|几月|几号|日期|多会儿|开始了?[没吗]"
)
_PREFIX = re.compile(r"^(?:中国|国际|世界|全国|全民)")


async def tell_date(turn: Turn) -> bool:
    """Answer when an occasion named in the message is; False when none is asked for."""
    plain = Normaliser().normalise(turn.text).text
    if not ASKS_WHEN.search(plain):
        return False
    day = _named(merged(turn.services.calendar, await turn.work.occasions.all()), plain)
    if day is None:
        return False
    turn.say_text(_told(turn, day, turn.now.date()))
    turn.record("occasion.told", occasion=day.id)
    return True


def _told(turn: Turn, day: Day, today: date) -> str:
    span, year = day.span(today.year), today.year
    over = span is not None and (span.to or span.start) < today
    if over and (following := day.span(year + 1)):
        span, over = following, False
    name = in_script(day.name, turn.citizen.locale)
    if span is None:
        return turn.phrase("occasion.unknown", name=name, year=year)
    shape = "day" if span.to in (None, span.start) else "span"
    dates = {"start": _said(span.start), "to": _said(span.to or span.start)}
    text = turn.phrase(f"occasion.{shape}", name=name, **dates)
    return text + turn.phrase("occasion.over", year=year + 1) if over else text


def _named(calendar: Calendar, plain: str) -> Day | None:
    """The occasion with the longest name that stands in the text, with or without 全民 or 中国."""
    found = [
        (len(name), day)
        for day in calendar.days
        for name in {day.name, _PREFIX.sub("", day.name)}
        if len(name) > 2 and name in plain
    ]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def _said(day: date) -> str:
    return f"{day.year}年{day.month}月{day.day}日"
