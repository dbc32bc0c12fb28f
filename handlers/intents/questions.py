"""Passing a question on to people when nobody can answer it at once."""

from __future__ import annotations

from handlers.privacy import mask
from handlers.tickets.acting import keep
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn


async def open_question(turn: Turn, kind: str, text: str) -> Ticket:
    """A consult, suggestion or rumour_check ticket in the queue of 食安办."""
    office = turn.services.jurisdiction.office
    number = await turn.work.tickets.next_number(turn.now)
    heard = turn.understanding
    ticket = Ticket(
        number=number,
        kind=kind,
        citizen_id=turn.citizen.id,
        reporter=f"来件人{number[-4:]}",
        summary=mask(text)[:2000],
        labels={
            "intent": heard.intent,
            "probabilities": {"intent": heard.confidence},
            "evidence": [],
        },
        routing={"lead": office, "duty": "default-16", "basis": "", "abstained": False},
        lead=office,
        assist=(),
        severity=heard.severity,
        created_at=turn.now,
    )
    phrases = turn.services.phrases
    ticket.note(
        turn.now, "bot", "registered", "citizen", phrases.text("timeline.asked", number=number)
    )
    ticket.note(turn.now, "citizen", "story", "unit", ticket.summary)
    sent = phrases.text("timeline.to_office", unit=turn.unit_name(office))
    ticket.move("dispatched", turn.now, "bot", "citizen", sent)
    await keep(turn.services, turn.work, ticket)
    await turn.work.attachments.attach(turn.incoming.attachments, number)
    turn.dialog.last_ticket, turn.dialog.last_ticket_at = number, turn.now.isoformat()
    return ticket
