"""Written notices on file: read, print, save as a Word file."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from bot.audit import record
from bot.console import views
from bot.console.desk import PREFIX, Visit, go
from bot.console.refusals import NoSuchPage
from bot.docx import render
from handlers import staff as permissions
from handlers.tickets import deciding, documents
from handlers.tickets.ports import Written

WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"


async def show(visit: Visit) -> Response:
    """The notice as a page to read and print."""
    written = await _written(visit)
    document = documents.from_json(written.content)
    return visit.page("document.html", document=document, number=visit.path("number"))


async def word(visit: Visit) -> Response:
    """The notice as a .docx file."""
    written = await _written(visit)
    name = quote(f"{written.title}-{visit.path('number')}.docx")
    headers = {"Content-Disposition": f"attachment; filename*=UTF-8''{name}"}
    return Response(render(documents.from_json(written.content)), media_type=WORD, headers=headers)


async def choose(visit: Visit) -> Response:
    """The official forms for this kind of matter."""
    view = await _seen(visit)
    forms = visit.host.services.documents.by_id.values()
    fitting = [form for form in forms if view.ticket.kind in form.kinds]
    return visit.page("forms.html", number=view.ticket.number, forms=fitting)


async def fill(visit: Visit) -> Response:
    """One form with what is known filled in."""
    view = await _seen(visit)
    form = visit.host.services.documents.by_id.get(visit.path("form"))
    if form is None or view.ticket.kind not in form.kinds:
        raise NoSuchPage()
    known = documents.facts_of(visit.host.services, view.ticket)
    asked = [visit.host.services.documents.fields[name] for name in sorted(form.holes)]
    asked = [field for field in asked if field.source == "typed"]
    return visit.page(
        "form.html", number=view.ticket.number, form=form, known=known, asked=asked, view=view
    )


async def issue(visit: Visit) -> Response:
    """Make the form; it is on file from then on."""
    number, form = visit.path("number"), visit.path("form")
    typed = {name: text for name, text in visit.form.items() if name != "csrf"}
    await deciding.issue_form(visit.host.services, visit.staff, number, form, typed)
    return go(f"{PREFIX}/tickets/{number}?done=form")


async def _seen(visit: Visit) -> views.TicketView:
    """The ticket, for whom may take steps on it."""
    view = await views.ticket(visit.host.database, visit.staff, visit.path("number"))
    permissions.check(visit.staff, "move", view.ticket)
    return view


async def _written(visit: Visit) -> Written:
    """The notice of the address, for whom may see its ticket; looking leaves a trace."""
    number, position = visit.path("number"), int(visit.path("id"))
    view = await views.ticket(visit.host.database, visit.staff, number)
    assert view.ticket.id is not None
    async with visit.host.services.unit_of_work() as work:
        kept = await work.documents.of_ticket(view.ticket.id)
    ids = [notice.id for notice in view.notices]
    if position not in ids:
        raise NoSuchPage()
    async with visit.host.database.write() as connection:
        actor = f"staff:{visit.staff.login}"
        await record(connection, visit.desk.now(), actor, "document.seen", number, {"id": position})
    return kept[ids.index(position)]
