"""Whose matter it is: dispatch, transfer, return, arbitration, and helpers with tasks of their own.

A return is argued before 食安办 while somebody works on it (先办后议). After MOST_HOPS returns and
transfers only 食安办 moves a ticket, so that it cannot be played back and forth.
"""

from __future__ import annotations

from datetime import date

from handlers.errors import NoSuchTask, PingPong, SameUnit
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import corrections
from handlers.tickets.acting import Act, acting, check_unit, given, worded
from handlers.tickets.ports import Task

MOST_HOPS = 3


async def transfer(
    services: Services,
    staff: Staff,
    number: str,
    to_unit: str,
    reason: str,
    version: int | None = None,
) -> None:
    """转派: another unit leads from now on, for a reason that the citizen reads.

    Raises PingPong when the ticket was handed on too often already, SameUnit, NoSuchUnit.
    """
    reason = worded(reason)
    async with acting(services, staff, number, "transfer", version) as act:
        _check_target(act, to_unit)
        if act.ticket.hops >= MOST_HOPS and staff.unit != services.jurisdiction.office:
            raise PingPong(ticket=number, hops=act.ticket.hops)
        text = act.phrase(
            "officer.transferred", number=number, unit=act.unit(to_unit), reason=reason
        )
        await corrections.keep_unit(act.work, act.ticket, to_unit, act.why(reason))
        act.ticket.hops += 1
        hand_to(act, to_unit, text, how="transferred")
        await act.tell_citizen(text)


async def return_to_office(
    services: Services, staff: Staff, number: str, reason: str, version: int | None = None
) -> None:
    """退回: to 食安办 for arbitration; the unit that returns it goes on until that is decided."""
    reason = given(reason)
    async with acting(services, staff, number, "return", version) as act:
        ticket = act.ticket
        if ticket.lead == services.jurisdiction.office:
            raise SameUnit(ticket=number)
        act.move("returned", "unit", reason, unit=ticket.lead)
        ticket.assist = tuple(dict.fromkeys([*ticket.assist, ticket.lead]))
        ticket.interim = ticket.lead
        ticket.lead, ticket.officer = services.jurisdiction.office, None
        ticket.hops += 1


async def name_interim(
    services: Services, staff: Staff, number: str, unit: str, version: int | None = None
) -> None:
    """先办后议: 食安办 says who works on a returned ticket while it is argued."""
    async with acting(services, staff, number, "dispatch", version) as act:
        check_unit(services, unit)
        if act.ticket.state != "returned":
            raise NoSuchTask(ticket=number)
        act.ticket.interim = unit
        act.ticket.assist = tuple(dict.fromkeys([*act.ticket.assist, unit]))
        act.note("interim", "unit", act.phrase("officer.interim", unit=act.unit(unit)), unit=unit)


async def dispatch(
    services: Services,
    staff: Staff,
    number: str,
    to_unit: str,
    reason: str = "",
    version: int | None = None,
) -> None:
    """分派: 食安办 decides who answers (triage desk, after a return, or down the levels)."""
    async with acting(services, staff, number, "dispatch", version) as act:
        check_unit(services, to_unit)
        text = act.phrase("officer.dispatched", number=number, unit=act.unit(to_unit))
        await corrections.keep_unit(act.work, act.ticket, to_unit, act.why(reason))
        hand_to(act, to_unit, text, how="dispatched", reason=reason)
        await act.tell_citizen(text)


async def delegate(
    services: Services, staff: Staff, number: str, to_unit: str, version: int | None = None
) -> None:
    """分级交办: a unit gives a ticket to one of its own stations and goes on overseeing it.

    Raises NoSuchUnit for a unit that is not directly below.
    """
    async with acting(services, staff, number, "delegate", version) as act:
        check_unit(services, to_unit)
        below = services.jurisdiction.units[to_unit].parent == act.ticket.lead
        if not below:
            raise SameUnit(ticket=number, unit=to_unit)
        text = act.phrase("officer.dispatched", number=number, unit=act.unit(to_unit))
        above = act.ticket.lead
        hand_to(act, to_unit, text, how="delegated")
        act.ticket.assist = tuple(dict.fromkeys([*act.ticket.assist, above]))
        await act.tell_citizen(text)


async def give_task(
    services: Services,
    staff: Staff,
    number: str,
    unit: str,
    text: str,
    due_on: date,
    version: int | None = None,
) -> None:
    """协办: an assisting unit gets a part of the work, with its own deadline."""
    text = given(text)
    async with acting(services, staff, number, "give_task", version) as act:
        _check_target(act, unit)
        act.ticket.assist = tuple(dict.fromkeys([*act.ticket.assist, unit]))
        assert act.ticket.id is not None
        now = services.clock.now()
        await act.work.tasks.give(Task(act.ticket.id, unit, text, due_on, staff.login, now))
        said = act.phrase("officer.task", unit=act.unit(unit), due=f"{due_on:%Y-%m-%d}", text=text)
        act.note("task", "unit", said, unit=unit, due=due_on.isoformat())


async def finish_task(
    services: Services,
    staff: Staff,
    number: str,
    task_id: int,
    answer: str,
    version: int | None = None,
) -> None:
    """An assisting unit reports its part as done. Raises NoSuchTask for one that is not theirs."""
    answer = given(answer)
    async with acting(services, staff, number, "finish_task", version) as act:
        assert act.ticket.id is not None
        done = await act.work.tasks.finish(
            task_id, act.ticket.id, staff.unit, answer, services.clock.now()
        )
        if not done:
            raise NoSuchTask(ticket=number, task=task_id)
        said = act.phrase("officer.task_done", unit=act.unit(), text=answer)
        act.note("task_done", "unit", said, task=task_id, unit=staff.unit)


def hand_to(act: Act, unit: str, text: str, *, how: str, reason: str = "") -> None:
    """Make `unit` the lead, with the move and the trace of who had it before."""
    ticket, before = act.ticket, act.ticket.lead
    act.move("dispatched", "citizen", text, how=how, target=unit, before_unit=before, reason=reason)
    ticket.assist = tuple(u for u in ticket.assist if u != unit)
    ticket.lead, ticket.officer, ticket.interim = unit, None, None
    if before != unit and how != "delegated":  # passing down a level is no error of routing
        ticket.routing = {**ticket.routing, "moved_from": before}


def _check_target(act: Act, unit: str) -> None:
    check_unit(act.services, unit)
    if unit == act.ticket.lead:
        raise SameUnit(ticket=act.ticket.number, unit=unit)
