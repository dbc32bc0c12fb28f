"""督办: an order of 食安办 to the unit that leads a ticket, with a deadline and a reply of its own.

Food Safety Law art. 6 makes local government answer for it; 年督查 counts these entries.
"""

from __future__ import annotations

from datetime import date

from handlers.errors import DueMissing, NoSuchOrder
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets.acting import acting, given
from handlers.tickets.ports import Supervision


async def order(
    services: Services,
    staff: Staff,
    number: str,
    text: str,
    due_on: date,
    version: int | None = None,
) -> int:
    """Order the leading unit to act by `due_on`; gives the order's id.

    Raises ReasonMissing without text, DueMissing for a day that is over, and what `acting` raises.
    """
    text, now = given(text), services.clock.now()
    if due_on < now.date():
        raise DueMissing(ticket=number)
    async with acting(services, staff, number, "supervise", version) as act:
        assert act.ticket.id is not None
        unit = act.ticket.lead
        issued = Supervision(act.ticket.id, unit, text, due_on, staff.login, now)
        order_id = await act.work.supervisions.order(issued)
        data = {"order": order_id, "due": due_on.isoformat(), "unit": unit}
        act.note("supervised", "unit", text, **data)
        act.data = data
    return order_id


async def answer(
    services: Services,
    staff: Staff,
    number: str,
    order_id: int,
    text: str,
    version: int | None = None,
) -> None:
    """Answer an order, once. Raises NoSuchOrder for one of another ticket or answered already."""
    text, now = given(text), services.clock.now()
    async with acting(services, staff, number, "answer_supervision", version) as act:
        assert act.ticket.id is not None
        answered = await act.work.supervisions.answer(
            order_id, act.ticket.id, text, staff.login, now
        )
        if not answered:
            raise NoSuchOrder(ticket=number, order=order_id)
        act.note("supervision_answered", "unit", text, order=order_id, unit=act.ticket.lead)
        act.data = {"order": order_id}


def due_date(text: str) -> date:
    """The day a form names (YYYY-MM-DD). Raises DueMissing."""
    try:
        return date.fromisoformat(text)
    except ValueError as error:
        raise DueMissing() from error
