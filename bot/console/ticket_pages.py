"""The page of one ticket, and what is done there."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from urllib.parse import urlencode

from starlette.responses import Response

from bot.console import draft_pages, incident_views, views
from bot.console.desk import HOME, PREFIX, Visit, go
from bot.console.performing import PERFORM
from bot.console.refusals import NoSuchPage
from bot.console.shield_pages import note_look
from bot.console.ticket_actions import FIELDS, LEAVES_SIGHT, Situation, offer, typed_meaning
from bot.console.why import SECTIONS, explain
from handlers import staff as permissions
from handlers.errors import NoSuchTicket, ShianError
from handlers.tickets import clocks
from handlers.tickets.ticket import Ticket


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


@dataclass(frozen=True)
class Deadline:
    """One open clock as the page shows it."""

    name: str
    colour: str
    due: date
    explained: str


def _deadlines(visit: Visit, ticket: Ticket) -> list[Deadline]:
    services, today = visit.host.services, clocks.local_day(visit.desk.now())
    law, workdays, phrases = services.law, services.workdays, services.phrases
    return [
        Deadline(
            clocks.rule_of(clock, law).name,
            clocks.colour(clock, today),
            clock.due_on,
            clocks.explain_clock(clock, law, workdays, phrases),
        )
        for clock in ticket.clocks
        if clock.state in clocks.OPEN
    ]


def _situation(visit: Visit, view: views.TicketView) -> Situation:
    services, today = visit.host.services, visit.desk.now().date()
    return Situation(
        view.ticket,
        visit.staff,
        services.jurisdiction,
        services.law,
        today,
        [(task.id, task.text) for task in view.tasks if task.unit == visit.staff.unit],
        [(order.id, order.text) for order in view.orders if order.unit == visit.staff.unit],
    )


async def _page(visit: Visit, status: int, error: ShianError | None) -> Response:
    database, jurisdiction = visit.host.database, visit.host.services.jurisdiction
    view = await views.ticket(database, visit.staff, visit.path("number"))
    assert view.ticket.id is not None
    await note_look(visit, view)
    return visit.page(
        "ticket.html",
        status,
        view=view,
        ticket=view.ticket,
        relation=permissions.relation(visit.staff, view.ticket),
        why=explain(view.ticket, jurisdiction),
        offer=offer(_situation(visit, view)),
        fields=FIELDS,
        deadlines=_deadlines(visit, view.ticket),
        alike=await incident_views.alike(database, view.ticket.id, visit.staff),
        incident=await incident_views.incident_number(database, view.ticket.incident_id),
        may_unmask=bool(view.ticket.identity_id)
        and permissions.may(visit.staff, "unmask", view.ticket),
        may_issue=permissions.may(visit.staff, "move", view.ticket)
        and view.ticket.kind in ("complaint", "report"),
        may_link=permissions.may(visit.staff, "link", view.ticket),
        alerts=await views.open_alerts(database, visit.staff),
        sections=SECTIONS,
        meaning=typed_meaning(view.ticket, visit.form),
        drafting=draft_pages.of_ticket(visit, view),
        error=error,
        tried=visit.request.path_params.get("action", ""),
    )
