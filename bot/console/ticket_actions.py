"""Which actions a ticket's page offers to whom, and what each asks for."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from content.jurisdiction import Jurisdiction, Unit
from content.law import Law
from handlers import staff as permissions
from handlers.ports import Staff
from handlers.tickets import corrections
from handlers.tickets.closing import decided
from handlers.tickets.corrections import Meaning
from handlers.tickets.deciding import ORDER_121
from handlers.tickets.moves import LEGAL_STEPS, MOVES
from handlers.tickets.ticket import Ticket

Form = Mapping[str, str]
QUESTIONS = frozenset({"consult", "suggestion", "rumour_check"})
SHUT = frozenset({"withdrawn", "struck_off", "closed"})

# action → what its form asks for, in the order of the page (see templates/ticket_actions.html)
FIELDS: Mapping[str, Sequence[str]] = {
    "claim": (),
    "reply": ("text",),
    "ask": ("text",),
    "receive": ("channel", "day", "text"),
    "move": ("step", "ground", "authority", "text"),
    "notified": ("text",),
    "new_facts": ("text",),
    "pause": ("clock", "text"),
    "resume": ("clock",),
    "extend": ("extension", "days", "text"),
    "resolve": ("text",),
    "close": (),
    "dispatch": ("unit", "text?"),
    "interim": ("unit",),
    "delegate": ("below",),
    "transfer": ("unit", "text"),
    "return": ("text",),
    "give_task": ("unit", "due", "text"),
    "finish_task": ("task", "text"),
    "supervise": ("due", "text"),
    "answer_supervision": ("order", "text"),
    "ask_strike_off": ("text",),
    "strike_off": ("text",),
    "refuse_strike_off": ("text",),
    "spot_check": ("passed", "text"),
    "correct": ("meaning", "text"),
    "note": ("text",),
}
ORDER = tuple(FIELDS)
# action → the row of handlers/staff.py that allows it, where the names differ
PERMITTED_BY = {
    "notified": "move",
    "new_facts": "move",
    "pause": "move",
    "resume": "move",
    "close": "resolve",
    "interim": "dispatch",
    "ask_strike_off": "resolve",
    "refuse_strike_off": "strike_off",
    "spot_check": "strike_off",
}
TICK = "hazard."  # a box for each hazard: a form keeps one value for a name
# action → the states it leads to; the other actions leave the state alone
LEADS_TO: Mapping[str, frozenset[str]] = {
    "claim": frozenset({"claimed"}),
    "move": LEGAL_STEPS,
    "resolve": frozenset({"resolved"}),
    "close": frozenset({"closed"}),
    "dispatch": frozenset({"dispatched"}),
    "delegate": frozenset({"dispatched"}),
    "transfer": frozenset({"dispatched"}),
    "return": frozenset({"returned"}),
    "ask_strike_off": frozenset({"strike_off_pending"}),
    "strike_off": frozenset({"struck_off"}),
    "refuse_strike_off": frozenset({"reopened"}),
}
LEAVES_SIGHT = frozenset({"transfer", "dispatch"})


@dataclass(frozen=True)
class Situation:
    """What an offer depends on: the ticket, who looks, and what is open beside it.

    `tasks` and `orders` are (id, text) of this unit's open co-handling tasks and supervisions.
    """

    ticket: Ticket
    person: Staff
    jurisdiction: Jurisdiction
    law: Law
    today: date
    tasks: Sequence[tuple[int, str]] = ()
    orders: Sequence[tuple[int, str]] = ()

    @property
    def reachable(self) -> frozenset[str]:
        """The states the ticket can go to."""
        return MOVES[self.ticket.kind].get(self.ticket.state, frozenset())

    @property
    def steps(self) -> Sequence[str]:
        """Legal steps that can be taken now, in the order of the procedure."""
        market = self.ticket.lead == self.jurisdiction.role("market")
        known = self.reachable & (LEGAL_STEPS if market else LEGAL_STEPS - ORDER_121)
        return [step for step in MOVES[self.ticket.kind] if step in known]


Choices = Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Offer:
    """What the page offers: actions in the order of the page, and what each field can hold.

    `choices` maps a kind of field to (value, label); labels of steps and clocks are words.
    """

    actions: Sequence[str]
    choices: Mapping[str, Choices]
    units: Sequence[Unit]
    likely: Sequence[Unit]
    intents: Sequence[str]
    hazards: Sequence[str]


def offer(now: Situation) -> Offer:
    """The actions that the permission table, the state table and the situation all allow."""
    ticket, choices = now.ticket, {kind: listed(now) for kind, listed in CHOICES.items()}
    allowed = [
        action
        for action in ORDER
        if permissions.may(now.person, PERMITTED_BY.get(action, action), ticket)
        and _fits(action, now, choices)
    ]
    hidden = _one_way_to_hand_on(ticket, allowed, now.jurisdiction.office)
    units = [u for u in now.jurisdiction.units.values() if not u.collective and u.id != ticket.lead]
    candidates = ticket.routing.get("candidates") or ()
    return Offer(
        [action for action in allowed if action not in hidden],
        choices,
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


def _grounds(now: Situation) -> Choices:
    """The law's grounds for the step that needs one; declining and terminating never meet."""
    listed = {"declined": now.law.declining, "terminated": now.law.terminating}
    found = [grounds for step, grounds in listed.items() if step in now.steps]
    return [(str(g.number), f"{g.number} {g.text}") for grounds in found for g in grounds]


def _clocks(now: Situation) -> Choices:
    """Clocks that run or stand still and may be paused."""
    law, day = now.law, now.today
    open_clocks = [c for c in now.ticket.clocks if c.state in ("running", "paused")]
    return [
        (c.name, law.clock(c.name, day).name)
        for c in open_clocks
        if law.clock(c.name, day).pausable
    ]


def _extensions(now: Situation) -> Choices:
    running = {c.name for c in now.ticket.clocks if c.state == "running"}
    rules = now.law.clocks(now.today)
    return [(rule.id, rule.name) for rule in rules if rule.extends in running]


def _below(now: Situation) -> Choices:
    units = now.jurisdiction.units.values()
    return [(u.id, u.name) for u in units if u.parent == now.ticket.lead and not u.collective]


CHOICES: Mapping[str, Callable[[Situation], Choices]] = {
    "step": lambda now: [(step, step) for step in now.steps],
    "ground": _grounds,
    "clock": _clocks,
    "extension": _extensions,
    "below": _below,
    "task": lambda now: [(str(number), text) for number, text in now.tasks],
    "order": lambda now: [(str(number), text) for number, text in now.orders],
}
OPTIONAL = frozenset({"ground"})  # a choice whose emptiness does not hide the action


def _one_way_to_hand_on(ticket: Ticket, allowed: Sequence[str], office: str) -> frozenset[str]:
    """The office dispatches, units transfer; nobody is offered both, nor a return to oneself."""
    at_office = ticket.lead == office
    hidden = {"return"} if at_office else set()
    if {"transfer", "dispatch"} <= set(allowed):
        hidden.add("transfer" if at_office else "dispatch")
    return frozenset(hidden)


def _fits(action: str, now: Situation, choices: Mapping[str, Choices]) -> bool:
    empty = [f for f in FIELDS[action] if f in choices and not choices[f] and f not in OPTIONAL]
    if empty or (action in LEADS_TO and not LEADS_TO[action] & now.reachable):
        return False
    return WHEN[action](now) if action in WHEN else True


def _may_reply(now: Situation) -> bool:
    ticket = now.ticket
    if ticket.kind in QUESTIONS:
        return "answered" in now.reachable or ticket.state == "dispatched"
    return ticket.state not in SHUT


def _is_open(now: Situation) -> bool:
    return not now.ticket.done


def _is_matter(now: Situation) -> bool:
    return now.ticket.kind not in QUESTIONS and not now.ticket.done


# action → what else must be so
WHEN: Mapping[str, Callable[[Situation], bool]] = {
    "reply": _may_reply,
    "ask": _is_open,
    "receive": lambda now: _is_matter(now) and not now.ticket.received,
    "notified": lambda now: now.ticket.state == "terminated",
    "new_facts": lambda now: now.ticket.kind == "report" and "report.verify" in _ever(now),
    "resume": lambda now: any(c.state == "paused" for c in now.ticket.clocks),
    "resolve": lambda now: decided(now.ticket, now.jurisdiction),
    "interim": lambda now: now.ticket.state == "returned",
    "give_task": _is_matter,
    "supervise": _is_matter,
    "spot_check": lambda now: now.ticket.state == "struck_off",
}


def _ever(now: Situation) -> set[str]:
    return {c.name for c in now.ticket.clocks}
