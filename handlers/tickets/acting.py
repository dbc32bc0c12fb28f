"""One act on a ticket is one transaction: permission, ticket, clocks, timeline, audit, outbox.

Every act refuses by raising a ShianError and then leaves nothing half done. `version` is the
version the officer was looking at; a ticket changed since raises Stale.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import date, datetime, time
from typing import Any

from handlers import staff as permissions
from handlers import wording
from handlers.errors import NoSuchUnit, ReasonMissing, Stale
from handlers.messages import Reply
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.tickets import clocks, corrections
from handlers.tickets.ticket import Ticket

DECIDED = frozenset(
    "accepted mediating declined handed_over settled terminated filed not_filed decided resolved "
    "strike_off_pending struck_off".split()
)
LONGEST = 4000  # code points of what an officer writes


@dataclass
class Act:
    """One act under way: the ticket, who acts, and the transaction it happens in.

    `data` goes to the audit row beside the number and the name of the act.
    """

    ticket: Ticket
    staff: Staff
    services: Services
    work: UnitOfWork
    data: dict[str, Any] = field(default_factory=dict)

    @property
    def actor(self) -> str:
        """The actor as the timeline names it."""
        return f"staff:{self.staff.login}"

    def phrase(self, key: str, **values: object) -> str:
        """A phrase for the timeline (zh-Hans)."""
        return self.services.phrases.text(key, "zh-Hans", **values)

    def why(self, reason: str) -> corrections.Why:
        """Who corrects, when and for which reason."""
        return corrections.Why(self.staff, self.services.clock.now(), reason)

    def unit(self, unit_id: str | None = None) -> str:
        """The Chinese name of a unit; the actor's own by default."""
        return self.services.jurisdiction.unit_name(unit_id or self.staff.unit)

    def note(self, type: str, audience: str, text: str, **data: Any) -> None:
        """Append a line to the timeline, now and in the actor's name."""
        self.ticket.note(self.services.clock.now(), self.actor, type, audience, text, **data)

    def move(self, to: str, audience: str, text: str, **data: Any) -> None:
        """Change the state, now and in the actor's name. Raises MoveNotAllowed."""
        self.ticket.move(to, self.services.clock.now(), self.actor, audience, text, **data)

    async def tell_citizen(self, text: str, key: str = "") -> None:
        """Put a message to the citizen into the outbox, once per version of the ticket and key."""
        citizen = await self.work.citizens.get(self.ticket.citizen_id)
        once = f"ticket:{self.ticket.number}:{self.ticket.version}{key and ':'}{key}"
        await self.work.outbox.reply(citizen, Reply(text, sender_name=self.unit()), once)


@asynccontextmanager
async def acting(
    services: Services, staff: Staff, number: str, action: str, version: int | None
) -> AsyncIterator[Act]:
    """Open one act; what the block did is stored and committed when it ends well.

    Raises NoSuchTicket, NotPermitted and Stale before the block is entered.
    """
    async with services.unit_of_work() as work:
        ticket = await work.tickets.get(number)
        permissions.check(staff, action, ticket)
        if version is not None and version != ticket.version:
            raise Stale(ticket=number)
        act = Act(ticket, staff, services, work)
        yield act
        await keep(services, work, ticket)
        await work.audit.record(
            services.clock.now(), act.actor, f"ticket.{action}", number, act.data
        )
        await work.commit()


async def keep(services: Services, work: UnitOfWork, ticket: Ticket) -> None:
    """Store a ticket, its clocks brought up to what its new timeline entries say."""
    follow_clocks(services, ticket)
    if ticket.id is None:
        await work.tickets.add(ticket)
    else:
        await work.tickets.save(ticket)


def follow_clocks(services: Services, ticket: Ticket) -> None:
    """Start, stop and hand on clocks. Order 121 binds market regulation, others their own aims."""
    market = services.jurisdiction.role("market")
    binds = clocks.BINDING if ticket.lead == market else frozenset({"target"})
    for entry in ticket.new_entries:
        if entry.type == "received" and ticket.state in DECIDED:
            continue  # a receipt noted after the decision starts nothing
        day = date.fromisoformat(entry.data["on"]) if entry.type == "received" else None
        at = datetime.combine(day, time(12), clocks.SHANGHAI) if day else entry.at
        clocks.follow(
            ticket.clocks,
            entry.type,
            ticket.kind,
            ticket.lead,
            at,
            services.law,
            services.workdays,
            binds,
        )
    for clock in ticket.clocks:
        clocks.inherit(clock, ticket.lead)


def given(text: str) -> str:
    """A text that must not be empty. Raises ReasonMissing."""
    if not text.strip():
        raise ReasonMissing()
    return text.strip()[:LONGEST]


def worded(text: str) -> str:
    """A text a citizen reads. Raises ReasonMissing, ForbiddenWording."""
    text = given(text)
    wording.check(text)
    return text


def check_unit(services: Services, unit_id: str) -> None:
    """Raise NoSuchUnit for one that does not exist or stands for several (各镇街)."""
    unit = services.jurisdiction.units.get(unit_id)
    if unit is None or unit.collective:
        raise NoSuchUnit(unit=unit_id)
