"""Alerts that reach people: calls to those on duty, and the next level when nobody answers.

An alert is a row; a call of it to one number is a row too, tried until it went out or was given up. What
is sent names the ticket and nothing of what happened: it leaves the house.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import sqlalchemy as sa
import structlog
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.alarm_providers import Provider, open_provider
from bot.contacts import Contacts, load_contacts
from bot.db.case_tables import calls
from bot.db.statements import insert_into
from bot.db.tables import alerts, tickets, timeline
from bot.waiting import rest

if TYPE_CHECKING:
    from bot.bootstrap import App

log = structlog.get_logger()
NEXT: Mapping[str, str] = {"unit": "unit_head", "unit_head": "office"}
POLL = 2.0  # seconds until a new alert is seen
ABREAST = 8  # calls under way
MAX_ATTEMPTS = 8
LONGEST_WAIT = 120.0  # seconds between tries
OPEN_ALERTS = 200


@dataclass
class Alarms:
    """Calls those who are to hear of open alerts."""

    app: App
    provider: Provider | None
    contacts: Contacts
    _flying: set[asyncio.Task[None]] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        """Call until told to stop; lets calls under way end."""
        while not stop.is_set():
            await self.look()
            await rest(stop, stop, POLL)
        await self.settle()

    async def look(self) -> None:
        """Make the calls that open alerts ask for, and start those that are due."""
        await self.prepare()
        if self.provider is None:
            return
        for call in await self._take():
            task = asyncio.ensure_future(self._call(call))
            self._flying.add(task)
            task.add_done_callback(self._flying.discard)

    async def settle(self) -> None:
        """Wait for the calls under way."""
        await asyncio.gather(*self._flying)

    async def prepare(self) -> None:
        """A row for each number that open alerts have reached; drops those no longer needed."""
        async with self.app.database.read() as connection:
            rows = (await connection.execute(_open_alerts())).all()
            known = await _known_calls(connection, [row.id for row in rows])
        wanted = [
            {"alert_id": row.id, "level": row.level, "target": target}
            for row in rows
            for target in self.contacts.of(row.unit, row.level)
        ]
        new = [w for w in wanted if (w["alert_id"], w["level"], w["target"]) not in known]
        if new:
            await self._keep(new)

    async def _keep(self, new: Sequence[Mapping[str, Any]]) -> None:
        more = {"state": "pending", "attempts": 0, "created_at": self.app.clock.now()}
        async with self.app.database.write() as connection:
            insert = insert_into(connection.dialect.name, calls).on_conflict_do_nothing()
            await connection.execute(insert, [{**row, **more} for row in new])

    async def _take(self) -> list[sa.RowMapping]:
        """Calls due now, each counted as tried before it leaves: a crash repeats, never loses."""
        free, now = ABREAST - len(self._flying), self.app.clock.now()
        async with self.app.database.read() as connection:
            found = (await connection.execute(_open_calls())).mappings().all()
        due = [row for row in found if _due(row) <= now][: max(0, free)]
        if not due:
            return []
        async with self.app.database.write() as connection:
            return [row for row in due if await _claimed(connection, row, now)]

    async def _call(self, call: sa.RowMapping) -> None:
        assert self.provider is not None
        values: dict[str, Any] = {"state": "sent", "error": None}
        try:
            await self.provider.call(call["target"], self._text(call))
        except Exception as error:
            # The job boundary: one call that fails is recorded and must not stop the others.
            given_up = call["attempts"] + 1 >= MAX_ATTEMPTS
            values = {"state": "failed" if given_up else "pending", "error": str(error)[:500]}
            log.exception("alarm_call_failed", call=call["id"], given_up=given_up)
        async with self.app.database.write() as connection:
            change = sa.update(calls).where(calls.c.id == call["id"])
            await connection.execute(change.values(**values, sent_at=self.app.clock.now()))

    def _text(self, call: sa.RowMapping) -> str:
        services = self.app.services
        return services.phrases.text(
            f"alarm.call_{call['level']}",
            number=call["ticket_number"],
            unit=services.jurisdiction.unit_name(call["unit"]),
            at=call["raised_at"].astimezone(self.app.clock.now().tzinfo).strftime("%H:%M"),
        )


def open_alarms(app: App) -> Alarms:
    """The alarms of the settings. Raises ContentError for a contact file that cannot be used."""
    contacts = load_contacts(app.settings.alarm_contacts, app.services.jurisdiction)
    return Alarms(app, open_provider(app.settings), contacts)


async def run_alarms(app: App, stop: asyncio.Event) -> None:
    """Call until told to stop; a loop for `shian serve`."""
    await open_alarms(app).run(stop)


async def escalate(app: App, due: datetime) -> int:
    """Take every alert nobody acknowledged in time to the next level; gives how many."""
    late = app.clock.now() - timedelta(minutes=app.settings.alarm_ack_minutes)
    c = alerts.c
    reached = sa.func.coalesce(c.escalated_at, c.raised_at, type_=c.raised_at.type)
    unheard = sa.and_(c.seen_at.is_(None), c.level.in_(list(NEXT)), reached <= late)
    async with app.database.read() as connection:
        rows = (await connection.execute(sa.select(alerts).where(unheard).limit(OPEN_ALERTS))).all()
    return sum([await _raise_level(app, row) for row in rows])


async def _raise_level(app: App, alert: Any) -> bool:
    """One level up, unless somebody was quicker; the ticket's timeline says so."""
    now, c, level = app.clock.now(), alerts.c, NEXT[alert.level]
    still = sa.and_(c.id == alert.id, c.level == alert.level, c.seen_at.is_(None))
    async with app.database.write() as connection:
        change = sa.update(alerts).where(still).values(level=level, escalated_at=now)
        if not (await connection.execute(change)).rowcount:
            return False
        await write_line(connection, alert.ticket_number, {
            "at": now,
            "actor": "bot",
            "type": "alert_escalated",
            "audience": "unit",
            "text": app.services.phrases.text(
                f"alarm.to_{level}", unit=app.services.jurisdiction.unit_name(alert.unit)
            ),
            "data": {"alert": alert.id, "unit": alert.unit, "level": level},
        })  # fmt: skip
    log.warning("alert_escalated", ticket=alert.ticket_number, unit=alert.unit, level=level)
    return True


async def write_line(connection: AsyncConnection, number: str, entry: Mapping[str, Any]) -> None:
    """A line for the timeline of a ticket; none when there is no such ticket."""
    found = await connection.scalar(sa.select(tickets.c.id).where(tickets.c.number == number))
    if found is not None:
        await connection.execute(sa.insert(timeline).values({**entry, "ticket_id": found}))


def _open_alerts() -> sa.Select[Any]:
    c = alerts.c
    query = sa.select(c.id, c.unit, c.level).where(c.seen_at.is_(None))
    return query.order_by(c.id.desc()).limit(OPEN_ALERTS)


async def _known_calls(
    connection: AsyncConnection, alert_ids: Sequence[int]
) -> set[tuple[int, str, str]]:
    c = calls.c
    query = sa.select(c.alert_id, c.level, c.target).where(c.alert_id.in_(alert_ids))
    return {(a, level, target) for a, level, target in (await connection.execute(query)).all()}


def _open_calls() -> sa.Select[Any]:
    """Calls to be made, with their alerts. One acknowledged meanwhile needs no more calls."""
    a = alerts.c
    query = sa.select(calls, a.ticket_number, a.unit, a.raised_at).join(alerts)
    return query.where(calls.c.state == "pending", a.seen_at.is_(None)).order_by(calls.c.id)


def _due(call: sa.RowMapping) -> datetime:
    tried: datetime | None = call["sent_at"]
    if tried is None:
        due: datetime = call["created_at"]
        return due
    return tried + timedelta(seconds=min(LONGEST_WAIT, 15.0 * 2 ** call["attempts"]))


async def _claimed(connection: AsyncConnection, call: sa.RowMapping, now: datetime) -> bool:
    """Count the try; False when another process took it. The wait covers the call's own limit."""
    c = calls.c
    same = sa.and_(c.id == call["id"], c.attempts == call["attempts"], c.state == "pending")
    change = sa.update(calls).where(same).values(attempts=call["attempts"] + 1, sent_at=now)
    return bool((await connection.execute(change)).rowcount)
