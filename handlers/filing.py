"""Turning a told matter into tickets: registered, routed, dispatched, receipted, in this turn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from handlers import consent, offers
from handlers.dialog import UNKNOWN, Draft
from handlers.filling import HEALTH_SLOTS, IDENTITY_SLOTS
from handlers.knowledge import bridge
from handlers.ports import Identity
from handlers.privacy import health_words, mask, mask_health
from handlers.receipts import receipt
from handlers.tickets import incident, shielding
from handlers.tickets.acting import keep
from handlers.tickets.placing import attach_grid, receive_at_intake
from handlers.tickets.ports import Alert
from handlers.tickets.routing import Facts, Routing, place_in, route
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

FILED = frozenset({"complaint", "report", "complaint_and_report"})
KINDS = {"complaint_and_report": ("complaint", "report")}
SUMMARY = 2000  # code points kept in the summary; the whole story is in the timeline
TOLD_LATER = (
    "place",
    "merchant",
    "address",
    "event_time",
    "people",
    "patient",
    "meals",
    "location",
)


async def file_matter(turn: Turn, draft: Draft) -> None:
    """File what is complete: one ticket, or two linked ones for 投诉 and 举报 (art. 9)."""
    if draft.kind == "contact":
        await _save_contact(turn, draft)
    elif draft.registered and not draft.wants_settlement:
        await consent.store(turn, draft)
        turn.say("draft.enough", number=draft.registered[0])
        _close(turn, draft.registered[0])
    else:
        await _register_all(turn, draft)


async def register(turn: Turn, draft: Draft, kind: str) -> tuple[Ticket, Routing]:
    """Make, route and dispatch one ticket of `kind` from the draft."""
    insider = kind == "report" and draft.facts.get("insider") == "yes"
    routing = route(_facts(draft, kind), turn.services.jurisdiction)
    if insider:
        routing = shielding.narrow(routing, turn.services.jurisdiction)
    number = await turn.work.tickets.next_number(turn.now)
    ticket = Ticket(
        number=number,
        kind=kind,
        citizen_id=turn.citizen.id,
        reporter=f"来件人{number[-4:]}",
        summary=_told(draft)[:SUMMARY],
        labels={**draft.labels, "heard": draft.labels.get("intent", kind), "intent": kind},
        routing=asdict(routing),
        lead=routing.lead or turn.services.jurisdiction.office,
        assist=routing.assist,
        severity=draft.labels.get("severity", "normal"),
        created_at=turn.now,
        shielded=kind == "report",
        secrecy="insider" if insider else "normal",
        identity_id=await _identity(turn, draft, kind),
        fields=_public_fields(draft),
    )
    _open_timeline(turn, ticket, routing, _told(draft))
    attach_grid(turn, ticket)
    receive_at_intake(turn, ticket)
    await incident.name_subject(turn.work, ticket)
    await keep(turn.services, turn.work, ticket)
    await incident.propose(turn.work, ticket)
    await bridge.heed(turn, ticket)
    if shielding.fast_lane(ticket):
        await _alert_office(turn, ticket)
    await turn.work.attachments.attach(draft.attachments, number)
    turn.record(
        "ticket.registered",
        number,
        kind=kind,
        lead=ticket.lead,
        assist=list(ticket.assist),
        severity=ticket.severity,
    )
    return ticket, routing


async def _alert_office(turn: Turn, ticket: Ticket) -> None:
    """打击报复 is 食安办's at once, and nobody else's."""
    office = turn.services.jurisdiction.office
    text = turn.services.phrases.text("alert.retaliation", number=ticket.number)
    await turn.work.alerts.raise_alert(Alert(ticket.number, (office,), text), turn.now)
    turn.record("alert.raised", ticket.number, units=[office])


async def alert(turn: Turn, draft: Draft) -> Ticket:
    """File an emergency with what is known and tell the units at once (law.md §5)."""
    ticket, _ = await register(turn, draft, "report")
    units = (ticket.lead, *ticket.assist)
    text = turn.services.phrases.text(
        "alert.text", number=ticket.number, story=ticket.summary[:300]
    )
    ticket.note(turn.now, "bot", "alert", "unit", text, units=list(units))
    await keep(turn.services, turn.work, ticket)
    await turn.work.alerts.raise_alert(Alert(ticket.number, units, text), turn.now)
    turn.record("alert.raised", ticket.number, units=list(units))
    draft.registered.append(ticket.number)
    draft.told = [slot for slot in TOLD_LATER if slot in draft.facts]
    draft.told += [f"story:{key}" for key, _ in draft.narrative]
    return ticket


async def supplement_registered(turn: Turn, draft: Draft) -> None:
    """Pass on to an already filed emergency what was said since."""
    if not draft.registered or draft.kind == "contact":
        return
    lines = [
        f"{turn.services.phrases.text(f'field.{slot}')}：{value}"
        for slot, value in draft.facts.items()
        if slot in TOLD_LATER and slot not in draft.told and _may_store(draft, slot)
    ]
    lines += [mask(text) for key, text in draft.narrative if f"story:{key}" not in draft.told]
    if not lines:
        return
    number = draft.registered[0]
    ticket = await turn.work.tickets.get(number)
    ticket.fields.update(_public_fields(draft))
    ticket.note(turn.now, "citizen", "supplement", "unit", "\n".join(lines))
    await keep(turn.services, turn.work, ticket)
    await turn.work.attachments.attach(draft.attachments, number)
    turn.record("ticket.supplemented", number)
    draft.told = [slot for slot in TOLD_LATER if slot in draft.facts]
    draft.told += [f"story:{key}" for key, _ in draft.narrative]


async def _register_all(turn: Turn, draft: Draft) -> None:
    await consent.store(turn, draft)
    await _forget_health_if_refused(turn, draft)
    await _forget_identity_if_refused(turn, draft)
    made: list[tuple[Ticket, Routing]] = []
    for kind in KINDS.get(draft.kind, (draft.kind,)):
        if kind == "report" and draft.registered:
            continue
        made.append(await register(turn, draft, kind))
    await _link(turn, draft, [ticket for ticket, _ in made])
    for ticket, routing in made:
        anonymous = ticket.identity_id is None
        buttons = offers.after_filing(ticket.number, anonymous=anonymous)
        turn.say_text(receipt(turn, ticket, routing), buttons)
    if len(made) > 1:
        turn.say("receipt.two", first=made[0][0].number, second=made[1][0].number)
    _close(turn, made[-1][0].number)


async def _link(turn: Turn, draft: Draft, tickets: Sequence[Ticket]) -> None:
    numbers = [*draft.registered, *(t.number for t in tickets)]
    if len(numbers) < 2:
        return
    for ticket in tickets:
        ticket.linked = next(n for n in numbers if n != ticket.number)
        await keep(turn.services, turn.work, ticket)


async def _save_contact(turn: Turn, draft: Draft) -> None:
    """Add who the reporter is to a ticket filed anonymously, or leave it anonymous."""
    number = draft.registered[0]
    ticket = await turn.work.tickets.get(number)
    await consent.store(turn, draft)
    ticket.identity_id = await _identity(turn, draft, ticket.kind) or ticket.identity_id
    said = "contact.saved" if ticket.identity_id else "contact.stays_anonymous"
    if ticket.identity_id:
        ticket.note(
            turn.now, "citizen", "contact", "unit", turn.services.phrases.text("contact.note")
        )
        turn.record("ticket.supplemented", number)
    await keep(turn.services, turn.work, ticket)
    turn.say(said, number=number)
    _close(turn, number)


async def _identity(turn: Turn, draft: Draft, kind: str) -> int | None:
    """Store who the citizen is, where they agreed; a report is never tied to it by itself."""
    asked_for = kind == "complaint" or draft.kind == "contact"
    if draft.anonymous or not asked_for or not draft.consents.get("identity"):
        return None
    known = {slot: draft.facts.get(slot, "") for slot in IDENTITY_SLOTS}
    identity = Identity(**{k: "" if v == UNKNOWN else v for k, v in known.items()})
    return await turn.work.vault.put(turn.citizen.id, identity, turn.now)


async def _forget_health_if_refused(turn: Turn, draft: Draft) -> None:
    if draft.urgent or draft.consents.get("health") is not False:
        return
    gone = {slot: draft.facts.pop(slot) for slot in HEALTH_SLOTS if slot in draft.facts}
    words = [*filter(None, [gone.get("symptom")]), *health_words(draft.story())]
    draft.facts = {slot: mask_health(value, words) for slot, value in draft.facts.items()}
    draft.narrative = [[key, mask_health(text, words)] for key, text in draft.narrative]
    draft.labels["hazards"] = [h for h in draft.labels["hazards"] if h != "illness"]
    draft.labels["severity"] = "normal"
    draft.labels["evidence"] = [e for e in draft.labels["evidence"] if _healthy(e, words)]
    await turn.work.inbox.redact([key for key, _ in draft.narrative], turn.citizen.id)
    await turn.work.inbox.redact_words(turn.citizen.id, words)


def _healthy(evidence: list[Any], words: Sequence[str]) -> bool:
    """Whether a deciding word says nothing of somebody's health, nor is part of one that does."""
    task, text = evidence[0], evidence[1]
    own = any(text in word or word in text for word in words)
    return task != "severity" and not own and not health_words(text)


async def _forget_identity_if_refused(turn: Turn, draft: Draft) -> None:
    """Name and number mentioned on the way go, also from the stored messages that held them."""
    if draft.consents.get("identity") is not False:
        return
    words = [draft.facts.pop(slot) for slot in IDENTITY_SLOTS if slot in draft.facts]
    told = [w for w in words if w != UNKNOWN]
    if told:
        draft.narrative = [[key, mask(text, also=told)] for key, text in draft.narrative]
        await turn.work.inbox.redact_words(turn.citizen.id, told)


def _facts(draft: Draft, kind: str) -> Facts:
    labels = draft.labels
    return Facts(
        intent=kind,
        severity=labels.get("severity", "normal"),
        stage=labels.get("stage"),
        venue=labels.get("venue"),
        product=labels.get("product"),
        hazards=tuple(labels.get("hazards", ())),
        place=place_in(draft.story()),
        probabilities={k: p for k, p in labels["probabilities"].items() if k != "intent"},
    )


def _told(draft: Draft) -> str:
    """The story as units may read it: without telephone numbers, id numbers, names."""
    own = [draft.facts[slot] for slot in IDENTITY_SLOTS if slot in draft.facts]
    return mask(draft.story(), also=[word for word in own if word != UNKNOWN])


def _public_fields(draft: Draft) -> dict[str, str]:
    return {
        slot: mask(value)
        for slot, value in draft.facts.items()
        if slot not in IDENTITY_SLOTS and slot != "insider" and _may_store(draft, slot)
    }


def _may_store(draft: Draft, slot: str) -> bool:
    return slot not in HEALTH_SLOTS or draft.consents.get("health") is not False


def _open_timeline(turn: Turn, ticket: Ticket, routing: Routing, story: str) -> None:
    phrases = turn.services.phrases
    told = phrases.text("timeline.registered", number=ticket.number)
    ticket.note(turn.now, "bot", "registered", "citizen", told)
    ticket.note(turn.now, "citizen", "story", "unit", story)
    sent = "timeline.dispatched" if routing.duty else "timeline.to_office"
    key = "timeline.triage" if routing.abstained else sent
    text = phrases.text(
        key, unit=turn.unit_name(ticket.lead), duty=routing.duty, basis=routing.basis
    )
    ticket.move("dispatched", turn.now, "bot", "citizen", text, lead=ticket.lead, duty=routing.duty)


def _close(turn: Turn, number: str) -> None:
    turn.dialog.close_draft()
    turn.dialog.last_ticket = number
    turn.dialog.last_ticket_at = turn.now.isoformat()
