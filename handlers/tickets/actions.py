"""What staff do to a ticket in words: claim, answer, ask, note, correct.

Handing on is in dispatching.py, legal steps in deciding.py, the end in closing.py.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from handlers.dialog import Dialog
from handlers.errors import NothingCorrected
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import corrections, releases, reviewing
from handlers.tickets.acting import Act, acting, given, worded

QUESTIONS = frozenset({"consult", "suggestion", "rumour_check"})


async def claim(services: Services, staff: Staff, number: str, version: int | None = None) -> None:
    """签收: the unit takes the ticket; the citizen hears of it."""
    async with acting(services, staff, number, "claim", version) as act:
        text = act.phrase("officer.claimed", number=number, unit=act.unit())
        act.move("claimed", "citizen", text)
        act.ticket.officer = staff.login
        await act.tell_citizen(text)


async def reply(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """Answer the citizen; a question is answered by it."""
    text = worded(text)
    async with acting(services, staff, number, "reply", version) as act:
        await releases.check(act.work, act.ticket, text)
        if act.ticket.kind in QUESTIONS:
            _claim_silently(act)
            act.move("answered", "citizen", text)
        else:
            act.note("reply", "citizen", text)
        await act.tell_citizen(
            act.phrase("officer.reply", unit=act.unit(), number=number, text=text)
        )
        if act.ticket.state == "answered":
            await reviewing.ask(act)


async def ask(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """Ask the citizen; the next thing they write lands in this timeline."""
    text = worded(text)
    async with acting(services, staff, number, "ask", version) as act:
        act.note("question", "citizen", text)
        stored = await act.work.dialogs.load(act.ticket.citizen_id)
        dialog = Dialog.from_json(stored)
        dialog.question = number
        await act.work.dialogs.save(act.ticket.citizen_id, dialog.to_json(), services.clock.now())
        await act.tell_citizen(
            act.phrase("officer.question", unit=act.unit(), number=number, text=text)
        )


async def note(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """An internal note; the citizen never sees it."""
    text = given(text)
    async with acting(services, staff, number, "note", version) as act:
        act.note("note", "unit", text)


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
    reason, meant = given(reason), corrections.meaning(intent, hazards)
    async with acting(services, staff, number, "correct", version) as act:
        before = corrections.meaning_of(act.ticket)
        if meant.same_as(before):
            raise NothingCorrected(ticket=number)
        act.note("corrected", "unit", reason, before=asdict(before), after=asdict(meant))
        await corrections.keep_meaning(act.work, act.ticket, meant, act.why(reason))


def _claim_silently(act: Act) -> None:
    """A question answered straight from the queue is claimed on the way."""
    if act.ticket.state == "dispatched":
        text = act.phrase("officer.claimed", number=act.ticket.number, unit=act.unit())
        act.move("claimed", "unit", text)
        act.ticket.officer = act.staff.login
