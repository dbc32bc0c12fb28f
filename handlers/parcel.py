"""进度 like a parcel's: the steps done, the present one, the ones ahead, and what happened, newest first.

Only entries meant for the citizen are shown; the states of the others are steps without words.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from handlers.tickets.moves import MOVES
from handlers.tickets.ticket import Entry, Ticket
from handlers.turn import Turn

MOST_LINES = 6  # happenings shown; older ones are counted
LONG, SHORT = 300, 60  # code points of the newest words, and of older ones
DONE, NOW, AHEAD = "●", "◉", "○"
WORDLESS = frozenset({"registered", "claimed"})  # the step says it all

# kind → milestones in order: the phrase step.<name> while ahead, and the states it stands for
_START = ("registered", frozenset({"registered", "reopened"}))
_SENT = ("dispatched", frozenset({"dispatched", "returned"}))
_TAKEN = ("claimed", frozenset({"claimed"}))
_END = ("resolved", frozenset({"resolved", "strike_off_pending", "struck_off"}))
_COMPLAINT = (
    _START,
    _SENT,
    _TAKEN,
    ("decide", frozenset({"accepted", "declined", "handed_over"})),
    ("mediate", frozenset({"mediating", "settled", "terminated"})),
    _END,
)
_REPORT = (
    _START,
    _SENT,
    _TAKEN,
    ("verify", frozenset({"verifying"})),
    ("file", frozenset({"filed", "not_filed", "handed_over"})),
    ("penalty", frozenset({"decided"})),
    _END,
)
_QUESTION = (_START, _SENT, _TAKEN, ("answer", frozenset({"answered", "closed"})))
Milestones = tuple[tuple[str, frozenset[str]], ...]
MILESTONES: Mapping[str, Milestones] = {
    "complaint": _COMPLAINT,
    "report": _REPORT,
    "consult": _QUESTION,
    "suggestion": _QUESTION,
    "rumour_check": _QUESTION,
}
BACK = frozenset({"dispatched", "returned", "reopened", "withdrawn"})
UNSENT = frozenset({"registered", "returned", "reopened"})
OPTIONAL = frozenset({"penalty"})  # only announced once it is due
EVERYBODY = frozenset({"dispatched", "claimed", "answer", "resolved"})
# The legal period of a step (Order 121 arts. 15, 23; 行政处罚程序规定 arts. 18, 64), market regulation only
PERIODS: Mapping[str, Mapping[str, str]] = {
    "complaint": {
        **dict.fromkeys(("registered", "dispatched", "returned", "claimed"), "accept"),
        **dict.fromkeys(("accepted", "mediating"), "mediate"),
        "terminated": "notify",
    },
    "report": {
        **dict.fromkeys(("registered", "dispatched", "returned", "claimed", "verifying"), "verify"),
        "filed": "decide",
    },
}
CLOCKS = {
    "accept": {"complaint.accept"},
    "mediate": {"complaint.mediate"},
    "notify": {"complaint.notify_end"},
    "verify": {"report.verify", "report.reassess"},
    "decide": {"case.decide"},
}


@dataclass(frozen=True)
class Step:
    """One milestone: its mark, and the phrase key of its name."""

    mark: str
    key: str


@dataclass(frozen=True)
class Happening:
    """One line of the timeline as the citizen reads it."""

    at: datetime
    type: str
    unit: str
    text: str


def view(turn: Turn, ticket: Ticket, entries: Sequence[Entry]) -> str:
    """The whole answer: head, steps, who has it, the period, the happenings."""
    shown = happenings(ticket, entries, turn.services.jurisdiction.office)
    parts = [
        turn.phrase(
            "track.head",
            number=ticket.number,
            kind=turn.phrase(f"kind.{ticket.kind}"),
            state=turn.phrase(f"state.{ticket.state}"),
        ),
        _bar(turn, ticket, entries),
        _who(turn, ticket),
        *_period(turn, ticket),
        *(_line(turn, ticket, h, newest=n == 0) for n, h in enumerate(shown[:MOST_LINES])),
    ]
    if len(shown) > MOST_LINES:
        parts.append(turn.phrase("track.older", count=len(shown) - MOST_LINES))
    return "\n".join(parts)


def steps(ticket: Ticket, entries: Sequence[Entry], *, bound: bool = True) -> list[Step]:
    """The milestones of the present round: a reopened matter starts a new one.

    Units that Order 121 does not bind (`bound`) owe no legal steps, so none are announced.
    """
    milestones, seen = MILESTONES[ticket.kind], _states(ticket, entries)
    if ticket.state == "withdrawn":
        return [*_past(milestones, seen, "withdrawn"), Step(NOW, "state.withdrawn")]
    at = next(n for n, (_, states) in enumerate(milestones) if ticket.state in states)
    ended = at == len(milestones) - 1
    present = Step(DONE if ended else NOW, f"state.{ticket.state}")
    past = _past(milestones[:at], seen, ticket.state)
    return [*past, present, *_future(milestones[at + 1 :], ticket, bound=bound)]


def happenings(ticket: Ticket, entries: Sequence[Entry], office: str) -> list[Happening]:
    """What the citizen may read, newest first, each with the unit that had the matter then."""
    found, unit = [], office
    for entry in entries:
        if entry.type == "dispatched":
            unit = entry.data.get("target") or entry.data.get("lead") or ticket.lead
        elif entry.type == "returned":
            unit = office
        if entry.audience == "citizen":
            found.append(Happening(entry.at, entry.type, unit, entry.text))
    return found[::-1]


def _states(ticket: Ticket, entries: Sequence[Entry]) -> list[str]:
    """The states of the present round in order, whoever may read the entries that name them."""
    seen = ["registered"]
    for entry in entries:
        if entry.type == "reopened":
            seen = []
        if "before" in entry.data and entry.type in MOVES[ticket.kind]:
            seen.append(entry.type)
    return seen


def _past(milestones: Milestones, seen: list[str], present: str) -> list[Step]:
    """Milestones left behind, by the last state they were in; those jumped over are left out."""
    reached = [[s for s in seen if s in states and s != present] for _, states in milestones]
    return [Step(DONE, f"state.{states[-1]}") for states in reached if states]


def _future(milestones: Milestones, ticket: Ticket, *, bound: bool) -> list[Step]:
    coming, due = _ahead(ticket.kind, ticket.state), _forward(ticket.kind, ticket.state)
    return [
        Step(AHEAD, f"step.{name}")
        for name, states in milestones
        if states & coming
        and (bound or name in EVERYBODY)
        and (name not in OPTIONAL or states & due)
    ]


def _forward(kind: str, state: str) -> frozenset[str]:
    """States that come next without going back; before the first dispatch that is no way back."""
    sent = frozenset({"dispatched"}) if state in UNSENT else frozenset[str]()
    return MOVES[kind].get(state, frozenset()) - BACK | sent


def _ahead(kind: str, state: str) -> set[str]:
    """States that can still come without going back."""
    coming: set[str] = set()
    waiting = {state}
    while waiting:
        fresh = _forward(kind, waiting.pop()) - coming
        coming |= fresh
        waiting |= fresh
    return coming


def _bar(turn: Turn, ticket: Ticket, entries: Sequence[Entry]) -> str:
    made = steps(ticket, entries, bound=_bound(turn, ticket))
    return " ".join(f"{step.mark}{turn.phrase(step.key)}" for step in made)


def _who(turn: Turn, ticket: Ticket) -> str:
    key = "track.was_with" if ticket.done else "track.with"
    return turn.phrase(key, unit=turn.unit_name(ticket.lead))


def _period(turn: Turn, ticket: Ticket) -> list[str]:
    """The period in words; its last day only where a statutory clock runs (design §6)."""
    name = PERIODS.get(ticket.kind, {}).get(ticket.state)
    if name is None or not _bound(turn, ticket):
        return []
    due = _due(turn, ticket, CLOCKS[name])
    added = turn.phrase("track.due", due=f"{due:%Y-%m-%d}") if due else ""
    return [turn.phrase(f"period.{name}") + added]


def _due(turn: Turn, ticket: Ticket, clocks: set[str]) -> date | None:
    formal = bool(ticket.received) or turn.services.jurisdiction.published_12315_channel
    running = [c.due_on for c in ticket.clocks if c.name in clocks and c.state == "running"]
    return running[-1] if formal and running else None


def _bound(turn: Turn, ticket: Ticket) -> bool:
    """Whether Order 121 binds who has it: market regulation; others answer by 食品安全法 art. 115."""
    return ticket.lead == turn.services.jurisdiction.role("market")


def _line(turn: Turn, ticket: Ticket, happening: Happening, *, newest: bool) -> str:
    what, unit = turn.phrase(_named(turn, happening.type)), turn.unit_name(happening.unit)
    head = f"{happening.at:%m-%d %H:%M} {what} · {unit}"
    words = " ".join(happening.text.split()).replace(ticket.number, "").strip(" ，：:")
    if happening.type in WORDLESS or not words:
        return head
    longest = LONG if newest else SHORT
    return f"{head}：{words[:longest]}{'…' if len(words) > longest else ''}"


def _named(turn: Turn, type: str) -> str:
    """The phrase key for what an entry of this type is."""
    keys = (f"state.{type}", f"entry.{type}")
    return next((key for key in keys if turn.services.phrases.has(key)), "entry.other")
