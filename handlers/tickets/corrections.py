"""更正: what an officer puts right about a matter, kept as an example for the next training.

A correction of the meaning changes what the ticket was understood as, never its kind: which
procedure runs is the citizen's choice, and its clocks with it.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from handlers.errors import NoSuchLabel
from handlers.ports import Staff, UnitOfWork
from handlers.privacy import mask
from handlers.tickets.ports import Correction
from handlers.tickets.ticket import Ticket
from nlu.taxonomy import Taxonomy, load_taxonomy

_INTENTS = {"rumour_check": "check_rumor"}  # kind of ticket → intent, where the words differ


@dataclass(frozen=True)
class Meaning:
    """What a matter is about, in labels of the taxonomy."""

    intent: str
    hazards: tuple[str, ...]

    def same_as(self, other: Meaning) -> bool:
        """Whether the labels are the same; the order of hazards says nothing."""
        return self.intent == other.intent and set(self.hazards) == set(other.hazards)


@dataclass(frozen=True)
class Why:
    """Who corrects, when, and the reason given."""

    staff: Staff
    at: datetime
    reason: str


def intents() -> tuple[str, ...]:
    """Intents an officer can choose from."""
    return _taxonomy().of("intent")


def hazards() -> tuple[str, ...]:
    """Hazards an officer can choose from."""
    return _taxonomy().of("hazard")


def meaning_of(ticket: Ticket) -> Meaning:
    """What the ticket is understood as now. Two tickets of one message share its intent."""
    labels = ticket.labels
    told = labels.get("heard") or labels.get("intent") or _INTENTS.get(ticket.kind, ticket.kind)
    return Meaning(str(told), tuple(str(hazard) for hazard in labels.get("hazards") or ()))


def meaning(intent: str, chosen: Iterable[str]) -> Meaning:
    """A meaning from what was typed. Raises NoSuchLabel."""
    wanted, known = set(chosen), hazards()
    if intent not in intents() or wanted - set(known):
        raise NoSuchLabel(intent=intent, hazards=sorted(wanted))
    return Meaning(intent, tuple(hazard for hazard in known if hazard in wanted))


async def keep_meaning(work: UnitOfWork, ticket: Ticket, after: Meaning, why: Why) -> None:
    """Change the ticket's labels and keep the example; the caller stores the ticket."""
    before = meaning_of(ticket)
    await _keep(work, ticket, "labels", asdict(before), asdict(after), why)
    ticket.labels = {**ticket.labels, "heard": after.intent, "hazards": list(after.hazards)}


async def keep_unit(work: UnitOfWork, ticket: Ticket, unit: str, why: Why) -> None:
    """Keep which unit answers, beside the one that routing named at first."""
    routing = ticket.routing
    before = {
        "unit": routing.get("lead"),
        "duty": routing.get("duty"),
        "abstained": bool(routing.get("abstained")),
    }
    await _keep(work, ticket, "unit", before, {"unit": unit}, why)


async def _keep(
    work: UnitOfWork,
    ticket: Ticket,
    subject: str,
    before: dict[str, Any],
    after: dict[str, Any],
    why: Why,
) -> None:
    assert ticket.id is not None
    identity = await work.vault.open(ticket.identity_id) if ticket.identity_id else None
    also = [identity.contact_address] if identity else []
    labels = ticket.labels
    correction = Correction(
        ticket_id=ticket.id,
        subject=subject,
        text=mask(ticket.summary, identity, also),
        labels={
            "severity": ticket.severity,
            **{task: labels.get(task) for task in ("stage", "venue", "product")},
        },
        before=before,
        after=after,
        reason=mask(why.reason, identity, also),
        staff=why.staff.login,
        engine=str(labels.get("engine", "")),
        model_version=str(labels.get("model_version", "")),
        at=why.at,
    )
    await work.corrections.keep(correction)


@functools.cache
def _taxonomy() -> Taxonomy:
    return load_taxonomy()
