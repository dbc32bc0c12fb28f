"""红黑榜: nobody is listed without a legal basis with its number, and a second person's signature."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

from handlers.campaigns.sampling_ports import Listed
from handlers.errors import FormRefused, FourEyes, NoSuchCampaign
from handlers.ports import Staff, UnitOfWork
from handlers.services import Services
from handlers.staff import check_role
from handlers.wording import check

COLOURS = ("red", "black")
LONGEST = timedelta(days=3 * 366)
BASIS = re.compile(
    r"《[^》]+》.*\d+.*号"
)  # a law or document by name, and the number of the decision


def checked(listed: Listed) -> Listed:
    """The line as written; raises FormRefused naming what cannot be."""
    span = listed.until_day - listed.from_day
    rules = (
        ("list_title", 2 <= len(listed.title) <= 40),
        ("colour", listed.colour in COLOURS),
        ("merchant", 2 <= len(listed.merchant) <= 60),
        ("basis", len(listed.basis) <= 200 and BASIS.search(listed.basis) is not None),
        ("days", timedelta(0) <= span <= LONGEST),
    )
    for name, kept in rules:
        if not kept:
            raise FormRefused(refused=name)
    check(f"{listed.title}\n{listed.merchant}\n{listed.basis}")
    return listed


async def write(services: Services, staff: Staff, listed: Listed) -> int:
    """A line that nobody reads until it is signed; gives its id. Raises FormRefused, NotPermitted."""
    check_role(staff, "write_campaigns", "list")
    made = checked(replace(listed, written_by=staff.login))
    async with services.unit_of_work() as work:
        listed_id = await work.sampling.lists.add(made, services.clock.now())
        await _audit(services, work, staff, "list.written", listed_id)
        await work.commit()
    return listed_id


async def sign(services: Services, staff: Staff, listed_id: int) -> None:
    """Publish a line. Raises FourEyes for one's own, NoSuchCampaign for one signed or withdrawn."""
    check_role(staff, "sign_campaigns", f"list:{listed_id}")
    async with services.unit_of_work() as work:
        listed = await work.sampling.lists.get(listed_id)
        if listed is not None and listed.written_by == staff.login:
            raise FourEyes(listed=listed_id)
        if not await work.sampling.lists.sign(listed_id, staff.login, services.clock.now()):
            raise NoSuchCampaign(listed=listed_id)
        await _audit(services, work, staff, "list.signed", listed_id)
        await work.commit()


async def withdraw(services: Services, staff: Staff, listed_id: int) -> None:
    """Take a line back at once: one person is enough for that. Raises NoSuchCampaign."""
    check_role(staff, "see_campaigns", f"list:{listed_id}")
    async with services.unit_of_work() as work:
        if not await work.sampling.lists.withdraw(listed_id, staff.login, services.clock.now()):
            raise NoSuchCampaign(listed=listed_id)
        await _audit(services, work, staff, "list.withdrawn", listed_id)
        await work.commit()


async def _audit(
    services: Services, work: UnitOfWork, staff: Staff, action: str, listed_id: int
) -> None:
    now, subject = services.clock.now(), f"list:{listed_id}"
    await work.audit.record(now, f"staff:{staff.login}", action, subject, {})
