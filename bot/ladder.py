"""The tick of the warning ladder: which clocks reached a rung that nobody was told of yet.

Clocks of one start and end have one colour, so a tick works out the colour of each term once and never
reads tickets one by one. The rung announced stands on the clock's row and changes in the transaction that
writes the timeline entries: several schedulers, or a crash, say nothing twice.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import TYPE_CHECKING, Any

from bot.db import ladder_rows
from bot.db.ladder_rows import Line, Term
from handlers.tickets.clocks import Clock, colour, local_day
from handlers.tickets.ladder import Rung, entry_data, rung

if TYPE_CHECKING:
    import sqlalchemy as sa

    from bot.bootstrap import App

LANES = 2  # transactions of a tick under way together
BATCH = 5000  # clocks of one transaction: other writers wait no longer than for these


async def tick(app: App, due: datetime) -> int:
    """Announce every rung reached by today; gives how many entries were written."""
    today = local_day(app.clock.now())
    async with app.database.read() as connection:
        found = await ladder_rows.terms(connection)
    work = [
        (some, before, step)
        for (before, step), counted in _reached(found, today).items()
        for some in _batches(counted)
    ]
    async with asyncio.TaskGroup() as lanes:
        told = [lanes.create_task(_lane(app, work)) for _ in range(LANES)]
    return sum(lane.result() for lane in told) + await _late_orders(app, today)


async def _lane(app: App, work: list[tuple[list[Term], str, Rung | None]]) -> int:
    """Take batches until none is left: PostgreSQL writes several at once, SQLite one by one."""
    written = 0
    while work:
        written += await _announce(app, *work.pop(0))
    return written


def _reached(
    found: Iterable[sa.Row[date, date, str, int]], today: date
) -> Mapping[tuple[str, Rung | None], list[tuple[Term, int]]]:
    """Terms whose rung is another than the one announced, by both; with how many clocks each has.

    Those that end on one day stand together, so that a batch finds its clocks by that day.
    """
    reached = defaultdict[tuple[str, Rung | None], list[tuple[Term, int]]](list)
    for started_on, due_on, announced, clocks in sorted(found, key=lambda term: term.due_on):
        step = rung(colour(Clock("", started_on, "", started_on, due_on), today))
        if announced != _noted(step):
            reached[announced, step].append(((started_on, due_on), clocks))
    return reached


def _batches(counted: Iterable[tuple[Term, int]]) -> Iterator[list[Term]]:
    """Terms with BATCH clocks together: one transaction for each term would mostly wait for the disk."""
    some: list[Term] = []
    together = 0
    for term, clocks in counted:
        if some and together + clocks > BATCH:
            yield some
            some, together = [], 0
        some.append(term)
        together += clocks
    if some:
        yield some


def _noted(step: Rung | None) -> str:
    """What stands on a clock whose rung was announced; nothing on one that came down again."""
    return step.colour if step else ""


async def _announce(app: App, terms: Sequence[Term], before: str, step: Rung | None) -> int:
    """All clocks of some terms, a batch in each transaction."""
    written, noted = 0, _noted(step)
    notice = _Notice(app, step, app.clock.now()) if step else None
    while True:
        async with app.database.write() as connection:
            rows = await ladder_rows.announce(connection, terms, before, noted, BATCH)
            if notice:
                lines = [notice.line(tickets, *said) for said, tickets in _alike(rows).items()]
                await ladder_rows.write_lines(connection, notice.entry, lines)
                written += len(rows)
        if len(rows) < BATCH:
            return written


def _alike(
    rows: Iterable[sa.Row[int, str, str, date]],
) -> Mapping[tuple[str, str, date], list[int]]:
    """Tickets by name, unit and end of their clocks: these get the same line."""
    found = defaultdict[tuple[str, str, date], list[int]](list)
    for ticket_id, name, unit, due_on in rows:
        found[name, unit, due_on].append(ticket_id)
    return found


@dataclass(frozen=True)
class _Notice:
    """What is said of clocks on one rung."""

    app: App
    step: Rung
    at: datetime

    @property
    def entry(self) -> Mapping[str, Any]:
        """What is the same in the timelines of all tickets."""
        return _entry(self.at, self.step.event)

    def line(self, tickets: Sequence[int], clock: str, unit: str, due: date) -> Line:
        """The line for the timelines of all tickets whose clock of this name and end is this unit's."""
        phrases, called = self.app.services.phrases, self._names.get(clock, clock)
        text = phrases.text(self.step.phrase, clock=called, due=due.isoformat())
        return tickets, text, entry_data(self.step, clock, unit, due)

    @cached_property
    def _names(self) -> Mapping[str, str]:
        rules = self.app.services.law.clocks(self.at.date())
        return {rule.id: rule.name for rule in rules}


def _entry(at: datetime, event: str) -> Mapping[str, Any]:
    return {"at": at, "actor": "bot", "type": event, "audience": "unit"}


async def _late_orders(app: App, today: date) -> int:
    """Say once of each order (督办) that it was not answered in time."""
    async with app.database.read() as connection:
        late = await ladder_rows.late_orders(connection, today)
    return sum([await _late_order(app, row) for row in late])


async def _late_order(app: App, order: Any) -> int:
    now, due = app.clock.now(), order.due_on.isoformat()
    text = app.services.phrases.text("ladder.order", due=due)
    data = {"order": order.id, "due": due, "unit": order.unit, "to": "office"}
    line = ([order.ticket_id], text, data)
    name = f"{ladder_rows.LATE_ORDER}{order.id}"
    async with app.database.write() as connection:
        if not await ladder_rows.mark(connection, name, order.due_on, now):
            return 0
        await ladder_rows.write_lines(connection, _entry(now, "supervision_overdue"), [line])
    return 1
