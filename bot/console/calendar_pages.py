"""The calendar of awareness days: what is known of this year and the next, and entering a year."""

from __future__ import annotations

from datetime import date

from starlette.responses import Response

from bot.console.desk import PREFIX, Visit, go
from bot.console.refusals import BadInput, NoSuchPage
from handlers.campaigns.campaign import APPROVERS
from handlers.knowledge import dating


async def show(visit: Visit) -> Response:
    """Every occasion with its dates in two years; unknown ones are said to be unknown."""
    if visit.staff.role not in APPROVERS:
        raise NoSuchPage()
    async with visit.host.services.unit_of_work() as work:
        entries = await work.occasions.all()
    year = visit.desk.now().year
    calendar = dating.merged(visit.host.services.calendar, entries)
    return visit.page(
        "calendar.html",
        days=calendar.days,
        years=(year, year + 1),
        sources={(entry.occasion, entry.year): entry for entry in entries},
        may_edit=visit.staff.role in dating.EDITORS,
    )


async def enter(visit: Visit) -> Response:
    """Keep the dates of a year."""
    start = _day(visit, "start")
    if start is None:
        raise BadInput()
    await dating.enter(
        visit.host.services,
        visit.staff,
        visit.field("occasion"),
        visit.field("name"),
        start,
        _day(visit, "end"),
        visit.field("theme"),
        visit.field("source"),
    )
    return go(f"{PREFIX}/calendar?done=dates")


def _day(visit: Visit, name: str) -> date | None:
    typed = visit.field(name)
    try:
        return date.fromisoformat(typed) if typed else None
    except ValueError as error:
        raise BadInput() from error
