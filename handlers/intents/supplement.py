"""补充: more words, photos or corrections for a matter that is already filed."""

from __future__ import annotations

from datetime import datetime, timedelta

from handlers import drafting
from handlers.errors import NoSuchTicket
from handlers.intents import reopen
from handlers.intents.choosing import one_ticket, own_ticket
from handlers.privacy import mask
from handlers.tickets import acting
from handlers.tickets.moves import allowed
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn

STILL_ABOUT_IT = timedelta(days=30)
NEW_MATTER = frozenset(
    {"complaint", "report", "complaint_and_report", "track", "withdraw", "human", "out_of_scope"}
)
# States of a report in which new facts make it a fresh one; struck off, only a reopening does.
CONCLUDED = frozenset({"not_filed", "decided", "resolved", "strike_off_pending"})
SURE = 0.75


async def supplement(turn: Turn) -> None:
    """Add this message to the matter meant."""
    ticket = await one_ticket(turn, "supplement", open_first=True)
    if ticket is not None:
        await add(turn, ticket)


async def add(turn: Turn, ticket: Ticket, type: str = "supplement") -> None:
    """Append text and files to the timeline, for the unit to read."""
    own = await _own_words(turn, ticket)
    parts = [mask(turn.text, also=own)] if turn.text else []
    count = len(turn.incoming.attachments)
    if count:
        parts.append(turn.services.phrases.text("timeline.files", count=count))
        await turn.work.attachments.attach(turn.incoming.attachments, ticket.number)
    if turn.incoming.location:
        place = turn.incoming.location
        parts.append(f"{place.lat:.6f},{place.lon:.6f}")
    ticket.note(turn.now, "citizen", type, "unit", "\n".join(parts))
    await acting.keep(turn.services, turn.work, ticket)
    turn.record("ticket.supplemented", ticket.number)
    turn.say("supplement.done", number=ticket.number, unit=turn.unit_name(ticket.lead))
    if type == "supplement":
        await _go_on(turn, ticket)


async def new_facts(turn: Turn, rest: str) -> None:
    """补充新事实: a report is taken up anew and its period starts again (Order 121 art. 35).

    `rest` is yes|no:number. Where the table has no way back, the unit reads that there are new facts.
    """
    choice, _, number = rest.partition(":")
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    if choice != "yes":
        turn.say("supplement.no_new_facts", number=number)
    elif ticket.kind != "report" or ticket.state not in CONCLUDED or await _taken_up(turn, ticket):
        turn.say("supplement.already", number=number)
    else:
        await _take_up(turn, ticket)


async def _take_up(turn: Turn, ticket: Ticket) -> None:
    text = turn.services.phrases.text("timeline.new_facts")
    if allowed(ticket.kind, ticket.state, "reopened"):
        ticket.move("reopened", turn.now, "citizen", "citizen", text, how="new_facts")
        reopen.send_back(turn, ticket, "new_facts")
    ticket.note(turn.now, "citizen", "new_facts", "citizen", text)
    await acting.keep(turn.services, turn.work, ticket)
    turn.record("ticket.reopened", ticket.number, how="new_facts")
    turn.say("supplement.new_facts_done", number=ticket.number, unit=turn.unit_name(ticket.lead))


async def _taken_up(turn: Turn, ticket: Ticket) -> bool:
    """Whether what was added last has been called new facts already."""
    entries = await turn.work.tickets.timeline(ticket.number)
    types = [e.type for e in entries if e.type in ("supplement", "new_facts")]
    return bool(types) and types[-1] == "new_facts"


async def _go_on(turn: Turn, ticket: Ticket) -> None:
    """What was added to a concluded matter changes nothing by itself: offer what can be done."""
    number = ticket.number
    if ticket.kind == "report" and ticket.state in CONCLUDED:
        offered = (
            ("button.new_facts", f"facts:yes:{number}"),
            ("button.no_new_facts", f"facts:no:{number}"),
        )
        turn.say("supplement.new_facts", offered, number=number)
    elif ticket.done:
        state = turn.phrase(f"state.{ticket.state}")
        offered_again = await reopen.buttons(turn, ticket)
        key = "supplement.may_reopen" if offered_again else "supplement.over"
        turn.say(key, offered_again, number=number, state=state)


async def answer_officer(turn: Turn) -> bool:
    """An officer asked; what is written next is the answer, unless it is plainly something else."""
    number = turn.dialog.question or turn.dialog.choosing
    if number is None or turn.dialog.draft is not None:
        return False
    heard = turn.understanding
    elsewhere = heard.intent in NEW_MATTER and not heard.abstained and heard.confidence > SURE
    if (
        elsewhere
        and turn.dialog.choosing is None
        and heard.intent in ("track", "withdraw", "human")
    ):
        return False
    ticket = await own_ticket(turn, number)
    kind = "answer" if turn.dialog.question else "supplement"
    turn.dialog.question = turn.dialog.choosing = None
    if ticket is None:
        return False
    await add(turn, ticket, kind)
    return True


async def attach_to_last(turn: Turn) -> bool:
    """Photos, a voice message or a place without words go to the newest matter, if fresh."""
    given = turn.incoming
    if turn.text or not (given.attachments or given.location):
        return False
    number = turn.dialog.last_ticket
    at = turn.dialog.last_ticket_at
    fresh = at is not None and turn.now - datetime.fromisoformat(at) < STILL_ABOUT_IT
    ticket = await own_ticket(turn, number) if number and fresh else None
    if ticket is not None and not ticket.done:
        await add(turn, ticket)
        return True
    draft = drafting.begin_empty(turn, "report", chosen=False)
    draft.attachments += given.attachments
    drafting.take_location(turn, draft)
    turn.say("draft.photos_first")
    await drafting.proceed(turn)
    return True


async def amend(turn: Turn) -> bool:
    """An edited message changes what was told; it never files anything a second time."""
    key, draft = turn.incoming.message_key, turn.dialog.draft
    told = next((row for row in draft.narrative if row[0] == key), None) if draft else None
    if draft is not None and told is not None:
        draft.facts = {slot: v for slot, v in draft.facts.items() if v not in told[1]}
        draft.narrative.remove(told)
        drafting.listen(turn, draft)
        turn.say("supplement.amended")
        await drafting.proceed(turn)
        return True
    number = turn.dialog.last_ticket
    ticket = await own_ticket(turn, number) if number else None
    if ticket is None:
        return False
    note = turn.services.phrases.text("timeline.amended", text=mask(turn.text))
    ticket.note(turn.now, "citizen", "amended", "unit", note)
    await turn.work.tickets.save(ticket)
    turn.record("ticket.supplemented", ticket.number)
    turn.say("supplement.amended_filed", number=ticket.number)
    return True


async def _own_words(turn: Turn, ticket: Ticket) -> list[str]:
    if ticket.identity_id is None:
        return []
    try:
        identity = await turn.work.vault.open(ticket.identity_id)
    except NoSuchTicket:
        return []
    return [identity.name, identity.phone]
