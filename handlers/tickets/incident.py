"""并案: several tickets about one happening. Proposed with reasons, linked by an officer, answered
together; every ticket keeps its own clocks and ends by its own law.
"""

from __future__ import annotations

from handlers.errors import NoSuchIncident, NoSuchProposal
from handlers.messages import Reply
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.tickets import likeness, merchant_names, releases
from handlers.tickets.acting import acting, keep, worded
from handlers.tickets.ports import Incident, Proposal
from handlers.tickets.ticket import Ticket

CANDIDATES = 20  # per key, newest first
MOST = 5  # proposals for one ticket


def facts_of(ticket: Ticket) -> likeness.Facts:
    """What of a ticket is compared with others."""
    told, labels = ticket.fields, ticket.labels
    return likeness.Facts(
        number=ticket.number,
        kind=ticket.kind,
        merchant=told.get("merchant", "") or told.get("platform", ""),
        address=told.get("address", "") or told.get("place", ""),
        products=tuple(filter(None, [told.get("food", "")])),
        lot=told.get("batch", ""),
        event_time=told.get("event_time", ""),
        registered_at=ticket.created_at,
        text=ticket.summary,
        person=str(ticket.citizen_id),
        matters=tuple(labels.get("hazards") or ()),
    )


async def name_subject(work: UnitOfWork, ticket: Ticket) -> None:
    """Note on the ticket which merchant it is about, where a name was told that says something."""
    facts = facts_of(ticket)
    key = merchant_names.key(facts.merchant)
    if key:
        ticket.merchant_id = await work.incidents.merchant(
            facts.merchant, key, facts.address, ticket.created_at
        )


async def propose(work: UnitOfWork, ticket: Ticket) -> list[Proposal]:
    """Propose earlier tickets that may be about the same happening as this new one.

    An insider's ticket is compared with nothing: a proposal would show it to others.
    """
    if ticket.secrecy == "insider":
        return []
    assert ticket.id is not None
    facts = facts_of(ticket)
    keys = likeness.keys(facts)
    others = await work.incidents.candidates(ticket.id, keys, CANDIDATES)
    await work.incidents.index(ticket.id, keys)
    found = [
        (other, likeness.likeness(facts, facts_of(other)))
        for other in others
        if not _same_letter(ticket, other)
    ]
    likely = [pair for pair in found if pair[1].score >= likeness.PROPOSE]
    proposals = [
        Proposal(ticket.id, other.id or 0, round(alike.score, 3), [list(r) for r in alike.reasons])
        for other, alike in sorted(likely, key=lambda pair: -pair[1].score)[:MOST]
    ]
    for proposal in proposals:
        await work.incidents.propose(proposal, ticket.created_at)
    return proposals


async def link(
    services: Services, staff: Staff, number: str, other: str, version: int | None = None
) -> str:
    """并案: put two tickets into one incident, opening it when there is none; gives its number.

    Raises NoSuchProposal when nobody proposed to link them, NoSuchTicket out of sight.
    """
    async with acting(services, staff, number, "link", version) as act:
        second = await act.work.tickets.get(other)
        assert act.ticket.id is not None and second.id is not None
        if not await act.work.incidents.decide(act.ticket.id, second.id, "linked", staff.login):
            raise NoSuchProposal(ticket=number, other=other)
        incident = await _incident(act.work, services, staff, act.ticket, second)
        for ticket in (act.ticket, second):
            ticket.incident_id = incident.id
            said = act.phrase("officer.linked", number=incident.number)
            ticket.note(services.clock.now(), act.actor, "incident", "unit", said)
        await keep(services, act.work, second)
        act.data = {"incident": incident.number, "other": other}
    return incident.number


async def refuse(
    services: Services, staff: Staff, number: str, other: str, version: int | None = None
) -> None:
    """不是一回事: the proposal is not shown again."""
    async with acting(services, staff, number, "link", version) as act:
        second = await act.work.tickets.get(other)
        assert act.ticket.id is not None and second.id is not None
        if not await act.work.incidents.decide(act.ticket.id, second.id, "refused", staff.login):
            raise NoSuchProposal(ticket=number, other=other)


async def reply_to_all(services: Services, staff: Staff, number: str, text: str) -> int:
    """统一答复: one text to every reporter of the incident `number` is part of; gives how many.

    Each ticket gets its own line and message; none learns of another. Raises NoSuchIncident.
    """
    text = worded(text)
    async with acting(services, staff, number, "reply", None) as act:
        if act.ticket.incident_id is None:
            raise NoSuchIncident(ticket=number)
        await releases.check(act.work, act.ticket, text)
        others = await act.work.incidents.tickets(act.ticket.incident_id)
        now, unit = services.clock.now(), act.unit()
        for ticket in others:
            told = act.ticket if ticket.id == act.ticket.id else ticket
            told.note(now, act.actor, "incident_reply", "citizen", text)
            await _tell(services, act.work, told, unit, text)
            if told is not act.ticket:
                await keep(services, act.work, told)
        act.data = {"told": len(others)}
    return len(others)


async def set_facts_only(services: Services, staff: Staff, number: str, on: bool) -> None:
    """快报事实、慎报原因: from now on only signed statements go out for this incident."""
    async with acting(services, staff, number, "facts_only", None) as act:
        if act.ticket.incident_id is None:
            raise NoSuchIncident(ticket=number)
        await act.work.incidents.set_facts_only(act.ticket.incident_id, on)
        key = "officer.facts_only_on" if on else "officer.facts_only_off"
        act.note("incident", "unit", act.phrase(key))


def _same_letter(ticket: Ticket, other: Ticket) -> bool:
    """投诉 and 举报 of one message are linked already."""
    return other.citizen_id == ticket.citizen_id and other.created_at == ticket.created_at


async def _incident(
    work: UnitOfWork, services: Services, staff: Staff, first: Ticket, second: Ticket
) -> Incident:
    known = first.incident_id or second.incident_id
    if known is not None:
        return await work.incidents.get(known)
    title = first.fields.get("merchant") or second.fields.get("merchant") or first.summary[:40]
    return await work.incidents.open(title[:100], staff.login, services.clock.now())


async def _tell(services: Services, work: UnitOfWork, ticket: Ticket, unit: str, text: str) -> None:
    citizen = await work.citizens.get(ticket.citizen_id)
    said = services.phrases.text(
        "officer.incident_reply", "zh-Hans", number=ticket.number, unit=unit, text=text
    )
    key = f"ticket:{ticket.number}:{ticket.version}:incident"
    await work.outbox.reply(citizen, Reply(said, sender_name=unit), key)
