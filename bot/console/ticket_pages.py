"""The page of one ticket, and what is done there."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from bot.console import views
from bot.console.desk import HOME, PREFIX, Visit, go
from bot.console.refusals import NoSuchPage
from bot.console.ticket_actions import LEAVES_SIGHT, PERFORM, offer, typed_meaning
from bot.console.why import SECTIONS, explain
from handlers import staff as permissions
from handlers.errors import NoSuchTicket, ShianError


async def show(visit: Visit) -> Response:
    """A ticket of one's unit; any other is not there."""
    return await _page(visit, 200, None)


async def act(visit: Visit) -> Response:
    """Do one action. A refusal shows the ticket as it is now, with what was typed."""
    number, action = visit.path("number"), visit.path("action")
    perform = PERFORM.get(action)
    if perform is None:
        raise NoSuchPage()
    try:
        await perform(
            visit.host.services, visit.staff, number, visit.form, _version(visit.field("version"))
        )
    except NoSuchTicket:
        raise
    except ShianError as error:
        return await _page(visit, error.status, error)
    visit.host.wake_delivery()
    if action in LEAVES_SIGHT:
        return go(f"{HOME}?" + urlencode({"done": action, "number": number}))
    return go(f"{PREFIX}/tickets/{number}?done={action}")


def _version(text: str) -> int:
    """The version the form was made from; no ticket has version -1, so nonsense is stale."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else -1


async def _page(visit: Visit, status: int, error: ShianError | None) -> Response:
    database, jurisdiction = visit.host.database, visit.host.services.jurisdiction
    view = await views.ticket(database, visit.staff, visit.path("number"))
    return visit.page(
        "ticket.html",
        status,
        view=view,
        ticket=view.ticket,
        relation=permissions.relation(visit.staff, view.ticket),
        why=explain(view.ticket, jurisdiction),
        offer=offer(view.ticket, visit.staff, jurisdiction),
        alerts=await views.open_alerts(database, visit.staff),
        sections=SECTIONS,
        meaning=typed_meaning(view.ticket, visit.form),
        error=error,
        tried=visit.request.path_params.get("action", ""),
    )
