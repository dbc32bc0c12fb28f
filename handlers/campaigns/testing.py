"""你送我检, the office's side: sessions opened, called off, and a reminder the day before."""

from __future__ import annotations

from datetime import datetime, time, timedelta

from content.hant import in_script
from handlers.campaigns.sampling_ports import Addressee, Booking, QuickTestDay, QuickTestTexts
from handlers.campaigns.telling import citizen
from handlers.errors import FormRefused, NoSuchCampaign
from handlers.messages import Button, Reply
from handlers.ports import Staff
from handlers.services import Services
from handlers.staff import check_role
from handlers.wording import check

BATCH = 200
MOST_PEOPLE = 500
FRESH = timedelta(hours=3)  # who booked so lately needs no reminder yet


def checked(texts: QuickTestTexts) -> QuickTestTexts:
    """The session as written; raises FormRefused naming what cannot be."""
    rules = (
        ("place", 2 <= len(texts.place) <= 60),
        ("times", texts.closes_at > texts.opens_at),
        ("one_day", texts.closes_at.date() == texts.opens_at.date()),
        ("capacity", 1 <= texts.capacity <= MOST_PEOPLE),
        ("accepted", 2 <= len(texts.accepted) <= 200),
    )
    for name, kept in rules:
        if not kept:
            raise FormRefused(refused=name)
    check(f"{texts.place}\n{texts.accepted}")
    return texts


async def open_day(services: Services, staff: Staff, texts: QuickTestTexts) -> int:
    """A session citizens can book at once; gives its id. Raises FormRefused, NotPermitted."""
    check_role(staff, "write_campaigns", "testing")
    if texts.opens_at <= services.clock.now():
        raise FormRefused(refused="past")
    async with services.unit_of_work() as work:
        day_id = await work.sampling.testing.add(checked(texts), staff.login)
        now, subject = services.clock.now(), f"testing:{day_id}"
        await work.audit.record(now, f"staff:{staff.login}", "testing.opened", subject, {})
        await work.commit()
    return day_id


async def call_off(services: Services, staff: Staff, day_id: int) -> int:
    """Cancel a session and tell everybody who booked; gives how many. Raises NoSuchCampaign."""
    check_role(staff, "write_campaigns", f"testing:{day_id}")
    async with services.unit_of_work() as work:
        day = await work.sampling.testing.get(day_id)
        if day is None or day.state != "open" or day.texts.closes_at <= services.clock.now():
            raise NoSuchCampaign(testing=day_id)
        told = await work.sampling.testing.cancel_day(day_id)
        for booking, person in told:
            text = described(services, "book.called_off", day, booking.product, person.locale)
            key = f"book:{booking.id}:called_off"
            await work.outbox.reply(citizen(person), Reply(text), key)
        now, subject = services.clock.now(), f"testing:{day_id}"
        data = {"told": len(told)}
        await work.audit.record(now, f"staff:{staff.login}", "testing.called_off", subject, data)
        await work.commit()
    return len(told)


async def remind(services: Services) -> int:
    """Remind who booked for tomorrow; gives how many. Marked in the same transaction: once each."""
    now, reminded = services.clock.now(), 0
    tomorrow = datetime.combine(now.date() + timedelta(days=1), time(), now.tzinfo)
    until = tomorrow + timedelta(days=1, microseconds=-1)
    while True:
        async with services.unit_of_work() as work:
            due = await work.sampling.testing.take_due(
                tomorrow, until, BATCH, now, booked_before=now - FRESH
            )
            if not due:
                return reminded
            for booking, day, person in due:
                reply = _reminder(services, booking, day, person)
                await work.outbox.reply(citizen(person), reply, f"book:{booking.id}:remind", 1)
            await work.commit()
        reminded += len(due)


def described(
    services: Services, phrase: str, day: QuickTestDay, product: str, locale: str, number: int = 0
) -> str:
    """A sentence about a session in a citizen's script."""
    told = services.phrases.text(
        phrase, when=when(services, day), place=day.texts.place, product=product, number=number
    )
    return in_script(told, locale)


def when(services: Services, day: QuickTestDay) -> str:
    """Day and hours, by the office's clock."""
    zone = services.clock.now().tzinfo
    opens, closes = day.texts.opens_at.astimezone(zone), day.texts.closes_at.astimezone(zone)
    return f"{opens:%Y-%m-%d %H:%M}–{closes:%H:%M}"


def _reminder(services: Services, booking: Booking, day: QuickTestDay, person: Addressee) -> Reply:
    text = described(
        services, "book.remind", day, booking.product, person.locale, number=booking.id
    )
    label = services.phrases.text("button.book_cancel", person.locale)
    return Reply(text, (Button(label, f"book:cancel:{booking.id}"),))
