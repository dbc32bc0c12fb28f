"""并案: link what is proposed, refuse it, answer everybody at once, facts only."""

from __future__ import annotations

from starlette.responses import Response

from bot.console import incident_views, views
from bot.console.desk import PREFIX, Visit, go
from bot.console.refusals import NoSuchPage
from handlers import staff as permissions
from handlers.errors import NoSuchIncident
from handlers.tickets import incident, releases


async def link(visit: Visit) -> Response:
    """并案 or 不是一回事, as the button says."""
    number, other = visit.path("number"), visit.field("other")
    act = incident.link if visit.field("choice") == "link" else incident.refuse
    await act(visit.host.services, visit.staff, number, other)
    return go(f"{PREFIX}/tickets/{number}")


async def show(visit: Visit) -> Response:
    """An incident with those of its tickets that the visitor may see."""
    view = await incident_views.incident(visit.host.database, visit.path("number"))
    seen = [k for k in view.tickets if permissions.may(visit.staff, "see", k)]
    if not seen:
        raise NoSuchIncident(incident=view.number)
    may = {
        action: any(permissions.may(visit.staff, action, k) for k in seen)
        for action in ("reply", "facts_only")
    }
    return visit.page("incident.html", view=view, seen=seen, may=may)


async def reply(visit: Visit) -> Response:
    """统一答复 to every reporter, from a ticket the visitor leads."""
    ticket = await _ticket_of(visit, "reply")
    await incident.reply_to_all(visit.host.services, visit.staff, ticket, visit.field("text"))
    visit.host.wake_delivery()
    return go(f"{PREFIX}/incidents/{visit.path('number')}")


async def facts_only(visit: Visit) -> Response:
    """快报事实、慎报原因, on or off."""
    ticket, on = await _ticket_of(visit, "facts_only"), visit.field("on") == "1"
    await incident.set_facts_only(visit.host.services, visit.staff, ticket, on)
    return go(f"{PREFIX}/incidents/{visit.path('number')}")


async def write_release(visit: Visit) -> Response:
    """A statement to be signed by somebody else."""
    view = await incident_views.incident(visit.host.database, visit.path("number"))
    await releases.write(visit.host.services, visit.staff, view.id, visit.field("text"))
    return go(f"{PREFIX}/incidents/{view.number}")


async def sign_release(visit: Visit) -> Response:
    """The second person signs."""
    await releases.sign(visit.host.services, visit.staff, int(visit.path("id")))
    return go(f"{PREFIX}/incidents/{visit.path('number')}")


async def merchant(visit: Visit) -> Response:
    """信用档案: all matters about one subject that the visitor may see, and names like it."""
    if not views.sees_tickets(visit.staff):
        raise NoSuchPage()
    view = await incident_views.merchant(visit.host.database, int(visit.path("id")))
    seen = [k for k in view.tickets if permissions.may(visit.staff, "see", k)]
    if not seen and not views.sees_all(visit.staff):
        raise NoSuchPage()
    return visit.page("merchant.html", view=view, seen=seen)


async def join_merchants(visit: Visit) -> Response:
    """是同一家: an officer says that two names are one subject; undone by the same button."""
    if not views.sees_all(visit.staff):
        raise NoSuchPage()
    number = int(visit.path("id"))
    same = int(visit.field("other")) if visit.field("other").isdecimal() else None
    actor = f"staff:{visit.staff.login}"
    await incident_views.join(visit.host.database, number, same, actor, visit.desk.now())
    return go(f"{PREFIX}/merchants/{number}")


async def _ticket_of(visit: Visit, action: str) -> str:
    view = await incident_views.incident(visit.host.database, visit.path("number"))
    for ticket in view.tickets:
        if permissions.may(visit.staff, action, ticket):
            return ticket.number
    raise NoSuchIncident(incident=view.number)
