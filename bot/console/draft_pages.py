"""From an answered ticket to a draft of an item: the form, and the tickets that may become one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection
from starlette.responses import Response

from bot.console import views
from bot.console.desk import PREFIX, Visit, go
from bot.db.knowledge_tables import item_drafts
from bot.db.tables import tickets, timeline
from content.library import LONGEST_LONG, LONGEST_SHORT
from handlers.errors import NoSuchTicket, ShianError
from handlers.knowledge import drafts
from handlers.knowledge.drafts import Answered
from handlers.ports import Staff
from handlers.privacy import mask

MOST_SHOWN = 20


async def show(visit: Visit) -> Response:
    """The form for one ticket, filled in from question and answer."""
    return await _page(visit, 200, None)


async def write(visit: Visit) -> Response:
    """Keep the draft; a refusal shows the form as it was typed."""
    number = visit.path("number")
    try:
        made = await drafts.write(visit.host.services, visit.staff, number, visit.form)
    except NoSuchTicket:
        raise
    except ShianError as error:
        return await _page(visit, error.status, error)
    return go(f"{PREFIX}/knowledge#{made}")


async def _page(visit: Visit, status: int, error: ShianError | None) -> Response:
    found = await drafts.open_answered(visit.host.services, visit.staff, visit.path("number"))
    typed = dict(visit.form) if visit.form else prefilled(visit, found)
    return visit.page("draft.html", status, draft=found, typed=typed, choices=CHOICES, error=error)


CHOICES: Mapping[str, Sequence[str]] = {"kind": drafts.KINDS, "verdict": drafts.VERDICTS}


def of_ticket(visit: Visit, view: views.TicketView) -> dict[str, Any] | None:
    """What the form on a ticket's page needs; None where this person may not write an item."""
    if not drafts.may_draft(visit.staff, view.ticket, view.entries):
        return None
    found = drafts.offered(view.ticket, view.entries)
    return {"draft": found, "typed": prefilled(visit, found), "choices": CHOICES}


def prefilled(visit: Visit, found: Answered) -> dict[str, str]:
    """The form as it is first shown."""
    question, answer = found.question, found.answer
    return {
        "kind": "rumour" if found.is_rumour else "qa",
        "title": question[: drafts.TITLE[1]],
        "claim": question[:LONGEST_SHORT] if found.is_rumour else "",
        "short": answer[:LONGEST_SHORT],
        "long": answer[:LONGEST_LONG],
        "asks": question[: drafts.LONGEST_ASK].replace("\n", " "),
        "review_by": (visit.desk.now().date() + drafts.YEAR).isoformat(),
    }


async def waiting(connection: AsyncConnection, person: Staff) -> list[tuple[str, str]]:
    """Answered tickets nobody made an item of yet, newest first: number, masked question.

    Only for those who may open the form of any of them; an insider's matter is never listed.
    """
    if person.role not in drafts.EDITORS:
        return []
    c = tickets.c
    made = sa.exists().where(item_drafts.c.ticket == c.number)
    query = (
        sa.select(c.number, c.summary)
        .where(c.secrecy == "normal", sa.or_(_questions(), _unfounded()), sa.not_(made))
        .order_by(c.id.desc())
        .limit(MOST_SHOWN)
    )
    return [(number, mask(text)) for number, text in await connection.execute(query)]


def _questions() -> sa.ColumnElement[bool]:
    c = tickets.c
    return sa.and_(c.kind.in_(("consult", "rumour_check")), c.state.in_(("answered", "closed")))


def _unfounded() -> sa.ColumnElement[bool]:
    """Reports that were looked into and not filed, whatever came after."""
    c, e = tickets.c, timeline.c
    after = ("not_filed", "resolved", "strike_off_pending", "struck_off")
    said = sa.exists().where(e.ticket_id == c.id, e.type == "not_filed")
    return sa.and_(c.kind == "report", c.state.in_(after), said)
