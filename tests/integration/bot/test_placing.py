"""What a new ticket gets from its place: a grid's people, and the law's clocks in a published channel."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from bot.bootstrap import App
from content.jurisdiction import Grid
from handlers import staff as permissions
from handlers.ports import Staff
from handlers.tickets.ticket import Ticket
from tests.integration.bot.browser import open_page

STORY = "我匿名举报，三井街道黄河路12号的川味火锅店用回收的老油"
CADRE = Staff("zhao", "赵", "officer", "nyncj")


async def told(app: App, **place: Any) -> tuple[Ticket, str]:
    """The ticket and the receipt of a report where the jurisdiction is so."""
    jurisdiction = replace(app.services.jurisdiction, **place)
    app.worker.services = replace(app.services, jurisdiction=jurisdiction)
    async with open_page(app) as page:
        receipt = (await page.say(STORY))[-1]["text"]
    async with app.units_of_work() as work:
        return await work.tickets.get("SA20261123-0001"), receipt


async def test_in_a_published_channel_coming_in_is_the_formal_receipt(app: App) -> None:
    ticket, receipt = await told(app, published_12315_channel=True)
    assert ticket.received["on"] == "2026-11-23"
    assert [k.due_on for k in ticket.clocks if k.name == "report.verify"] == [date(2026, 12, 14)]
    assert "不等于" not in receipt


async def test_elsewhere_the_law_waits_for_the_formal_receipt(app: App) -> None:
    ticket, receipt = await told(app)
    assert ticket.received == {}
    assert {k.name for k in ticket.clocks} == {"target.claim", "target.first_response"}
    assert "不等于" in receipt
    assert "2026-12" not in receipt


async def test_the_people_of_a_grid_are_copied_in(app: App) -> None:
    grids = (
        Grid("sj", "三井街道", ("三井街道",), None, "qian"),
        Grid("hh", "黄河路片区", ("三井街道黄河路",), "nyncj", "zhao"),
    )
    ticket, _ = await told(app, grids=grids)
    assert (ticket.grid, ticket.watchers) == ("hh", ("zhao",))
    assert "nyncj" in ticket.assist
    away = replace(CADRE, unit="wjj")
    assert permissions.may(away, "see", ticket)
    assert permissions.may(away, "note", ticket)
    assert not permissions.may(away, "claim", ticket)
    assert not permissions.may(replace(away, login="sun"), "see", ticket)
