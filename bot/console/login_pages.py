"""Getting in and out: one-time link, login, password, script."""

from __future__ import annotations

from starlette.responses import Response

from bot.console import auth
from bot.console.desk import HOME, LOCALE_COOKIE, PREFIX, SESSION_COOKIE, Visit, go, inside
from bot.console.refusals import BadInput, LinkSpent, LoginRefused, PasswordRefused
from bot.console.security import PASSWORD_LENGTH
from bot.console.sessions import close_session
from content.phrasebook import LOCALES
from handlers.errors import ShianError

YEAR = 365 * 24 * 3600


async def show_link(visit: Visit) -> Response:
    """Ask before a one-time link is used up: a preview only looks."""
    token = visit.request.query_params.get("token", "")
    if not await auth.link_works(visit.host.database, token, visit.desk.now()):
        raise LinkSpent()
    return visit.page("enter.html", token=token)


async def use_link(visit: Visit) -> Response:
    """Log in by the link, then ask for a password."""
    await _leave_old_session(visit)
    token = await auth.enter(visit.host.database, visit.field("token"), visit.desk.now())
    return visit.let_in(go(f"{PREFIX}/password"), token)


async def show_login(visit: Visit) -> Response:
    """The login form; whoever is logged in goes on."""
    if visit.session:
        return go(HOME)
    return _login_form(visit, 200, None)


async def log_in(visit: Visit) -> Response:
    """Check login and password."""
    try:
        token = await auth.log_in(
            visit.host.database,
            visit.desk.passwords,
            visit.field("login"),
            visit.form.get("password", ""),
            visit.desk.now(),
        )
    except LoginRefused as error:
        return _login_form(visit, error.status, error)
    await _leave_old_session(visit)
    return visit.let_in(go(inside(visit.field("next"))), token)


def _login_form(visit: Visit, status: int, error: ShianError | None) -> Response:
    target = visit.field("next") or visit.request.query_params.get("next", "")
    return visit.page(
        "login.html", status, error=error, login=visit.field("login"), target=inside(target)
    )


async def _leave_old_session(visit: Visit) -> None:
    token = visit.request.cookies.get(SESSION_COOKIE, "")
    if token:
        async with visit.host.database.write() as connection:
            await close_session(connection, token)


async def log_out(visit: Visit) -> Response:
    """End this session."""
    await _leave_old_session(visit)
    response = go(f"{PREFIX}/login")
    response.delete_cookie(SESSION_COOKIE, path=PREFIX)
    return response


async def show_password(visit: Visit) -> Response:
    """The form for one's own password."""
    return _password_form(visit, 200, None)


async def set_password(visit: Visit) -> Response:
    """Set one's own password."""
    new = visit.form.get("new", "")
    try:
        if new != visit.form.get("again", ""):
            raise PasswordRefused("differs")
        token = await auth.set_password(
            visit.host.database,
            visit.desk.passwords,
            visit.logged_in,
            visit.form.get("current", ""),
            new,
            visit.desk.now(),
        )
    except (PasswordRefused, LoginRefused) as error:
        return _password_form(visit, error.status, error)
    return visit.let_in(go(f"{HOME}?done=password"), token)


def _password_form(visit: Visit, status: int, error: ShianError | None) -> Response:
    return visit.page("password.html", status, error=error, least=PASSWORD_LENGTH.start)


async def choose_locale(visit: Visit) -> Response:
    """Simplified or traditional script, kept in the browser."""
    locale = visit.field("locale")
    if locale not in LOCALES:
        raise BadInput()
    return visit.keep(go(inside(visit.field("next"))), LOCALE_COOKIE, locale, YEAR)
