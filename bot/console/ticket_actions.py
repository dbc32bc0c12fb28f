"""Which actions a ticket's page offers to whom, and what each does."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass

from content.jurisdiction import Jurisdiction, Unit
from handlers import staff as permissions
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import actions, corrections
from handlers.tickets.corrections import Meaning
from handlers.tickets.ticket import MOVES, Ticket

Form = Mapping[str, str]
Perform = Callable[[Services, Staff, str, Form, int], Awaitable[None]]
QUESTIONS = frozenset({"consult", "suggestion", "rumour_check"})
SHUT = frozenset({"withdrawn", "struck_off", "closed"})

PERFORM: Mapping[str, Perform] = {
    "claim": lambda s, who, n, _, v: actions.claim(s, who, n, v),
    "reply": lambda s, who, n, form, v: actions.reply(s, who, n, form.get("text", ""), v),
    "ask": lambda s, who, n, form, v: actions.ask(s, who, n, form.get("text", ""), v),
    "note": lambda s, who, n, form, v: actions.note(s, who, n, form.get("text", ""), v),
    "transfer": lambda s, who, n, form, v: actions.transfer(
        s, who, n, form.get("unit", ""), form.get("text", ""), v
    ),
    "return": lambda s, who, n, form, v: actions.return_to_office(
        s, who, n, form.get("text", ""), v
    ),
    "dispatch": lambda s, who, n, form, v: actions.dispatch(
        s, who, n, form.get("unit", ""), form.get("text", ""), v
    ),
    "move": lambda s, who, n, form, v: actions.take_step(
        s, who, n, form.get("step", ""), form.get("text", ""), v
    ),
    "resolve": lambda s, who, n, form, v: actions.resolve(s, who, n, form.get("text", ""), v),
    "correct": lambda s, who, n, form, v: actions.correct(
        s, who, n, form.get("intent", ""), ticked(form), form.get("text", ""), v
    ),
}
ORDER = (
    "claim", "reply", "ask", "move", "resolve", "dispatch", "transfer", "return", "correct", "note",
)  # fmt: skip
TICK = "hazard."  # a box for each hazard: a form keeps one value for a name
# action → the states it leads to; the other actions leave the state alone
LEADS_TO: Mapping[str, frozenset[str]] = {
    "claim": frozenset({"claimed"}),
    "move": actions.LEGAL_STEPS,
    "resolve": frozenset({"resolved"}),
    "dispatch": frozenset({"dispatched"}),
    "transfer": frozenset({"dispatched"}),
    "return": frozenset({"returned"}),
}
LEAVES_SIGHT = frozenset({"transfer", "dispatch"})


@dataclass(frozen=True)
class Offer:
    """What the page offers: actions in the order of the page, steps, and units to hand to."""

    actions: Sequence[str]
    steps: Sequence[str]
    units: Sequence[Unit]
    likely: Sequence[Unit]
    intents: Sequence[str]
    hazards: Sequence[str]


def offer(ticket: Ticket, person: Staff, jurisdiction: Jurisdiction) -> Offer:
    """The actions that both the permission table and the state table allow."""
    reachable = MOVES[ticket.kind].get(ticket.state, frozenset())
    steps = [step for step in MOVES[ticket.kind] if step in reachable & actions.LEGAL_STEPS]
    allowed = [
        action
        for action in ORDER
        if permissions.may(person, action, ticket) and _fits(action, ticket, reachable)
    ]
    hidden = _one_way_to_hand_on(ticket, allowed, jurisdiction.office)
    units = [u for u in jurisdiction.units.values() if not u.collective and u.id != ticket.lead]
    candidates = ticket.routing.get("candidates") or ()
    return Offer(
        [action for action in allowed if action not in hidden],
        steps,
        [u for u in units if u.id not in candidates],
        [u for u in units if u.id in candidates],
        corrections.intents(),
        corrections.hazards(),
    )


def ticked(form: Form) -> list[str]:
    """The hazards whose boxes are ticked."""
    return [name.removeprefix(TICK) for name in form if name.startswith(TICK)]


def typed_meaning(ticket: Ticket, form: Form) -> Meaning:
    """What the correction's form shows: what was typed, else what the ticket says now."""
    if "intent" not in form:
        return corrections.meaning_of(ticket)
    return Meaning(form["intent"], tuple(ticked(form)))


def _one_way_to_hand_on(ticket: Ticket, allowed: Sequence[str], office: str) -> frozenset[str]:
    """The office dispatches, units transfer; nobody is offered both, nor a return to oneself."""
    at_office = ticket.lead == office
    hidden = {"return"} if at_office else set()
    if {"transfer", "dispatch"} <= set(allowed):
        hidden.add("transfer" if at_office else "dispatch")
    return frozenset(hidden)


def _fits(action: str, ticket: Ticket, reachable: frozenset[str]) -> bool:
    if action in LEADS_TO:
        return bool(LEADS_TO[action] & reachable)
    talk = {"reply": _may_reply(ticket, reachable), "ask": not ticket.done}
    return talk.get(action, True)


def _may_reply(ticket: Ticket, reachable: frozenset[str]) -> bool:
    if ticket.kind in QUESTIONS:
        return "answered" in reachable or ticket.state == "dispatched"
    return ticket.state not in SHUT
