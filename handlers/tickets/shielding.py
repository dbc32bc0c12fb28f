"""Who may know who reported: insiders, unmasking, and hints that stay inside.

Order 121 art. 37: a reporter's identity and how the report is handled go to nobody who need not
know. Units see an alias; the name is opened for a written reason, and supervisors read of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from content.jurisdiction import Jurisdiction
from handlers.errors import NothingToUnmask, ReasonMissing
from handlers.ports import Identity, Staff
from handlers.services import Services
from handlers.tickets.acting import acting
from handlers.tickets.routing import Routing
from handlers.tickets.ticket import Ticket

SHORTEST_REASON = 4
MANY = 5  # matters of one person against one subject, or of one kind, that are worth a hint


def narrow(routing: Routing, place: Jurisdiction) -> Routing:
    """An insider's report goes to 食安办 alone; the unit routing named is only a candidate there."""
    candidates = (routing.lead,) if routing.lead else ()
    return replace(
        routing, lead=place.office, assist=(), duty=None, basis="", candidates=candidates
    )


def fast_lane(ticket: Ticket) -> bool:
    """打击报复: whoever is punished for a report is 食安办's matter at once (食品安全法 art. 115)."""
    return "retaliation" in (ticket.labels.get("hazards") or ())


async def unmask(
    services: Services, staff: Staff, number: str, reason: str, version: int | None = None
) -> Identity:
    """Open who the citizen is, once, for a reason; supervisors read who looked and why.

    Raises ReasonMissing for a reason that says nothing, NothingToUnmask without an identity,
    VaultKeyMissing when the key is gone (nothing is written then).
    """
    if len(reason.strip()) < SHORTEST_REASON:
        raise ReasonMissing()
    async with acting(services, staff, number, "unmask", version) as act:
        if act.ticket.identity_id is None:
            raise NothingToUnmask(ticket=number)
        identity = await act.work.vault.open(act.ticket.identity_id)
        act.note("unmasked", "supervisors", reason.strip(), by=staff.login)
        act.data = {"reason": reason.strip()}
    return identity


@dataclass(frozen=True)
class Hint:
    """A neutral remark for the unit: a factor of art. 17, and the number that led to it."""

    code: str
    count: int


def hints(counts: Mapping[str, int]) -> tuple[Hint, ...]:
    """Factors of art. 17 worth a look, from counts by blind index; never shown to a citizen.

    `counts`: same_person_subject, same_person_month, same_phone_others.
    """
    return tuple(Hint(code, count) for code, count in counts.items() if count >= MANY)
