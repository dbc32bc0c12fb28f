"""Separate consent, one tap each, before identity or health data is stored (PIPL art. 28–31)."""

from __future__ import annotations

from handlers.dialog import Draft
from handlers.turn import Turn
from handlers.words import agreement_in

PURPOSES = {"consent_identity": "identity", "consent_health": "health", "guardian": "guardian"}
STEPS = frozenset({*PURPOSES, "also_complaint", "refused_identity"})


def spoken(text: str) -> str:
    """A typed answer to a yes/no question as a button value; unclear stays unclear."""
    agreed = agreement_in(text)
    if agreed is None:
        return "unclear"
    return "yes" if agreed else "no"


def question(draft: Draft, step: str) -> str:
    """The phrase that asks: a reporter who leaves a contact is told something else."""
    own = step == "consent_identity" and draft.kind == "contact"
    return "ask.consent_contact" if own else f"ask.{step}"


def decide(turn: Turn, draft: Draft, step: str, value: str) -> None:
    """Apply the answer to a consent or choice step; an unclear answer is asked again."""
    if value == "unclear":
        return
    if step in PURPOSES:
        _consent(turn, draft, PURPOSES[step], value == "yes")
    elif step == "also_complaint":
        draft.facts[step] = value
        draft.kind = "complaint" if value == "yes" else draft.kind
    else:
        _after_refusal(draft, value)


def _consent(turn: Turn, draft: Draft, purpose: str, granted: bool) -> None:
    draft.consents[purpose] = granted
    turn.record("consent.given" if granted else "consent.refused", purpose=purpose)
    if purpose == "guardian" and not granted:
        draft.kind, draft.anonymous = "report", True
        draft.consents.update(identity=False, health=False)


def _after_refusal(draft: Draft, value: str) -> None:
    if value in ("provide", "yes"):
        draft.consents["identity"] = True
    elif value in ("anonymous", "no"):
        draft.kind, draft.anonymous = "report", True


async def store(turn: Turn, draft: Draft) -> None:
    """Write down every consent asked for in this matter, with the wording that was shown."""
    for purpose, granted in draft.consents.items():
        step = next(name for name, held in PURPOSES.items() if held == purpose)
        wording = turn.services.phrases.text(question(draft, step), child="")
        await turn.work.consents.record(turn.citizen.id, purpose, granted, wording, turn.now)
