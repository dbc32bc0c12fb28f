"""Legal steps, made by an officer: receipt, acceptance, mediation, verification, and their notices.

A step that the law wants in writing makes the written notice (Order 121 arts. 15, 16, 23, 34;
食品安全法 art. 115) and sends its text to the citizen; the file is kept for print.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from handlers import wording
from handlers.errors import (
    GroundMissing,
    NoSuchClock,
    NoSuchForm,
    NotBound,
    ReasonMissing,
    ReceiptMissing,
)
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import clocks, documents, releases
from handlers.tickets.acting import Act, acting, given, worded
from handlers.tickets.moves import LEGAL_STEPS
from handlers.tickets.ports import Written
from handlers.tickets.ticket import Ticket

FORM_OF = {
    ("complaint", "accepted"): "accepted",
    ("complaint", "declined"): "declined",
    ("complaint", "terminated"): "terminated",
    ("complaint", "settled"): "settled",
    ("complaint", "handed_over"): "handed_over",
    ("report", "handed_over"): "handed_over",
}
GROUNDS = {"declined": "declining", "terminated": "terminating"}  # step → list in law.yml
TOLD = frozenset({"declined", "terminated", "handed_over", "accepted"})  # notices sent as text


# Steps that Order 121 and 行政处罚程序规定 know and that other departments do not take.
ORDER_121 = frozenset({"accepted", "declined", "mediating", "settled", "terminated"})


@dataclass(frozen=True)
class Step:
    """A legal step as it was filled in: the state it leads to, words for the citizen, the ground
    of law.yml it rests on (declining, terminating), the authority it goes to (handing over)."""

    to: str
    text: str
    ground: int | None = None
    authority: str = ""


async def take_step(
    services: Services, staff: Staff, number: str, step: Step, version: int | None = None
) -> None:
    """受理、不予受理、调解、核查、立案 …, with the written notice where there is one.

    Raises GroundMissing when declining or terminating names none of the law's grounds,
    ReasonMissing when handing over names no authority, MoveNotAllowed, ForbiddenWording.
    """
    text = worded(step.text)
    async with acting(services, staff, number, "move", version) as act:
        if step.to not in LEGAL_STEPS:
            raise ReasonMissing(step=step.to)
        if step.to in ORDER_121 and not bound(services, act.ticket):
            raise NotBound(ticket=number, step=step.to)
        await releases.check(act.work, act.ticket, text)
        notice = _notice(act, step, text)
        data = {"ground": step.ground, "authority": step.authority}
        act.move(step.to, "citizen", text, **{k: v for k, v in data.items() if v})
        state = act.phrase(f"state.{step.to}")
        await act.tell_citizen(act.phrase("officer.moved", number=number, state=state, text=text))
        if notice is not None:
            await _issue(act, notice, told=step.to in TOLD)


def bound(services: Services, ticket: Ticket) -> bool:
    """Whether Order 121 binds the unit that leads: market regulation only."""
    return ticket.lead == services.jurisdiction.role("market")


async def issue_form(
    services: Services,
    staff: Staff,
    number: str,
    form_id: str,
    typed: Mapping[str, str],
    version: int | None = None,
) -> None:
    """Make one of the official forms by hand; what is still blank is listed on it.

    Raises NoSuchForm for one that does not exist or is of another kind of matter, ForbiddenWording.
    """
    form = services.documents.by_id.get(form_id)
    for text in typed.values():
        wording.check(text)
    async with acting(services, staff, number, "move", version) as act:
        if form is None or act.ticket.kind not in form.kinds:
            raise NoSuchForm(ticket=number, form=form_id)
        known = {name: text.strip()[:1000] for name, text in typed.items() if name in form.holes}
        await _issue(act, documents.notice(services, act.ticket, form_id, known), told=False)


async def receive(
    services: Services,
    staff: Staff,
    number: str,
    channel: str,
    their_number: str,
    on: date,
    version: int | None = None,
) -> None:
    """正式接收: the matter reached a published channel on that day; statutory clocks start there."""
    channel, their_number = given(channel), given(their_number)
    async with acting(services, staff, number, "receive", version) as act:
        now = services.clock.now()
        if on > now.date() or on < act.ticket.created_at.astimezone(now.tzinfo).date():
            raise ReceiptMissing(ticket=number, on=on.isoformat())
        act.ticket.received = {"channel": channel, "number": their_number, "on": on.isoformat()}
        said = act.phrase("officer.received", channel=channel, number=their_number, on=on)
        act.note("received", "unit", said, on=on.isoformat())


async def notified(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """告知: both parties were told of the end of mediation (art. 23, 7 working days)."""
    text = given(text)
    async with acting(services, staff, number, "move", version) as act:
        act.note("notified", "unit", text)


async def new_facts(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """补充新事实: the period of a report runs anew (art. 35)."""
    text = given(text)
    async with acting(services, staff, number, "move", version) as act:
        act.note("new_facts", "unit", text)


async def pause_clock(
    services: Services,
    staff: Staff,
    number: str,
    name: str,
    reason: str,
    version: int | None = None,
) -> None:
    """中止: the days of an appraisal do not count (art. 22). Raises NoSuchClock, ClockRefused."""
    reason = given(reason)
    async with acting(services, staff, number, "move", version) as act:
        clock = _clock(act, name)
        clocks.pause(clock, services.clock.now().date(), reason, services.law)
        act.note("clock_paused", "unit", reason, clock=name)


async def resume_clock(
    services: Services, staff: Staff, number: str, name: str, version: int | None = None
) -> None:
    """恢复: the clock goes on, its deadline moved by the days that did not count."""
    async with acting(services, staff, number, "move", version) as act:
        clock = _clock(act, name)
        clocks.resume(clock, services.clock.now().date(), services.law, services.workdays)
        due = f"{clock.due_on:%Y-%m-%d}"
        act.note("clock_resumed", "unit", act.phrase("officer.resumed", due=due), clock=name)


async def extend_clock(
    services: Services,
    staff: Staff,
    number: str,
    extension: str,
    reason: str,
    days: int | None = None,
    version: int | None = None,
) -> None:
    """延期, with an approver: report.verify_extended, case.decide_extended, case.decide_collective."""
    reason = given(reason)
    async with acting(services, staff, number, "extend", version) as act:
        rule = services.law.clock(extension, services.clock.now().date())
        clock = _clock(act, rule.extends or "")
        today = services.clock.now().date()
        length = days if rule.days is None else rule.days
        approval = clocks.Extension(extension, length or 0, staff.name, reason, today)
        clocks.extend(clock, rule, approval, staff.role, services.law, services.workdays)
        due = f"{clock.due_on:%Y-%m-%d}"
        said = act.phrase("officer.extended", clock=rule.name, due=due, reason=reason)
        act.note("clock_extended", "unit", said, clock=clock.name, by=extension)


def _clock(act: Act, name: str) -> clocks.Clock:
    """The ticket's newest clock of that name that has not ended."""
    found = [c for c in act.ticket.clocks if c.name == name and c.state in ("running", "paused")]
    if not found:
        raise NoSuchClock(ticket=act.ticket.number, clock=name)
    return found[-1]


def _notice(act: Act, step: Step, text: str) -> documents.Document | None:
    form = FORM_OF.get((act.ticket.kind, step.to))
    if form is None:
        return None
    extra = {"reason": text, "authority": step.authority}
    if step.to == "handed_over":
        extra["authority"] = given(step.authority)
    ground = None
    if (listed := GROUNDS.get(step.to)) is not None:
        grounds = getattr(act.services.law, listed)
        ground = next((g for g in grounds if g.number == step.ground), None)
        if ground is None:
            raise GroundMissing(step=step.to)
    return documents.notice(act.services, act.ticket, form, extra, ground)


async def _issue(act: Act, notice: documents.Document, *, told: bool) -> None:
    assert act.ticket.id is not None
    now, kept = act.services.clock.now(), documents.to_json(notice)
    written = Written(act.ticket.id, notice.form_id, notice.title, kept, act.staff.login, now)
    await act.work.documents.keep(written)
    act.note("document", "unit", notice.title, form=notice.form_id)
    if told:
        await act.tell_citizen(documents.text(notice), "notice")
