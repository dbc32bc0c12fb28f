"""The front door: one message of a citizen in, everything it causes in one transaction.

START READING HERE. The rules below are asked in order; the first that takes the turn answers it.
docs/journey.md follows a message through these files.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from handlers import another, buttons, clarify, drafting, emergency, going_on, offers, resume
from handlers.campaigns.answering import note_followed
from handlers.dialog import Dialog
from handlers.intents import INTENTS, book, by_name, contest
from handlers.intents.reopen import take_reason
from handlers.intents.supplement import amend, answer_officer, attach_to_last
from handlers.knowledge import occasions
from handlers.messages import Incoming
from handlers.ports import Citizen, UnitOfWork
from handlers.services import Services
from handlers.turn import Turn
from handlers.words import (
    NO,
    OPENINGS,
    UNKNOWN,
    YES,
    is_one_of,
    is_traditional,
    plain,
    wants_to_cancel,
)
from nlu.understanding import Understanding

LONGEST = 20_000  # code points read; the inbox keeps the whole message
Rule = Callable[[Turn], Awaitable[bool]]
SILENT = Understanding(intent="smalltalk", abstained=True, confidence=0.0)


async def respond(incoming: Incoming, services: Services) -> Turn | None:
    """Answer one message: inbox mark, dialog, ticket, timeline and outbox commit together.

    Returns None when the message had been answered before (a repeat delivered twice).
    """
    async with services.unit_of_work() as work:
        now = incoming.at or services.clock.now()
        citizen = await work.citizens.get_or_add(
            incoming.channel, incoming.sender, incoming.locale or "zh-Hans"
        )
        if not await work.inbox.done(incoming.inbox_ids, services.clock.now()):
            return None
        turn = await _open(incoming, citizen, services, work)
        await answer(turn)
        await note_followed(turn)
        turn.dialog.at = now.isoformat()
        await _store(turn)
        await work.commit()
        return turn


async def answer(turn: Turn) -> None:
    """Let the first rule that fits answer the turn."""
    for rule in RULES:
        if await rule(turn):
            break
    await another.next_in_line(turn)


def storable(text: str) -> str:
    """The text as any database takes it: no NUL, no broken UTF-16, not endless."""
    whole = text.replace("\x00", "").encode("utf-8", "replace").decode()
    return whole.strip()[:LONGEST]


async def _open(incoming: Incoming, citizen: Citizen, services: Services, work: UnitOfWork) -> Turn:
    await _speak_their_script(incoming, citizen, work)
    dialog = Dialog.from_json(await work.dialogs.load(citizen.id))
    now = services.clock.now()
    text = storable(incoming.text)
    heard = services.interpreter.understand(text, now) if text else SILENT
    return Turn(incoming, citizen, dialog, services, work, now, text, heard)


async def _speak_their_script(incoming: Incoming, citizen: Citizen, work: UnitOfWork) -> None:
    """The script chosen on the page; where there is no choice, the one the citizen writes."""
    written = "zh-Hant" if is_traditional(incoming.text) else citizen.locale
    wanted = incoming.locale or written
    if wanted != citizen.locale:
        await work.citizens.set_locale(citizen.id, wanted)
        citizen.locale = wanted


async def _store(turn: Turn) -> None:
    await turn.work.dialogs.save(turn.citizen.id, turn.dialog.to_json(), turn.now)
    for number, reply in enumerate(turn.replies):
        key = f"reply:{turn.incoming.channel}:{turn.incoming.external_id}:{number}"
        await turn.work.outbox.reply(turn.citizen, reply, key)


async def _refused_media(turn: Turn) -> bool:
    """Say which files could not be taken; go on with the rest of the message."""
    for key in dict.fromkeys(turn.incoming.refused):
        turn.say(key)
    rest = turn.text or turn.incoming.attachments or turn.incoming.location or turn.incoming.button
    return bool(turn.incoming.refused) and not rest


async def _nothing(turn: Turn) -> bool:
    """An empty message gets a kind answer, never silence."""
    given = turn.incoming
    if turn.text or given.button or given.attachments or given.location:
        return False
    turn.say("bad.empty")
    return True


async def _too_long(turn: Turn) -> bool:
    """Say that a very long message is kept whole; go on with its beginning."""
    if len(turn.incoming.text) > LONGEST:
        turn.say("bad.too_long")
    return False


async def _edited(turn: Turn) -> bool:
    return turn.incoming.edited and await amend(turn)


async def _command(turn: Turn) -> bool:
    handler = COMMANDS.get(turn.text.split("@")[0].split(" ")[0].lower())
    if handler is None:
        return False
    await handler(turn)
    return True


async def _cancel(turn: Turn) -> bool:
    if turn.dialog.draft is None or not wants_to_cancel(turn.text):
        return False
    await drafting.cancel(turn)
    return True


async def _parked(turn: Turn) -> bool:
    """More words after 请问您是想…: read both messages together."""
    if turn.dialog.parked is None or turn.dialog.draft is not None or not turn.text:
        return False
    return await clarify.add(turn)


async def _opening(turn: Turn) -> bool:
    """我要投诉 and nothing else: the same as the button."""
    kind = OPENINGS.get(plain(turn.text))
    if kind is None or turn.dialog.draft is not None:
        return False
    turn.dialog.parked = None
    drafting.begin_empty(turn, kind)
    await drafting.proceed(turn)
    return True


async def _only_a_word(turn: Turn) -> bool:
    """好的 or 不知道 when nothing is being asked."""
    if turn.dialog.parked or not is_one_of(turn.text, YES | NO | UNKNOWN):
        return False
    turn.say("greeting.fine", offers.START)
    return True


async def _date_of_occasion(turn: Turn) -> bool:
    return await occasions.tell_date(turn)


async def _by_intent(turn: Turn) -> bool:
    await clarify.read(turn)
    return True


async def _start(turn: Turn) -> None:
    turn.say("greeting.start", offers.START, office=turn.services.jurisdiction.office_name)


async def _help(turn: Turn) -> None:
    turn.say("greeting.help", offers.START)


async def _status(turn: Turn) -> None:
    await INTENTS["track"](turn)


COMMANDS: dict[str, Callable[[Turn], Awaitable[None]]] = {
    "/start": _start,
    "/help": _help,
    "/status": _status,
    "/cancel": drafting.cancel,
}
RULES: tuple[Rule, ...] = (
    _refused_media,
    _nothing,
    _too_long,
    _edited,
    _command,
    buttons.press,
    emergency.first_aid,
    resume.offer,
    _cancel,
    take_reason,
    book.take_product,
    contest.take_nickname,
    answer_officer,
    by_name.called,
    going_on.go_on,
    attach_to_last,
    _opening,
    _only_a_word,
    _parked,
    _date_of_occasion,
    _by_intent,
)
