"""Reminds citizens, once, of the satisfaction question they have not answered."""

from __future__ import annotations

from datetime import timedelta

from handlers.ports import UnitsOfWork
from handlers.services import Services
from handlers.tickets import reviewing

BATCH = 200


async def remind(units_of_work: UnitsOfWork, services: Services) -> int:
    """Send the reminders that are due now; gives how many went out.

    Each is a transaction of its own: running it twice, or on several machines, sends none twice.
    Nobody is reminded of a matter that can no longer be reopened.
    """
    now, rules = services.clock.now(), services.rules
    after, until = now - timedelta(rules.reopen_days), now - timedelta(rules.review_remind_days)
    async with units_of_work() as work:
        numbers = await work.reviews.unanswered(after, until, BATCH)
    sent = 0
    for number in numbers:
        async with units_of_work() as work:
            sent += await reviewing.remind(services, work, number)
            await work.commit()
    return sent
