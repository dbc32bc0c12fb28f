"""The tick of the warning ladder: which clocks reached a rung that nobody was told of yet.

Clocks of one start and end have one colour, so a tick works out the colour of each term once and never
reads tickets one by one. The rung announced stands on the clock's row and changes in the transaction that
writes the timeline entries: several schedulers, or a crash, say nothing twice.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from bot.db import ladder_rows
from bot.db.ladder_rows import Term
from handlers.tickets.clocks import Clock, colour, local_day
from handlers.tickets.ladder import Rung, entry_data, rung

if TYPE_CHECKING:
    from bot.bootstrap import App

BATCH = 5000  # clocks of one transaction: other writers wait no longer than for these


async def tick(app: App, due: datetime) -> int:
    """Announce every rung reached by today; gives how many entries were written."""
    today = local_day(app.clock.now())
    async with app.database.read() as connection:
        found = await ladder_rows.terms(connection)
    written = 0
    for started_on, due_on, announced in found:
        step = _step(started_on, due_on, today)
        if announced != _noted(step):
            written += await _announce(app, (started_on, due_on, announced), step)
    return written + await _late_orders(app, today)


def _step(started_on: date, due_on: date, today: date) -> Rung | None:
    return rung(colour(Clock("", started_on, "", started_on, due_on), today))


def _noted(step: Rung | None) -> str:
    """What stands on a clock whose rung was announced; nothing on one that came down again."""
    return step.colour if step else ""


async def _announce(app: App, term: Term, step: Rung | None) -> int:
    """All clocks of a term, a batch in each transaction."""
    written, now = 0, app.clock.now()
    while True:
        async with app.database.write() as connection:
            rows = await ladder_rows.announce(connection, term, _noted(step), BATCH)
            if step:
                notice = _Notice(app, step, term[1], now)
                for (clock, unit), tickets in _alike(rows).items():
                    await ladder_rows.write_line(connection, tickets, notice.entry(clock, unit))
                written += len(rows)
        if len(rows) < BATCH:
            return written


def _alike(rows: Iterable[tuple[int, str, str]]) -> Mapping[tuple[str, str], list[int]]:
    """Tickets by name and unit of their clocks: these get the same line."""
    found = defaultdict[tuple[str, str], list[int]](list)
    for ticket_id, name, unit in rows:
        found[name, unit].append(ticket_id)
    return found


@dataclass(frozen=True)
class _Notice:
    """What is said of all clocks of one term on one rung."""

    app: App
    step: Rung
    due: date
    at: datetime

    def entry(self, clock: str, unit: str) -> Mapping[str, Any]:
        """The line for the timelines of all tickets whose clock of this name is this unit's."""
        services, due = self.app.services, self.due.isoformat()
        rules = {rule.id: rule.name for rule in services.law.clocks(self.at.date())}
        called = rules.get(clock, clock)
        return {
            "at": self.at,
            "actor": "bot",
            "type": self.step.event,
            "audience": "unit",
            "text": services.phrases.text(self.step.phrase, clock=called, due=due),
            "data": entry_data(self.step, clock, unit, self.due),
        }


async def _late_orders(app: App, today: date) -> int:
    """Say once of each order (督办) that it was not answered in time."""
    async with app.database.read() as connection:
        late = await ladder_rows.late_orders(connection, today)
    return sum([await _late_order(app, row) for row in late])


async def _late_order(app: App, order: Any) -> int:
    now = app.clock.now()
    due = order.due_on.isoformat()
    entry = {
        "at": now,
        "actor": "bot",
        "type": "supervision_overdue",
        "audience": "unit",
        "text": app.services.phrases.text("ladder.order", due=due),
        "data": {"order": order.id, "due": due, "unit": order.unit, "to": "office"},
    }
    name = f"{ladder_rows.LATE_ORDER}{order.id}"
    async with app.database.write() as connection:
        if not await ladder_rows.mark(connection, name, order.due_on, now):
            return 0
        await ladder_rows.write_line(connection, [order.ticket_id], entry)
    return 1
