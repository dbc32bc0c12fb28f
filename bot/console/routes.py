"""Every page of the console in one table, and the gate they all pass.

The gate finds the session, checks that the visitor may come in, checks the CSRF token of every
POST, turns refusals into pages and puts the security headers on. Start reading here.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from fastapi import APIRouter
from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from bot.console import (
    alert_pages,
    calendar_pages,
    campaign_pages,
    contest_pages,
    dispatch_pages,
    document_pages,
    draft_pages,
    files,
    incident_pages,
    knowledge_pages,
    list_pages,
    login_pages,
    poll_pages,
    queue_pages,
    shield_pages,
    staff_pages,
    supervision_pages,
    telegram_pages,
    testing_pages,
    ticket_pages,
)
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
from bot.console.reading import uploaded
from bot.console.refusals import (
    BadInput,
    CsrfMissing,
    NoSuchPage,
    PasswordDue,
    SessionMissing,
    TooLarge,
)
from bot.console.security import HEADERS, new_token, same
from bot.console.sessions import find_session
from content.phrasebook import LOCALES
from handlers.errors import ShianError
from handlers.staff import PERMISSIONS

MAX_FORM = 128 * 1024
MAX_UPLOAD = 11 * 1024 * 1024
FORM_HOUR = 3600


def anybody(visit: Visit) -> None:
    """Pages before login."""


def session(visit: Visit) -> None:
    """Pages for whoever is logged in, with a password or not yet."""
    _ = visit.logged_in


def worker(visit: Visit) -> None:
    """Pages for staff."""
    if not visit.logged_in.has_password:
        raise PasswordDue()


def manager(visit: Visit) -> None:
    """Pages for those who manage staff; to others they do not exist."""
    worker(visit)
    if visit.staff.role not in PERMISSIONS["manage_staff"]:
        raise NoSuchPage()


def campaigner(visit: Visit) -> None:
    """Pages for those who prepare or sign campaigns; to others they do not exist."""
    worker(visit)
    if visit.staff.role not in PERMISSIONS["see_campaigns"]:
        raise NoSuchPage()


@dataclass(frozen=True)
class Page:
    """One address: who may come, and what answers."""

    method: str
    path: str
    may_enter: Callable[[Visit], None]
    answer: Callable[[Visit], Awaitable[Response]]
    picture: bool = False


PAGES = (
    Page("GET", "/", worker, queue_pages.home),
    Page("POST", "/locale", anybody, login_pages.choose_locale),
    Page("GET", "/enter", anybody, login_pages.show_link),
    Page("POST", "/enter", anybody, login_pages.use_link),
    Page("GET", "/login", anybody, login_pages.show_login),
    Page("POST", "/login", anybody, login_pages.log_in),
    Page("POST", "/logout", session, login_pages.log_out),
    Page("GET", "/password", session, login_pages.show_password),
    Page("POST", "/password", session, login_pages.set_password),
    Page("GET", "/queue", worker, queue_pages.queue),
    Page("GET", "/alerts.json", worker, alert_pages.count),
    Page("POST", "/alerts/{id:int}/seen", worker, alert_pages.seen),
    Page("GET", "/alarm", worker, alert_pages.alarm),
    Page("GET", "/alarm/calls", worker, alert_pages.calls),
    Page("GET", "/supervisions", worker, supervision_pages.show),
    Page("GET", "/tickets/{number}", worker, ticket_pages.show),
    Page("GET", "/tickets/{number}/documents/{id:int}", worker, document_pages.show),
    Page("GET", "/tickets/{number}/documents/{id:int}.docx", worker, document_pages.word),
    Page("GET", "/tickets/{number}/forms", worker, document_pages.choose),
    Page("GET", "/tickets/{number}/forms/{form}", worker, document_pages.fill),
    Page("POST", "/tickets/{number}/forms/{form}", worker, document_pages.issue),
    Page("POST", "/tickets/{number}/unmask", worker, shield_pages.unmask),
    Page("GET", "/unmaskings", worker, shield_pages.unmaskings),
    Page("POST", "/tickets/{number}/alike", worker, incident_pages.link),
    Page("GET", "/incidents/{number}", worker, incident_pages.show),
    Page("POST", "/incidents/{number}/reply", worker, incident_pages.reply),
    Page("POST", "/incidents/{number}/facts-only", worker, incident_pages.facts_only),
    Page("POST", "/incidents/{number}/releases", worker, incident_pages.write_release),
    Page("POST", "/incidents/{number}/releases/{id:int}/sign", worker, incident_pages.sign_release),
    Page("GET", "/first-dispatch", worker, dispatch_pages.show),
    Page("GET", "/merchants/{id:int}", worker, incident_pages.merchant),
    Page("POST", "/merchants/{id:int}/join", worker, incident_pages.join_merchants),
    Page("POST", "/tickets/{number}/{action}", worker, ticket_pages.act),
    Page("GET", "/attachments/{id:int}", worker, files.attachment),
    Page("GET", "/knowledge", worker, knowledge_pages.show),
    Page("GET", "/knowledge/from/{number}", worker, draft_pages.show),
    Page("POST", "/knowledge/from/{number}", worker, draft_pages.write),
    Page("POST", "/knowledge/{item}/sign", worker, knowledge_pages.sign),
    Page("POST", "/knowledge/{item}/pull", worker, knowledge_pages.pull),
    Page("GET", "/calendar", worker, calendar_pages.show),
    Page("POST", "/calendar", worker, calendar_pages.enter),
    Page("GET", "/campaigns", worker, campaign_pages.show_list),
    Page("POST", "/campaigns", worker, campaign_pages.create),
    Page("GET", "/campaigns/new", worker, campaign_pages.show_form),
    Page("GET", "/campaigns/count", worker, campaign_pages.count),
    Page("GET", "/campaigns/{id:int}", worker, campaign_pages.show),
    Page("POST", "/campaigns/{id:int}", worker, campaign_pages.save),
    Page("GET", "/campaigns/{id:int}/edit", worker, campaign_pages.show_edit),
    Page("GET", "/campaigns/{id:int}/results.{kind}", worker, campaign_pages.table),
    Page("POST", "/campaigns/{id:int}/picture", worker, campaign_pages.illustrate, True),
    Page("POST", "/campaigns/{id:int}/test", worker, campaign_pages.test),
    Page("POST", "/campaigns/{id:int}/{step}", worker, campaign_pages.step),
    Page("GET", "/polls", campaigner, poll_pages.show),
    Page("POST", "/polls", campaigner, poll_pages.write),
    Page("GET", "/polls/{id:int}", campaigner, poll_pages.show_one),
    Page("GET", "/polls/{id:int}/table.csv", campaigner, poll_pages.table),
    Page("POST", "/polls/{id:int}/{action}", campaigner, poll_pages.act),
    Page("GET", "/testing", campaigner, testing_pages.show),
    Page("POST", "/testing", campaigner, testing_pages.write),
    Page("GET", "/testing/{id:int}", campaigner, testing_pages.show_one),
    Page("POST", "/testing/{id:int}/call-off", campaigner, testing_pages.call_off),
    Page("GET", "/contests", campaigner, contest_pages.show),
    Page("POST", "/contests", campaigner, contest_pages.write),
    Page("GET", "/contests/{id:int}", campaigner, contest_pages.show_one),
    Page("POST", "/contests/{id:int}/stop", campaigner, contest_pages.stop),
    Page("POST", "/contests/entries/{id:int}/hide", campaigner, contest_pages.hide),
    Page("GET", "/lists", campaigner, list_pages.show),
    Page("POST", "/lists", campaigner, list_pages.write),
    Page("POST", "/lists/{id:int}/{action}", campaigner, list_pages.act),
    Page("GET", "/telegram", worker, telegram_pages.show),
    Page("POST", "/telegram/word", worker, telegram_pages.word),
    Page("POST", "/telegram/unlink", worker, telegram_pages.unlink),
    Page("GET", "/staff", manager, staff_pages.show),
    Page("POST", "/staff", manager, staff_pages.add),
    Page("POST", "/staff/{id:int}/deactivate", manager, staff_pages.deactivate),
    Page("POST", "/staff/{id:int}/link", manager, staff_pages.new_link),
)


def create_console(app: Host) -> APIRouter:
    """The console's router, to be included under /console. Raises ContentError."""
    desk = furnish(app)
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
