"""Telegram: a one-time word that links one's account, or the unit's group."""

from __future__ import annotations

import secrets

import sqlalchemy as sa
from starlette.responses import Response

from bot.console.desk import PREFIX, Visit, go
from bot.console.refusals import BadInput
from bot.db import card_rows
from bot.db.case_tables import staff_links, unit_groups

PURPOSES = ("account", "group")


async def show(visit: Visit) -> Response:
    """What is linked, and the buttons for a word."""
    return await _page(visit, "", "")


async def word(visit: Visit) -> Response:
    """A fresh word, shown once; a word for a group only to those who lead."""
    purpose = visit.field("purpose")
    if purpose not in PURPOSES or (
        purpose == "group" and visit.staff.role not in card_rows.LEADERS
    ):
        raise BadInput()
    made = secrets.token_urlsafe(9)
    async with visit.host.database.write() as connection:
        now = visit.desk.now()
        await card_rows.keep_word(connection, made, visit.logged_in.staff_id, purpose, now)
    page = await _page(visit, made, purpose)
    page.headers["Cache-Control"] = "no-store"
    return page


async def unlink(visit: Visit) -> Response:
    """Untie one's own account."""
    async with visit.host.database.write() as connection:
        await card_rows.unlink(connection, visit.logged_in.staff_id)
    return go(f"{PREFIX}/telegram")


async def _page(visit: Visit, made: str, purpose: str) -> Response:
    mine = sa.select(staff_links.c.linked_at).where(
        staff_links.c.staff_id == visit.logged_in.staff_id
    )
    group = sa.select(unit_groups.c.linked_at).where(unit_groups.c.unit == visit.staff.unit)
    async with visit.host.database.read() as connection:
        account = await connection.scalar(mine)
        bound = await connection.scalar(group)
    leads = visit.staff.role in card_rows.LEADERS
    return visit.page(
        "telegram.html", word=made, purpose=purpose, account=account, bound=bound, leads=leads
    )
