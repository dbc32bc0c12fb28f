"""The staff list, for administrators."""

from __future__ import annotations

from urllib.parse import urlencode

from starlette.responses import Response

from bot.console import views
from bot.console.desk import PREFIX, Visit, go
from bot.console.refusals import BadInput, LoginTaken
from bot.console.staff_admin import StaffAdmin
from handlers.errors import ShianError
from handlers.staff import ROLES


async def show(visit: Visit) -> Response:
    """All accounts, and the form for a new one."""
    return await _page(visit, 200, None)


async def add(visit: Visit) -> Response:
    """A new account and its link, shown once."""
    login = visit.field("login").casefold()
    name, role, unit = (visit.field(field) for field in ("name", "role", "unit"))
    try:
        jurisdiction = visit.host.services.jurisdiction
        token = await _admin(visit).add(login, name, role, unit, jurisdiction)
    except (BadInput, LoginTaken) as error:
        return await _page(visit, error.status, error)
    return _link_page(visit, login, token)


async def deactivate(visit: Visit) -> Response:
    """Switch an account off."""
    login = await _admin(visit).deactivate(int(visit.path("id")))
    return go(f"{PREFIX}/staff?" + urlencode({"done": "deactivate", "login": login}))


async def new_link(visit: Visit) -> Response:
    """A new link for somebody who cannot get in, shown once."""
    login, token = await _admin(visit).new_link(int(visit.path("id")))
    return _link_page(visit, login, token)


def _admin(visit: Visit) -> StaffAdmin:
    return StaffAdmin(visit.host.database, visit.host.services.clock, visit.staff)


def _link_page(visit: Visit, login: str, token: str) -> Response:
    base = str(visit.request.base_url).rstrip("/")
    link = f"{base}{PREFIX}/enter?" + urlencode({"token": token})
    return visit.page("link.html", login=login, link=link)


async def _page(visit: Visit, status: int, error: ShianError | None) -> Response:
    units = visit.host.services.jurisdiction.units.values()
    return visit.page(
        "staff.html",
        status,
        accounts=await views.staff_list(visit.host.database),
        roles=ROLES,
        units=[u for u in units if not u.collective],
        error=error,
    )
