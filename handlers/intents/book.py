"""你送我检 in the chat: choose a session, say what is brought, see or cancel the booking."""

from __future__ import annotations

import re

from content.hant import in_script
from handlers.campaigns.sampling_ports import QuickTestDay
from handlers.campaigns.testing import described, when
from handlers.filing import FILED
from handlers.turn import Turn
from handlers.words import NO, is_one_of, wants_to_cancel

MEANT = re.compile(
    r"送我?[检檢]|快[检檢]|[预預][约約]|帶?带?[来來去]?[检檢][测測](?:站|点|點|车|車)"
)
MOST_OFFERED = 6
LONGEST = 30  # code points of what is brought: one line
SURE = 0.9  # that the words are a matter of their own, not the name of a food


async def show(turn: Turn) -> None:
    """Sessions to come, with the places left; one's own bookings first."""
    mine = await turn.work.sampling.testing.of_citizen(turn.citizen.id, turn.now)
    days = await turn.work.sampling.testing.coming(turn.now)
    if mine:
        await own(turn)
    booked = {day.id for _, day in mine}
    free = [day for day in days if day.left and day.id not in booked][:MOST_OFFERED]
    if free:
        turn.say("book.which", [(_label(turn, day), f"book:day:{day.id}") for day in free])
    elif not mine:
        turn.say("book.full" if days else "book.none")


async def own(turn: Turn) -> None:
    """The citizen's bookings, each with a button that cancels it."""
    mine = await turn.work.sampling.testing.of_citizen(turn.citizen.id, turn.now)
    if not mine:
        turn.say("book.no_booking", [("button.book", "book:list")])
    for booking, day in mine:
        text = described(
            turn.services,
            "book.yours",
            day,
            booking.product,
            turn.citizen.locale,
            number=booking.id,
        )
        turn.say_text(text, [("button.book_cancel", f"book:cancel:{booking.id}")])


async def pressed(turn: Turn, rest: str) -> None:
    """A button: list, mine, stop, day:id, cancel:id."""
    what, _, number = rest.partition(":")
    known = number.isascii() and number.isdecimal() and len(number) <= 15
    if what == "list":
        await show(turn)
    elif what == "mine":
        await own(turn)
    elif what == "stop":
        turn.say("book.dropped")
    elif what == "day" and known:
        await _ask_product(turn, int(number))
    elif what == "cancel" and known:
        await _cancel(turn, int(number))
    else:
        turn.say("bad.old_button")


async def take_product(turn: Turn) -> bool:
    """What the citizen brings, in one line; words about something else are left to others."""
    day_id, turn.dialog.booking = turn.dialog.booking, None
    if day_id is None or not turn.text or turn.dialog.stale(turn.now):
        return False
    if wants_to_cancel(turn.text) or is_one_of(turn.text, NO):
        turn.say("book.dropped")
    elif _another_matter(turn):
        return False
    elif len(turn.text) > LONGEST or "\n" in turn.text:
        turn.dialog.booking = day_id
        turn.say("book.shorter", [("button.book_stop", "book:stop")], most=LONGEST)
    else:
        await _book(turn, day_id)
    return True


def _another_matter(turn: Turn) -> bool:
    heard = turn.understanding
    matter = heard.intent in FILED and not heard.abstained and heard.confidence >= SURE
    return matter and len(turn.text) > LONGEST // 3


async def _ask_product(turn: Turn, day_id: int) -> None:
    day = await turn.work.sampling.testing.get(day_id)
    if day is None or day.state != "open" or day.texts.opens_at <= turn.now:
        turn.say("book.over", [("button.book", "book:list")])
    elif not day.left:
        turn.say("book.taken", [("button.book", "book:list")])
    else:
        turn.dialog.booking = day_id
        accepted = in_script(day.texts.accepted, turn.citizen.locale)
        place = in_script(day.texts.place, turn.citizen.locale)
        told = {"when": when(turn.services, day), "place": place, "accepted": accepted}
        turn.say("book.ask_product", [("button.book_stop", "book:stop")], **told)


async def _book(turn: Turn, day_id: int) -> None:
    testing, citizen = turn.work.sampling.testing, turn.citizen
    booked = await testing.book(day_id, citizen.id, turn.text, turn.now)
    day = await testing.get(day_id)
    if booked is None or day is None:
        mine = await testing.of_citizen(citizen.id, turn.now)
        already = any(day.id == day_id for _, day in mine)
        turn.say("book.already" if already else "book.taken", [("button.book_mine", "book:mine")])
        return
    turn.record("testing.booked", booking=booked)
    text = described(turn.services, "book.done", day, turn.text, citizen.locale, number=booked)
    turn.say_text(text, [("button.book_cancel", f"book:cancel:{booked}")])


async def _cancel(turn: Turn, booking_id: int) -> None:
    if await turn.work.sampling.testing.cancel(booking_id, turn.citizen.id, turn.now):
        turn.record("testing.cancelled", booking=booking_id)
        turn.say("book.cancelled", number=booking_id)
    else:
        turn.say("book.no_booking", [("button.book", "book:list")])


def _label(turn: Turn, day: QuickTestDay) -> str:
    opens = day.texts.opens_at.astimezone(turn.now.tzinfo)
    place = in_script(day.texts.place, turn.citizen.locale)
    return turn.phrase("book.label", day=f"{opens:%m-%d %H:%M}", place=place, left=day.left)
