"""The queue: what waits for my unit."""

from __future__ import annotations

from starlette.responses import Response

from bot.console import views
from bot.console.desk import HOME, Visit, go
from bot.console.filters import SEVERITIES, STATES, read_filters
from handlers.tickets.moves import KINDS


async def home(_: Visit) -> Response:
    """The console opens on the queue."""
    return go(HOME)


async def queue(visit: Visit) -> Response:
    """Tickets by filter, urgent first, then oldest; open alerts on top."""
    database, person = visit.host.database, visit.staff
    everywhere = views.sees_all(person)
    units = visit.host.services.jurisdiction.units if everywhere else {}
    filters = read_filters(visit.request.query_params, units)
    found = await views.queue(database, person, filters)
    return visit.page(
        "queue.html",
        filters=filters,
        found=found,
        units=units,
        everywhere=everywhere,
        has_tickets=views.sees_tickets(person),
        alerts=await views.open_alerts(database, person),
        states=STATES,
        kinds=KINDS,
        severities=SEVERITIES,
    )
