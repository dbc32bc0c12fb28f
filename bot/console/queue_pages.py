"""The queue: what waits for my unit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date

from starlette.responses import Response

from bot.console import views
from bot.console.desk import HOME, Visit, go
from bot.console.filters import SEVERITIES, STATES, read_filters
from handlers.tickets import clocks
from handlers.tickets.moves import KINDS
from handlers.tickets.ticket import Ticket


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
        deadlines=_deadlines(visit, found.tickets),
    )


def _deadlines(visit: Visit, shown: Sequence[Ticket]) -> Mapping[str, tuple[date, str, str]]:
    """The clock of each ticket that ends first: its last day, its colour, its name."""
    law, today = visit.host.services.law, clocks.local_day(visit.desk.now())
    found = {ticket.number: clocks.nearest(ticket.clocks) for ticket in shown}
    return {
        number: (clock.due_on, clocks.colour(clock, today), clocks.rule_of(clock, law).name)
        for number, clock in found.items()
        if clock is not None
    }
