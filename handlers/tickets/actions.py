"""What staff do to a ticket. One function is one transaction: ticket, timeline and outbox together.

Every function refuses by raising a ShianError and then leaves nothing half done. `version` is the
ticket's version the officer was looking at; a ticket changed since raises Stale.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import asdict, dataclass

from handlers import staff as permissions
from handlers import wording
from handlers.dialog import Dialog
from handlers.errors import NoSuchUnit, NothingCorrected, ReasonMissing, Stale
from handlers.messages import Reply
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.tickets import corrections
from handlers.tickets.ticket import Ticket

LEGAL_STEPS = frozenset(
    "accepted declined handed_over mediating settled terminated verifying filed not_filed decided".split()
)


@dataclass
class Act:
    """One action under way: the ticket, who acts, and the transaction it happens in."""

    ticket: Ticket
    staff: Staff
    services: Services
    work: UnitOfWork

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

    async def tell_citizen(self, text: str) -> None:
        """Put a message to the citizen into the outbox, once per version of the ticket."""
        citizen = await self.work.citizens.get(self.ticket.citizen_id)
        key = f"ticket:{self.ticket.number}:{self.ticket.version}"
        await self.work.outbox.reply(citizen, Reply(text, sender_name=self.unit()), key)


@asynccontextmanager
async def _act(
    services: Services, staff: Staff, number: str, action: str, version: int | None
) -> AsyncIterator[Act]:
    async with services.unit_of_work() as work:
        ticket = await work.tickets.get(number)
        permissions.check(staff, action, ticket)
        if version is not None and version != ticket.version:
            raise Stale(ticket=number)
        yield Act(ticket, staff, services, work)
        await work.tickets.save(ticket)
        await work.commit()


async def claim(services: Services, staff: Staff, number: str, version: int | None = None) -> None:
    """签收: the unit takes the ticket; the citizen hears of it."""
    async with _act(services, staff, number, "claim", version) as act:
        text = act.phrase("officer.claimed", number=number, unit=act.unit())
        act.ticket.move("claimed", services.clock.now(), act.actor, "citizen", text)
        act.ticket.officer = staff.login
        await act.tell_citizen(text)


async def reply(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """Answer the citizen; a question is answered by it."""
    text = _worded(text)
    async with _act(services, staff, number, "reply", version) as act:
        now = services.clock.now()
        if act.ticket.kind in ("consult", "suggestion", "rumour_check"):
            _claim_silently(act)
            act.ticket.move("answered", now, act.actor, "citizen", text)
        else:
            act.ticket.note(now, act.actor, "reply", "citizen", text)
        await act.tell_citizen(
            act.phrase("officer.reply", unit=act.unit(), number=number, text=text)
        )


async def ask(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """Ask the citizen; the next thing they write lands in this timeline."""
    text = _worded(text)
    async with _act(services, staff, number, "ask", version) as act:
        now = services.clock.now()
        act.ticket.note(now, act.actor, "question", "citizen", text)
        stored = await act.work.dialogs.load(act.ticket.citizen_id)
        dialog = Dialog.from_json(stored)
        dialog.question = number
        await act.work.dialogs.save(act.ticket.citizen_id, dialog.to_json(), now)
        await act.tell_citizen(
            act.phrase("officer.question", unit=act.unit(), number=number, text=text)
        )


async def note(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """An internal note; the citizen never sees it."""
    text = _given(text)
    async with _act(services, staff, number, "note", version) as act:
        act.ticket.note(services.clock.now(), act.actor, "note", "unit", text)


async def transfer(
    services: Services,
    staff: Staff,
    number: str,
    to_unit: str,
    reason: str,
    version: int | None = None,
) -> None:
    """转派: another unit leads from now on, for a reason that the citizen reads."""
    reason = _worded(reason)
    async with _act(services, staff, number, "transfer", version) as act:
        _check_unit(services, to_unit, act.ticket.lead)
        text = act.phrase(
            "officer.transferred", number=number, unit=act.unit(to_unit), reason=reason
        )
        await corrections.keep_unit(act.work, act.ticket, to_unit, act.why(reason))
        _hand_to(act, to_unit, text, how="transferred")
        await act.tell_citizen(text)


async def return_to_office(
    services: Services, staff: Staff, number: str, reason: str, version: int | None = None
) -> None:
    """退回: back to 食安办 for arbitration, never sideways without a reason."""
    reason = _given(reason)
    async with _act(services, staff, number, "return", version) as act:
        ticket, now = act.ticket, services.clock.now()
        ticket.move("returned", now, act.actor, "unit", reason, unit=ticket.lead)
        ticket.assist = tuple(dict.fromkeys([*ticket.assist, ticket.lead]))
        ticket.lead, ticket.officer = services.jurisdiction.office, None


async def dispatch(
    services: Services,
    staff: Staff,
    number: str,
    to_unit: str,
    reason: str = "",
    version: int | None = None,
) -> None:
    """分派: 食安办 decides who answers (triage desk, or after a return)."""
    async with _act(services, staff, number, "dispatch", version) as act:
        _check_unit(services, to_unit, None)
        text = act.phrase("officer.dispatched", number=number, unit=act.unit(to_unit))
        await corrections.keep_unit(act.work, act.ticket, to_unit, act.why(reason))
        _hand_to(act, to_unit, text, how="dispatched", reason=reason)
        await act.tell_citizen(text)


async def correct(
    services: Services,
    staff: Staff,
    number: str,
    intent: str,
    hazards: Iterable[str],
    reason: str,
    version: int | None = None,
) -> None:
    """更正理解: what the matter really is, kept as an example for the next training."""
    reason, meant = _given(reason), corrections.meaning(intent, hazards)
    async with _act(services, staff, number, "correct", version) as act:
        before = corrections.meaning_of(act.ticket)
        if meant.same_as(before):
            raise NothingCorrected(ticket=number)
        data = {"before": asdict(before), "after": asdict(meant)}
        act.ticket.note(services.clock.now(), act.actor, "corrected", "unit", reason, **data)
        await corrections.keep_meaning(act.work, act.ticket, meant, act.why(reason))


async def take_step(
    services: Services,
    staff: Staff,
    number: str,
    step: str,
    text: str,
    version: int | None = None,
) -> None:
    """A legal step (受理、核查、立案 …), made by an officer, with words for the citizen."""
    text = _worded(text)
    async with _act(services, staff, number, "move", version) as act:
        if step not in LEGAL_STEPS:
            raise ReasonMissing(step=step)
        act.ticket.move(step, services.clock.now(), act.actor, "citizen", text)
        state = act.phrase(f"state.{step}")
        await act.tell_citizen(act.phrase("officer.moved", number=number, state=state, text=text))


async def resolve(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """办结: the unit is done and says what came of it. Striking off is the supervisor's."""
    text = _worded(text)
    async with _act(services, staff, number, "resolve", version) as act:
        act.ticket.move("resolved", services.clock.now(), act.actor, "citizen", text)
        await act.tell_citizen(
            act.phrase("officer.resolved", number=number, unit=act.unit(), text=text)
        )


def _claim_silently(act: Act) -> None:
    """A question answered straight from the queue is claimed on the way."""
    if act.ticket.state == "dispatched":
        text = act.phrase("officer.claimed", number=act.ticket.number, unit=act.unit())
        act.ticket.move("claimed", act.services.clock.now(), act.actor, "unit", text)
        act.ticket.officer = act.staff.login


def _hand_to(act: Act, unit: str, text: str, *, how: str, reason: str = "") -> None:
    ticket, now, before = act.ticket, act.services.clock.now(), act.ticket.lead
    ticket.move("dispatched", now, act.actor, "citizen", text, how=how, target=unit, reason=reason)
    ticket.assist = tuple(u for u in ticket.assist if u != unit)
    ticket.lead, ticket.officer = unit, None
    ticket.routing = {**ticket.routing, "moved_from": before}


def _check_unit(services: Services, unit_id: str, current: str | None) -> None:
    unit = services.jurisdiction.units.get(unit_id)
    if unit is None or unit.collective or unit_id == current:
        raise NoSuchUnit(unit=unit_id)


def _given(text: str) -> str:
    if not text.strip():
        raise ReasonMissing()
    return text.strip()[:4000]


def _worded(text: str) -> str:
    text = _given(text)
    wording.check(text)
    return text
