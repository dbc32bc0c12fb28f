"""Who answers for a matter, and why. Pure: no clock, no database, no network.

Precedence (routing.yaml of the founding documents):
danger to health → 食安办 for matters about officials → a duty row whose source names a lead
→ a row with one department beside the streets → a joint row led by the fitting default
→ a default → the triage desk.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

from content.jurisdiction import Default, Duty, Jurisdiction

FILED = frozenset({"complaint", "report", "complaint_and_report"})
RANK = {
    "venue": 5,
    "hazard": 4,
    "crime": 4,
    "product": 3,
    "place": 3,
    "stage": 2,
    "severity": 1,
    "intent": 0,
}
ABOUT_OFFICIALS = frozenset({"official_conduct", "retaliation"})
MIN_PROBABILITY = 0.40


PLACES = (
    ("rural", re.compile(r"农村|乡下|村[里口头民]|[^新\s]村(?!镇银行)|赶集|大集")),
    ("forest", re.compile(r"林场|山林|林下|山上采|林子里")),
)


def place_in(text: str) -> str | None:
    """What kind of place a text speaks of, where a duty row asks for it (农村、食用林产品)."""
    return next((name for name, pattern in PLACES if pattern.search(text)), None)


@dataclass(frozen=True)
class Facts:
    """What routing looks at: labels of the taxonomy, kind by kind."""

    intent: str
    severity: str = "normal"
    stage: str | None = None
    venue: str | None = None
    product: str | None = None
    hazards: tuple[str, ...] = ()
    place: str | None = None
    probabilities: Mapping[str, float] = field(default_factory=dict)

    @cached_property
    def labels(self) -> dict[str, frozenset[str]]:
        """Labels by condition kind; `crime` holds hazards that are crimes by themselves."""
        crime = frozenset(self.hazards) if "poisoning_crime" in self.hazards else frozenset()
        single = {
            kind: frozenset({value})
            for kind in ("intent", "severity", "stage", "venue", "product", "place")
            if (value := getattr(self, kind))
        }
        return {**single, "hazard": frozenset(self.hazards), "crime": crime}


@dataclass(frozen=True, slots=True)
class Routing:
    """The unit that leads, those that assist, and the row that says so.

    `lead` is None when nothing is routed (a question). `abstained` sends it to the triage desk
    with `candidates`. `confirmed` is False for a lead that only a default supplies (建议默认).
    """

    lead: str | None
    assist: tuple[str, ...] = ()
    duty: str | None = None
    basis: str = ""
    matched: tuple[tuple[str, str], ...] = ()
    confirmed: bool = False
    probability: float = 0.0
    abstained: bool = False
    candidates: tuple[str, ...] = ()


def route(facts: Facts, jurisdiction: Jurisdiction) -> Routing:
    """Route a complaint or report; anything else is not routed."""
    if facts.intent not in FILED:
        return Routing(lead=None)
    for rule in RULES:
        routing = rule(facts, jurisdiction)
        if routing is not None:
            return _doubt(routing, facts, jurisdiction)
    return _triage(jurisdiction, (), "")


def _urgent(facts: Facts, place: Jurisdiction) -> Routing | None:
    if facts.severity != "urgent":
        return None
    rule = place.urgent
    values = {"venue": [facts.venue], "stage": [facts.stage], "hazard": facts.hazards}
    roles = [
        role
        for kind, table in rule.by.items()
        for v in values[kind]
        if (role := table.get(v or ""))
    ]
    # A unit the message accuses never receives it; which one that is, people at 食安办 read.
    lead = place.office if "official_conduct" in facts.hazards else place.role(rule.lead)
    return Routing(
        lead=lead,
        assist=_units(place, [*rule.assist, *roles], lead),
        duty="default-04",
        basis=rule.basis,
        matched=(("severity", "urgent"),),
    )


def _officials(facts: Facts, place: Jurisdiction) -> Routing | None:
    found = ABOUT_OFFICIALS & set(facts.hazards)
    if not found:
        return None
    default = next(d for d in place.defaults if d.when.get("hazard", frozenset()) & found)
    matched = tuple(("hazard", label) for label in sorted(found))
    return Routing(lead=place.office, duty=default.id, basis=default.basis, matched=matched)


def _named_lead(facts: Facts, place: Jurisdiction) -> Routing | None:
    rows = [d for d in _fitting(facts, place) if d.lead]
    return _best(rows, facts, place, lambda d: d.lead, confirmed=True)


def _one_department(facts: Facts, place: Jurisdiction) -> Routing | None:
    rows = [d for d in _fitting(facts, place) if not d.lead and _sole(d, place)]
    return _best(rows, facts, place, lambda d: _sole(d, place), confirmed=False)


def _joint(facts: Facts, place: Jurisdiction) -> Routing | None:
    defaults = [place.role(d.lead) for d in _defaults(facts, place)]

    def lead(duty: Duty) -> str | None:
        return defaults[0] if defaults and defaults[0] in duty.joint else None

    rows = [d for d in _fitting(facts, place) if not d.lead and lead(d)]
    return _best(rows, facts, place, lead, confirmed=False)


def _default(facts: Facts, place: Jurisdiction) -> Routing | None:
    found = _defaults(facts, place)
    if not found or not found[0].when:
        return None
    best = found[0]
    lead = place.role(best.lead)
    return Routing(
        lead=lead,
        assist=_units(place, [*best.assist, *best.alert], lead),
        duty=best.id,
        basis=best.basis,
        matched=_matched(best.when, facts),
    )


Rule = Callable[[Facts, Jurisdiction], Routing | None]
RULES: tuple[Rule, ...] = (_urgent, _officials, _named_lead, _one_department, _joint, _default)


def _fitting(facts: Facts, place: Jurisdiction) -> list[Duty]:
    return [d for d in place.duties if d.routable and _matched(d.when, facts)]


def _defaults(facts: Facts, place: Jurisdiction) -> list[Default]:
    """Defaults whose every condition holds, most specific first."""
    labels = facts.labels

    def fits(default: Default) -> bool:
        return all(labels.get(kind, frozenset()) & wanted for kind, wanted in default.when.items())

    return sorted(
        filter(fits, place.defaults), key=lambda d: _specificity(d.when, facts), reverse=True
    )


def _matched(when: Mapping[str, frozenset[str]], facts: Facts) -> tuple[tuple[str, str], ...]:
    labels = facts.labels
    return tuple(
        (kind, label)
        for kind in sorted(when, key=lambda k: -RANK[k])
        for label in sorted(when[kind] & labels.get(kind, frozenset()))
    )


def _specificity(when: Mapping[str, frozenset[str]], facts: Facts) -> tuple[int, int, int]:
    """Highest kind that matched, how many kinds matched, and the narrower row first."""
    kinds = {kind for kind, _ in _matched(when, facts)}
    breadth = sum(len(labels) for labels in when.values())
    return (max((RANK[k] for k in kinds), default=-1), len(kinds), -breadth)


def _best(
    rows: list[Duty],
    facts: Facts,
    place: Jurisdiction,
    lead_of: Callable[[Duty], str | None],
    *,
    confirmed: bool,
) -> Routing | None:
    if not rows:
        return None
    top = max(_specificity(d.when, facts) for d in rows)
    tied = [d for d in rows if _specificity(d.when, facts) == top]
    leads = sorted({lead for d in tied if (lead := lead_of(d))})
    if len(leads) > 1:
        return _triage(place, tuple(leads), "、".join(d.id for d in tied))
    duty = tied[0]
    return Routing(
        lead=leads[0],
        assist=_helpers(duty, leads[0], facts, place),
        duty=duty.id,
        basis=f"{duty.item}（{duty.quoted_units}）",
        matched=_matched(duty.when, facts),
        confirmed=confirmed and duty.confirmed,
    )


def _sole(duty: Duty, place: Jurisdiction) -> str | None:
    """The only department of a row that names no lead, streets aside."""
    named = [unit for unit in duty.joint if not place.units[unit].collective]
    return named[0] if len(named) == 1 and len(duty.joint) == 1 else None


def _helpers(duty: Duty, lead: str, facts: Facts, place: Jurisdiction) -> tuple[str, ...]:
    """The row's other units, and those a default adds for this very venue or hazard."""
    copied = [
        unit
        for default in _defaults(facts, place)[:1]
        if {"venue", "hazard"} & set(default.when)
        for unit in (place.role(default.lead), *_units(place, default.assist, lead))
    ]
    units = dict.fromkeys([*duty.assist, *duty.joint, *copied, *duty.local])
    return tuple(u for u in units if u != lead)


def _units(place: Jurisdiction, roles: Iterable[str], lead: str) -> tuple[str, ...]:
    return tuple(u for u in dict.fromkeys(place.role(r) for r in roles) if u != lead)


def _triage(place: Jurisdiction, candidates: tuple[str, ...], rows: str) -> Routing:
    last = next(d for d in place.defaults if not d.when)
    basis = f"{last.basis}（同样适用：{rows}）" if rows else last.basis
    return Routing(place.office, (), last.id, basis, abstained=True, candidates=candidates)


def _doubt(routing: Routing, facts: Facts, place: Jurisdiction) -> Routing:
    """Set the probability from the labels that decided; too little of it goes to the desk."""
    used = {"hazards" if kind == "hazard" else kind for kind, _ in routing.matched}
    probability = min((facts.probabilities.get(kind, 1.0) for kind in used), default=1.0)
    doubtful = probability < MIN_PROBABILITY and facts.severity != "urgent"
    if doubtful and not routing.abstained:
        candidates = (routing.lead,) if routing.lead else ()
        routing = _triage(place, candidates, routing.duty or "")
    return replace(routing, probability=probability)
