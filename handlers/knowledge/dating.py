"""The publicist's dates of awareness days: entered with a source, merged over the calendar file."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date

from content.calendar import Calendar, Day, Span
from handlers.errors import DatesRefused, NotPermitted
from handlers.knowledge.ports import Entry
from handlers.ports import Staff
from handlers.services import Services

EDITORS = frozenset({"publicist"})
LONGEST = 62  # days of one occasion
LOCAL = "local-"


def merged(calendar: Calendar, entries: Iterable[Entry]) -> Calendar:
    """The calendar with what was entered; an entered year replaces that of the file."""
    days = {day.id: day for day in calendar.days}
    for entry in entries:
        span = Span(entry.name, entry.start, entry.end, entry.theme, claims=False)
        day = days.get(entry.occasion) or Day(entry.occasion, entry.name, True, (), False)
        days[entry.occasion] = day.in_year(entry.year, span)
    return Calendar(tuple(days.values()))


async def enter(
    services: Services,
    staff: Staff,
    occasion: str,
    name: str,
    start: date,
    end: date | None,
    theme: str,
    source: str,
) -> None:
    """Keep when an occasion is in the year of `start`; without an id it is a local one.

    Raises NotPermitted; DatesRefused for a fixed day, dates that make no span, or no source.
    """
    if staff.role not in EDITORS:
        raise NotPermitted(action="calendar", role=staff.role, ticket="")
    known = {day.id: day for day in services.calendar.days}.get(occasion)
    if known is not None and not known.moving:
        raise DatesRefused(reasons=("fixed_day",))
    name = (known.name if known else name).strip()
    if len(name) < 2 or len(source.strip()) < 4:
        raise DatesRefused(reasons=("name_and_source",))
    if end is not None and not 0 <= (end - start).days <= LONGEST:
        raise DatesRefused(reasons=("span",))
    now = services.clock.now()
    place = occasion if known else LOCAL + re.sub(r"\W", "", name)[:40]
    entry = Entry(
        place, start.year, name[:60], start, end, theme.strip()[:100] or None,
        source.strip()[:300], staff.login, now,
    )  # fmt: skip
    async with services.unit_of_work() as work:
        await work.occasions.keep(entry)
        data = {"start": start.isoformat(), "end": end and end.isoformat(), "source": entry.source}
        subject = f"{place}:{start.year}"
        await work.audit.record(now, f"staff:{staff.login}", "occasion.entered", subject, data)
        await work.commit()
