"""The end of a matter: resolved by the unit, struck off by the supervisor after looking at it.

Resolved and struck off are two states (办结、销号); spot checks are events (抽查).
"""

from __future__ import annotations

from content.jurisdiction import Jurisdiction
from handlers.errors import DecisionMissing, NotLookedAt
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import releases, reviewing
from handlers.tickets.acting import Act, acting, given, worded
from handlers.tickets.dispatching import hand_to
from handlers.tickets.ticket import Ticket

# Order 121 wants a decision of market regulation before the end; other departments answer to
# 食品安全法 art. 115, which wants an answer only.
UNDECIDED = frozenset({"dispatched", "claimed", "accepted", "mediating", "verifying", "filed"})


async def resolve(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """办结: the unit is done and says what came of it. Raises DecisionMissing."""
    text = worded(text)
    async with acting(services, staff, number, "resolve", version) as act:
        await releases.check(act.work, act.ticket, text)
        if not decided(act.ticket, services.jurisdiction):
            raise DecisionMissing(ticket=number, state=act.ticket.state)
        act.move("resolved", "citizen", text)
        await act.tell_citizen(
            act.phrase("officer.resolved", number=number, unit=act.unit(), text=text)
        )
        await reviewing.ask(act)


async def ask_strike_off(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """申请销号: the unit lays what it did before the supervisor."""
    text = given(text)
    async with acting(services, staff, number, "resolve", version) as act:
        act.move("strike_off_pending", "unit", text)


async def strike_off(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """销号, by a supervisor who has opened the ticket as it stands. Raises NotLookedAt."""
    text = given(text)
    async with acting(services, staff, number, "strike_off", version) as act:
        await _check_opened(act)
        act.move("struck_off", "unit", text)


async def refuse_strike_off(
    services: Services, staff: Staff, number: str, text: str, version: int | None = None
) -> None:
    """不予销号: back to the unit that resolved it, with the reason."""
    text = given(text)
    async with acting(services, staff, number, "strike_off", version) as act:
        act.move("reopened", "unit", text)
        said = act.phrase("officer.redo", number=number, unit=act.unit(act.ticket.lead))
        hand_to(act, act.ticket.lead, said, how="refused", reason=text)


async def spot_check(
    services: Services,
    staff: Staff,
    number: str,
    text: str,
    passed: bool,
    version: int | None = None,
) -> None:
    """抽查 of a struck-off ticket; one that does not pass is done again."""
    text = given(text)
    async with acting(services, staff, number, "strike_off", version) as act:
        await _check_opened(act)
        act.note("spot_check", "unit", text, passed=passed)
        if not passed:
            act.move("reopened", "unit", text)
            said = act.phrase("officer.redo", number=number, unit=act.unit(act.ticket.lead))
            hand_to(act, act.ticket.lead, said, how="spot_check", reason=text)


async def close_question(
    services: Services, staff: Staff, number: str, version: int | None = None
) -> None:
    """An answered question is closed."""
    async with acting(services, staff, number, "resolve", version) as act:
        act.move("closed", "unit", act.phrase("state.closed"))


def decided(ticket: Ticket, place: Jurisdiction) -> bool:
    """Whether the law lets a ticket end: market regulation has to have decided first."""
    bound = ticket.lead == place.role("market") and ticket.kind in ("complaint", "report")
    return not (bound and ticket.state in UNDECIDED)


async def _check_opened(act: Act) -> None:
    """A list with a tick for each line is not a check: the page must have been opened since."""
    changed = act.ticket.updated_at or act.ticket.created_at
    seen = await act.work.audit.seen(act.ticket.number, act.actor, changed)
    if not seen:
        raise NotLookedAt(ticket=act.ticket.number)
