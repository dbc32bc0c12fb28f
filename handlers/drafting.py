"""A matter that is being told: open it, ask the next thing, file it when nothing is missing."""

from __future__ import annotations

from handlers import consent, filing
from handlers.dialog import UNKNOWN as NOT_KNOWN
from handlers.dialog import Draft
from handlers.filling import IDENTITY_SLOTS, absorb
from handlers.steps import Step, next_step, step_named
from handlers.turn import Turn


def begin(turn: Turn, kind: str) -> Draft:
    """Open a matter of `kind` with this message."""
    draft = Draft(kind)
    turn.dialog.draft = draft
    absorb(draft, turn.incoming.message_key, turn.text, turn.understanding)
    draft.labels["intent"] = kind
    draft.labels["probabilities"]["intent"] = turn.understanding.confidence
    draft.attachments += turn.incoming.attachments
    take_location(turn, draft)
    return draft



async def proceed(turn: Turn) -> None:
    """Ask what is missing next, or file the matter when nothing is."""
    draft = turn.dialog.draft
    if draft is None:
        return
    await filing.supplement_registered(turn, draft)
    step = next_step(draft)
    if step is None:
        await filing.file_matter(turn, draft)
        return
    repeated = turn.dialog.asked == step.name and f"again.{step.name}"
    key = repeated if repeated and turn.services.phrases.has(repeated) else f"ask.{step.name}"
    turn.dialog.asked = step.name
    turn.say(key, step.buttons, child="")


async def take(turn: Turn, value: str) -> None:
    """Take a button's value as the answer to what was asked, then go on."""
    draft = turn.dialog.draft
    if draft is not None and turn.dialog.asked:
        store_value(turn, draft, step_named(turn.dialog.asked), value)
    await proceed(turn)


async def cancel(turn: Turn) -> None:
    """Drop the matter being told; what an emergency already filed stays filed."""
    draft = turn.dialog.draft
    registered = draft.registered if draft else []
    turn.dialog.close_draft()
    if draft is None:
        turn.say("draft.nothing_to_cancel")
    elif registered:
        turn.say("draft.cancelled_registered", number="、".join(registered))
    else:
        turn.say("draft.cancelled")





def store_value(turn: Turn, draft: Draft, step: Step, value: str) -> None:
    if step.name in consent.STEPS:
        consent.decide(turn, draft, step.name, value)
    elif value == "unknown":
        remember(draft, step.name, NOT_KNOWN)
    elif value == "no" and step.name in IDENTITY_SLOTS:
        draft.consents["identity"] = False
    else:
        remember(draft, step.name, value.partition(":")[2] or value)


def remember(draft: Draft, slot: str, value: str) -> None:
    draft.facts[slot] = value
    draft.last_slot = slot


def take_location(turn: Turn, draft: Draft) -> None:
    place = turn.incoming.location
    if place:
        draft.facts["location"] = f"{place.lat:.6f},{place.lon:.6f}"
        draft.facts.setdefault("address", turn.phrase("draft.shared_location"))


def begin_empty(turn: Turn, kind: str) -> Draft:
    """Open a matter by button: nothing is told yet."""
    draft = Draft(kind)
    draft.labels.update(intent=kind, probabilities={}, evidence=[], hazards=[], severity="normal")
    turn.dialog.draft = draft
    return draft
