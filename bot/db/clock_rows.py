"""The clocks of tickets as rows; the ladder finds them by state and day."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.case_tables import clocks
from bot.db.statements import insert_into
from handlers.tickets.clocks import Clock
from handlers.tickets.ticket import Ticket

KEY = ("ticket_id", "position")


async def add_clocks(connection: AsyncConnection, tickets: Sequence[Ticket]) -> None:
    """Give tickets the clocks they have, in the order they were started."""
    c, by_id = clocks.c, {ticket.id: ticket for ticket in tickets}
    query = sa.select(c.ticket_id, c.data).where(c.ticket_id.in_(by_id)).order_by(c.position)
    for ticket_id, data in (await connection.execute(query)).all() if by_id else ():
        by_id[ticket_id].clocks.append(Clock.from_json(data))


async def write_clocks(connection: AsyncConnection, ticket: Ticket) -> None:
    """Store a ticket's clocks; `announced` stays what the ladder made of it."""
    rows = [_row(ticket, position, clock) for position, clock in enumerate(ticket.clocks)]
    if rows:
        kept = insert_into(connection.dialect.name, clocks)
        changed = {name: kept.excluded[name] for name in rows[0] if name not in KEY}
        statement = kept.on_conflict_do_update(index_elements=KEY, set_=changed)
        await connection.execute(statement, rows)


def _row(ticket: Ticket, position: int, clock: Clock) -> dict[str, Any]:
    return {
        "ticket_id": ticket.id,
        "position": position,
        "name": clock.name,
        "unit": clock.unit,
        "state": clock.state,
        "started_on": clock.started_on,
        "due_on": clock.due_on,
        "data": clock.to_json(),
    }
