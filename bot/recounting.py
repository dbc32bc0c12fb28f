"""Counts provisional deadlines anew when the holidays of their year have become known."""

from __future__ import annotations

import sqlalchemy as sa

from bot.db.case_tables import clocks as rows
from bot.db.engine import Database
from bot.db.tables import tickets
from handlers.ports import UnitsOfWork
from handlers.services import Services
from handlers.tickets import clocks

BATCH = 500


async def recount(database: Database, units_of_work: UnitsOfWork, services: Services) -> int:
    """Set open provisional clocks anew; gives how many tickets have another deadline now."""
    today, moved = services.clock.now().date(), 0
    if not services.workdays.known(today.year + 1):
        return 0
    provisional = rows.c.data["provisional"].as_boolean()
    query = sa.select(tickets.c.number).join(rows, rows.c.ticket_id == tickets.c.id)
    query = query.where(rows.c.state.in_(clocks.OPEN), provisional).distinct().limit(BATCH)
    async with database.read() as connection:
        numbers = (await connection.execute(query)).scalars().all()
    for number in numbers:
        moved += await _recount(units_of_work, services, number)
    return moved


async def _recount(units_of_work: UnitsOfWork, services: Services, number: str) -> bool:
    async with units_of_work() as work:
        ticket = await work.tickets.get(number)
        before = [clock.due_on for clock in ticket.clocks]
        for clock in ticket.clocks:
            if clock.provisional:
                clocks.recount(clock, services.law, services.workdays)
        changed = before != [clock.due_on for clock in ticket.clocks]
        if changed:
            said = services.phrases.text("timeline.recounted")
            ticket.note(services.clock.now(), "bot", "recounted", "unit", said)
        await work.tickets.save(ticket)
        await work.commit()
    return changed
