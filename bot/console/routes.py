"""The gate that every page of the console passes; the table of pages is in pages.py.

The gate finds the session, checks that the visitor may come in, checks the CSRF token of every
POST, turns refusals into pages and puts the security headers on. Start reading here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.console.desk import (
    FORM_COOKIE,
    LOCALE_COOKIE,
    PREFIX,
    SESSION_COOKIE,
    Desk,
    Visit,
    furnish,
    go,
)
from bot.console.host import Host
from bot.console.menu import entries_for
from bot.console.page import Page
from bot.console.pages import PAGES
from bot.console.reading import uploaded
from bot.console.refusals import (
    BadInput,
    CsrfMissing,
    PasswordDue,
    SessionMissing,
    TooLarge,
)
from bot.console.security import HEADERS, new_token, same
from bot.console.sessions import find_session
from content.phrasebook import LOCALES
from handlers.errors import ShianError

MAX_FORM = 128 * 1024
MAX_UPLOAD = 11 * 1024 * 1024
FORM_HOUR = 3600


def create_console(app: Host) -> APIRouter:
    """The console's router, to be included under /console. Raises ContentError."""
    desk = furnish(app)
    desk.templates.globals["menu"] = entries_for
    router = APIRouter()
    for page in PAGES:
        router.add_route(page.path, _gate(desk, page), [page.method], include_in_schema=False)
    return router


def _gate(desk: Desk, page: Page) -> Callable[[Request], Awaitable[Response]]:
    async def enter(request: Request) -> Response:
        visit = await _arrive(desk, request)
        try:
            response = await _admit(page, visit)
        except ShianError as error:
            response = _turn_away(visit, error)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return enter


async def _arrive(desk: Desk, request: Request) -> Visit:
    cookies = request.cookies
    token = cookies.get(SESSION_COOKIE, "")
    found = await find_session(desk.host.database, token, desk.now()) if token else None
    locale = cookies.get(LOCALE_COOKIE, "")
    csrf = found.csrf if found else cookies.get(FORM_COOKIE, "")
    return Visit(desk, request, locale if locale in LOCALES else LOCALES[0], found, csrf)


async def _admit(page: Page, visit: Visit) -> Response:
    if page.method == "POST":
        if page.picture:
            await _read_picture(visit)
        else:
            visit.form = await _read_form(visit.request)
        page.may_enter(visit)
        if not same(visit.form.get("csrf", ""), visit.csrf):
            raise CsrfMissing()
        return await page.answer(visit)
    page.may_enter(visit)
    fresh = not visit.csrf
    visit.csrf = visit.csrf or new_token()
    response = await page.answer(visit)
    return visit.keep(response, FORM_COOKIE, visit.csrf, FORM_HOUR) if fresh else response


async def _read_picture(visit: Visit) -> None:
    """A form with a picture in it. Raises TooLarge or BadInput."""
    length = visit.request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_UPLOAD:
        raise TooLarge()
    try:
        async with visit.request.form(max_files=1, max_fields=40) as form:
            visit.form = {name: v for name, v in form.items() if isinstance(v, str)}
            file = form.get("upload")
            visit.upload = await file.read() if isinstance(file, UploadFile) else b""
    except HTTPException as error:  # a body that is no form
        raise BadInput() from error


async def _read_form(request: Request) -> Mapping[str, str]:
    length = request.headers.get("content-length", "")
    if not length.isdecimal() or int(length) > MAX_FORM:
        raise TooLarge()
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return await uploaded(request)
    body = (await request.body()).decode("utf-8", "replace")
    try:
        pairs = parse_qsl(body, keep_blank_values=True, max_num_fields=40)
    except ValueError as error:
        raise BadInput() from error
    return {name: value.replace("\r\n", "\n") for name, value in pairs}


def _turn_away(visit: Visit, error: ShianError) -> Response:
    looking = visit.request.method == "GET"
    if isinstance(error, PasswordDue):
        return go(f"{PREFIX}/password")
    if isinstance(error, SessionMissing) and looking:
        return go(f"{PREFIX}/login?" + urlencode({"next": visit.here}))
    return visit.refused(error)
