"""红黑榜 in the console: written by one, signed by another, withdrawn by either."""

from __future__ import annotations

from starlette.responses import Response

from bot.console import reading
from bot.console.desk import PREFIX, Visit, go
from bot.db.sampling_rows import SqlPublicLists
from handlers.campaigns import lists
from handlers.campaigns.sampling_ports import Listed
from handlers.errors import NoSuchCampaign
from handlers.staff import PERMISSIONS

SHOWN = 300
ACTIONS = {"sign": lists.sign, "withdraw": lists.withdraw}


async def show(visit: Visit) -> Response:
    """Every line, the newest first."""
    async with visit.host.database.read() as connection:
        found = await SqlPublicLists(connection).all(SHOWN)
    return visit.page(
        "lists.html",
        lists=found,
        today=visit.desk.now().date(),
        colours=lists.COLOURS,
        may_write=visit.staff.role in PERMISSIONS["write_campaigns"],
        may_sign=visit.staff.role in PERMISSIONS["sign_campaigns"],
    )


async def write(visit: Visit) -> Response:
    """A new line, unsigned."""
    listed = Listed(
        title=visit.field("title"),
        colour=visit.field("colour"),
        merchant=visit.field("merchant"),
        basis=" ".join(visit.field("basis").split()),
        from_day=reading.day(visit, "from_day"),
        until_day=reading.day(visit, "until_day"),
        written_by=visit.staff.login,
    )
    await lists.write(visit.host.services, visit.staff, listed)
    return go(f"{PREFIX}/lists")


async def act(visit: Visit) -> Response:
    """Sign or withdraw a line."""
    action = ACTIONS.get(visit.path("action"))
    if action is None:
        raise NoSuchCampaign()
    await action(visit.host.services, visit.staff, reading.row_id(visit))
    return go(f"{PREFIX}/lists")
