"""快报事实、慎报原因: in an incident under facts-only mode only signed-off statements go out.

A statement is written by one person and signed by another (reviewer or supervisor).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from handlers.errors import FactsOnly, NoSuchRelease, NotPermitted, SelfSigned
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.tickets.acting import worded
from handlers.tickets.ports import Release
from handlers.tickets.ticket import Ticket

WRITERS = frozenset({"officer", "unit_head", "triage", "supervisor", "publicist"})
SIGNERS = frozenset({"reviewer", "supervisor"})


@dataclass(frozen=True)
class Outgoing:
    """Whether an incident holds back what is not signed, and the texts that are."""

    facts_only: bool
    signed: tuple[str, ...]


async def write(services: Services, staff: Staff, incident_id: int, text: str) -> int:
    """Keep a statement for an incident, unsigned; gives its id.

    Raises NotPermitted, ReasonMissing, ForbiddenWording, NoSuchRelease without such an incident.
    """
    text = worded(text)
    _check_role(staff, WRITERS, "write_release")
    now = services.clock.now()
    async with services.unit_of_work() as work:
        release_id = await work.releases.add(Release(incident_id, text, staff.login, now))
        if release_id is None:
            raise NoSuchRelease(incident=incident_id)
        await _audit(services, work, staff, "release.written", release_id)
        await work.commit()
    return release_id


async def sign(services: Services, staff: Staff, release_id: int) -> None:
    """Sign a statement off. Raises NotPermitted, NoSuchRelease, SelfSigned for one's own."""
    _check_role(staff, SIGNERS, "sign_release")
    async with services.unit_of_work() as work:
        release = await work.releases.get(release_id)
        if release is None:
            raise NoSuchRelease(release=release_id)
        if release.written_by == staff.login:
            raise SelfSigned(release=release_id)
        if not await work.releases.sign(release_id, staff.login, services.clock.now()):
            raise NoSuchRelease(release=release_id)
        await _audit(services, work, staff, "release.signed", release_id)
        await work.commit()


async def outgoing(work: UnitOfWork, ticket: Ticket) -> Outgoing:
    """What may go out for a ticket: anything, unless its incident is under facts-only mode."""
    if ticket.incident_id is None or not await work.releases.facts_only(ticket.incident_id):
        return Outgoing(False, ())
    return Outgoing(True, tuple(await work.releases.signed(ticket.incident_id)))


async def check(work: UnitOfWork, ticket: Ticket, text: str) -> None:
    """Raise FactsOnly for a text that is not signed off where it would have to be."""
    out = await outgoing(work, ticket)
    if out.facts_only and not allowed(text, out.signed):
        raise FactsOnly(ticket=ticket.number)


def allowed(text: str, signed_texts: Iterable[str]) -> bool:
    """Whether a text is one signed statement, or paragraphs that each are one."""
    signed = {_plain(statement) for statement in signed_texts}
    paragraphs = [plain for line in text.splitlines() if (plain := _plain(line))]
    return _plain(text) in signed or (bool(paragraphs) and signed.issuperset(paragraphs))


def _plain(text: str) -> str:
    return "".join(text.split())


def _check_role(staff: Staff, roles: frozenset[str], action: str) -> None:
    if staff.role not in roles:
        raise NotPermitted(action=action, role=staff.role)


async def _audit(
    services: Services, work: UnitOfWork, staff: Staff, action: str, release_id: int
) -> None:
    now, subject = services.clock.now(), f"release:{release_id}"
    await work.audit.record(now, f"staff:{staff.login}", action, subject, {})
