"""知识竞赛 in the console: open one, see who leads, hide a nickname, end it."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from bot.console import reading
from bot.console.desk import PREFIX, Visit, go
from bot.db.contest_rows import SqlContests
from handlers.campaigns import contests
from handlers.errors import NoSuchCampaign
from handlers.staff import PERMISSIONS

HISTORY = timedelta(days=366)
SHOWN = 50


async def show(visit: Visit) -> Response:
    """Contests of the past twelve months, and the form of a new one."""
    now = visit.desk.now()
    async with visit.host.database.read() as connection:
        found = await SqlContests(connection).since(now - HISTORY)
    may = _may_write(visit)
    return visit.page("contests.html", contests=found, now=now, may_write=may)


async def show_one(visit: Visit) -> Response:
    """One contest: how many take part, who leads."""
    async with visit.host.database.read() as connection:
        rows = SqlContests(connection)
        contest = await rows.get(reading.row_id(visit))
        if contest is None:
            raise NoSuchCampaign()
        best, size = await rows.best(contest.id, SHOWN), await rows.size(contest.id)
    return visit.page(
        "contest.html",
        contest=contest,
        best=best,
        size=size,
        running=contest.open_at(visit.desk.now()),
        may_write=_may_write(visit),
    )


async def write(visit: Visit) -> Response:
    """A new contest."""
    contest_id = await contests.open_contest(
        visit.host.services,
        visit.staff,
        visit.field("title"),
        reading.moment(visit, "opens_at"),
        reading.moment(visit, "closes_at"),
        reading.number(visit, "count"),
    )
    return go(f"{PREFIX}/contests/{contest_id}")


async def stop(visit: Visit) -> Response:
    """End it now."""
    contest_id = reading.row_id(visit)
    await contests.stop(visit.host.services, visit.staff, contest_id)
    return go(f"{PREFIX}/contests/{contest_id}")


async def hide(visit: Visit) -> Response:
    """Take a nickname off the leaderboard."""
    contest_id = await contests.hide(visit.host.services, visit.staff, reading.row_id(visit))
    return go(f"{PREFIX}/contests/{contest_id}")


def _may_write(visit: Visit) -> bool:
    return visit.staff.role in PERMISSIONS["write_campaigns"]
