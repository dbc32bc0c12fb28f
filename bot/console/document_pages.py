"""Written notices on file: read, print, save as a Word file."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from bot.audit import record
from bot.console import views
from bot.console.desk import Visit
from bot.console.refusals import NoSuchPage
from bot.docx import render
from handlers.ports import Written
from handlers.tickets import documents

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
