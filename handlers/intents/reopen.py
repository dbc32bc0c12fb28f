"""重办: a resolved matter goes back to the unit that resolved it, within limits of content/service.yml."""

from __future__ import annotations

from handlers.intents.choosing import own_ticket
from handlers.privacy import mask
from handlers.tickets import acting, reviewing
from handlers.tickets.moves import allowed
from handlers.tickets.reviewing import REASONS
from handlers.tickets.ticket import Ticket
from handlers.turn import Turn
from handlers.words import CANCEL, NO, is_one_of

FINISHED = frozenset({"resolved", "strike_off_pending", "struck_off"})
# A sure intent of these is no reason for doing a matter again.
ASIDE = frozenset(
    "track withdraw human smalltalk consult quiz poll subscribe unsubscribe ask_tip".split()
)
SURE = 0.75
LONGEST = 500  # code points of a reason


async def hindrance(turn: Turn, ticket: Ticket) -> str | None:
    """Why the citizen cannot have it done again: state, late or often; None when they can."""
    if ticket.state not in FINISHED or not allowed(ticket.kind, ticket.state, "reopened"):
        return "state"
    entries, rules = await turn.work.tickets.timeline(ticket.number), turn.services.rules
    resolved = [entry.at for entry in entries if entry.type == "resolved"]
    if resolved:
        since = turn.now.date() - resolved[-1].astimezone(turn.now.tzinfo).date()
        if since.days > rules.reopen_days:
            return "late"
    times = [e for e in entries if e.type == "reopened" and e.data.get("how") == "citizen"]
    return "often" if len(times) >= rules.reopen_limit else None


async def buttons(turn: Turn, ticket: Ticket, choice: str = "ask") -> tuple[tuple[str, str], ...]:
    """The button that starts it, where it is possible; with a reason as `choice` nothing is asked."""
    possible = await hindrance(turn, ticket) is None
    return (("button.reopen", f"reopen:{choice}:{ticket.number}"),) if possible else ()


async def pressed(turn: Turn, rest: str) -> None:
    """A button; `rest` is ask|no|a reason:number."""
    choice, _, number = rest.partition(":")
    ticket = await own_ticket(turn, number)
    if ticket is None:
        return
    if choice == "no":
        turn.say("reopen.kept", number=number)
    elif choice == "ask":
        await _ask_reason(turn, ticket)
    elif choice in REASONS:
        await reopen(turn, ticket, turn.services.phrases.text(f"reason.{choice}"), choice)
    else:
        turn.say("bad.old_button")


async def take_reason(turn: Turn) -> bool:
    """The words after 要求重办 are the reason, unless they are plainly something else."""
    number, turn.dialog.reopening = turn.dialog.reopening, None
    late = turn.dialog.stale(turn.now)
    if number is None or late or turn.dialog.draft is not None or not turn.text:
        return False
    if is_one_of(turn.text, NO | CANCEL):
        turn.say("reopen.kept", number=number)
        return True
    ticket = None if _aside(turn) else await own_ticket(turn, number)
    if ticket is None:
        return False
    await reopen(turn, ticket, mask(turn.text)[:LONGEST])
    return True


async def reopen(turn: Turn, ticket: Ticket, reason: str, code: str | None = None) -> None:
    """Reopen and give it back to the unit that resolved it; says why not where that cannot be.

    `code` is one of reviewing.REASONS, where a button named it.
    """
    hindered = await hindrance(turn, ticket)
    if hindered is not None:
        await refuse(turn, ticket, hindered)
        return
    phrases = turn.services.phrases
    await _count(turn, ticket, code)
    text = phrases.text("timeline.reopened", text=reason)
    ticket.move("reopened", turn.now, "citizen", "citizen", text, how="citizen", reason=code)
    send_back(turn, ticket, "reopened")
    await acting.keep(turn.services, turn.work, ticket)
    turn.record("ticket.reopened", ticket.number)
    turn.say("dissatisfied.reopened", number=ticket.number, unit=turn.unit_name(ticket.lead))


def send_back(turn: Turn, ticket: Ticket, how: str) -> None:
    """From reopened to the unit that had it; nobody has claimed it yet. The ticket is not stored."""
    text = turn.services.phrases.text("timeline.sent_back", unit=turn.unit_name(ticket.lead))
    data = {"how": how, "target": ticket.lead}
    ticket.move("dispatched", turn.now, "bot", "citizen", text, **data)
    ticket.officer = None


async def refuse(turn: Turn, ticket: Ticket, hindered: str) -> None:
    """Say why it cannot be done again, and what is left."""
    rules = turn.services.rules
    turn.say(
        f"reopen.{hindered}",
        number=ticket.number,
        state=turn.phrase(f"state.{ticket.state}"),
        days=rules.reopen_days,
        limit=rules.reopen_limit,
    )


async def _ask_reason(turn: Turn, ticket: Ticket) -> None:
    hindered = await hindrance(turn, ticket)
    if hindered is not None:
        await refuse(turn, ticket, hindered)
        return
    turn.dialog.reopening = ticket.number
    offered = [(f"reason.{code}", f"reopen:{code}:{ticket.number}") for code in REASONS]
    offered.append(("button.no_reopen", f"reopen:no:{ticket.number}"))
    turn.say("reopen.ask", offered, number=ticket.number)


async def _count(turn: Turn, ticket: Ticket, code: str | None) -> None:
    """Who wants it done again was not satisfied: an open question is answered by that."""
    phrases = turn.services.phrases
    await reviewing.rate(turn.work, ticket, -1, turn.now, phrases)
    if code is not None:
        await reviewing.explain(turn.work, ticket, code, turn.now, phrases)


def _aside(turn: Turn) -> bool:
    heard = turn.understanding
    return heard.intent in ASIDE and not heard.abstained and heard.confidence > SURE
