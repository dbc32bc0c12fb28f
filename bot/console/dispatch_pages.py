"""首派准确率: how often the first unit was the right one."""

from __future__ import annotations

from datetime import timedelta

from starlette.responses import Response

from bot.console import views
from bot.console.desk import Visit
from bot.console.refusals import NoSuchPage
from bot.first_dispatch import BY, first_dispatch

DAYS = (30, 90, 365)


async def show(visit: Visit) -> Response:
    """Tables by unit, duty and model version, for those who see every unit."""
    if not views.sees_all(visit.staff):
        raise NoSuchPage()
    chosen = visit.request.query_params.get("days", "")
    days = int(chosen) if chosen in {str(d) for d in DAYS} else DAYS[0]
    since = visit.desk.now() - timedelta(days=days)
    tables = {by: await first_dispatch(visit.host.database, by, since) for by in BY}
    return visit.page("first_dispatch.html", tables=tables, days=days, spans=DAYS)
