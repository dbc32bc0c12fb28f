"""满意度: asked when a matter is done, one tap to answer, reminded of once.

Staff of the unit do not read who said what: the answer is a timeline entry for supervisors.
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING

from content.phrasebook import Phrasebook
from handlers.dialog import Dialog
from handlers.messages import Button, Reply
from handlers.ports import Citizen, UnitOfWork
from handlers.services import Services
from handlers.tickets.ticket import Ticket

if TYPE_CHECKING:
    from handlers.tickets.acting import Act

SCORES = {"good": 1, "fair": 0, "bad": -1}
REASONS = ("attitude", "speed", "result", "not_in_remit")
REVIEWED = frozenset({"resolved", "strike_off_pending", "struck_off", "answered", "closed"})


async def ask(act: Act) -> None:
    """Ask the citizen once; call it after the outcome was put into the outbox.

    Who has withdrawn their report is not asked.
    """
    ticket = act.ticket
    assert ticket.id is not None
    entries = await act.work.tickets.timeline(ticket.number)
    if any(entry.type == "withdrawal" for entry in entries):
        return
    citizen = await act.work.citizens.get(ticket.citizen_id)  # before the row: a turn does so too
    await act.work.reviews.ask(ticket.id, act.services.clock.now())
    key = f"review:{ticket.number}:{ticket.version}"
    await _send(act.services, act.work, citizen, ticket, "rate.ask", key)


async def remind(services: Services, work: UnitOfWork, number: str) -> bool:
    """Repeat the question, once; False when something else came first: an answer, a reopening."""
    ticket = await work.tickets.get(number)
    assert ticket.id is not None
    citizen = await work.citizens.get(ticket.citizen_id)
    under_way = ticket.state not in REVIEWED
    if under_way or not await work.reviews.remind(ticket.id, services.clock.now()):
        return False
    review = await work.reviews.get(ticket.id)
    assert review is not None
    key = f"review:{number}:again:{review.asked_at:%Y%m%d%H%M%S}"
    await _send(services, work, citizen, ticket, "rate.remind", key)
    return True


async def rate(
    work: UnitOfWork, ticket: Ticket, score: int, at: datetime, phrases: Phrasebook
) -> bool:
    """Keep the score and note it for supervisors; False when there is one or nothing was asked.

    The ticket is changed, not stored.
    """
    assert ticket.id is not None
    if not await work.reviews.answer(ticket.id, score, at):
        return False
    text = phrases.text("timeline.rated", score=phrases.text(f"score.{score_name(score)}"))
    ticket.note(at, "citizen", "rated", "supervisors", text, score=score, reason=None)
    return True


async def explain(
    work: UnitOfWork, ticket: Ticket, reason: str, at: datetime, phrases: Phrasebook
) -> bool:
    """Keep what was not satisfying; False when that is known. The ticket is changed, not stored."""
    assert ticket.id is not None
    if not await work.reviews.explain(ticket.id, reason):
        return False
    text = phrases.text("timeline.rated_why", reason=phrases.text(f"reason.{reason}"))
    ticket.note(at, "citizen", "rated", "supervisors", text, score=-1, reason=reason)
    return True


def score_name(score: int) -> str:
    """good, fair or bad."""
    return next(name for name, value in SCORES.items() if value == score)


async def _send(
    services: Services, work: UnitOfWork, citizen: Citizen, ticket: Ticket, phrase: str, key: str
) -> None:
    """Put the question into the outbox; its labels may also be typed."""
    phrases, locale = services.phrases, citizen.locale
    text = phrases.text(phrase, locale, number=ticket.number)
    buttons = tuple(
        Button(phrases.text(f"score.{name}", locale), f"rate:{name}:{ticket.number}")
        for name in SCORES
    )
    unit = services.jurisdiction.unit_name(ticket.lead)
    await work.outbox.reply(citizen, Reply(text, buttons, sender_name=unit), key)
    await _offer(services, work, citizen, buttons)


async def _offer(
    services: Services, work: UnitOfWork, citizen: Citizen, buttons: tuple[Button, ...]
) -> None:
    """Add the labels to what the conversation offers; what it offers already goes on."""
    dialog = Dialog.from_json(await work.dialogs.load(citizen.id))
    labels = {button.label for button in buttons}
    dialog.offered = [row for row in dialog.offered if row[0] not in labels]
    dialog.offered += [[button.label, button.value] for button in buttons]
    await work.dialogs.save(citizen.id, dialog.to_json(), services.clock.now())
