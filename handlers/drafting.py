"""A matter that is being told: open it, ask the next thing, file it when nothing is missing."""

from __future__ import annotations

from handlers import consent, filing
from handlers.dialog import UNKNOWN as NOT_KNOWN
from handlers.dialog import Draft
from handlers.filling import IDENTITY_SLOTS, absorb
from handlers.fitting import doubts_in
from handlers.patients import CHILD
from handlers.steps import Step, next_step, step_named
from handlers.turn import Turn


def begin(turn: Turn, kind: str) -> Draft:
    """Open a matter of `kind` with this message."""
    draft = Draft(kind)
    turn.dialog.draft = draft
    listen(turn, draft)
    draft.labels["intent"] = kind
    draft.labels["probabilities"]["intent"] = turn.understanding.confidence
    draft.attachments += turn.incoming.attachments
    take_location(turn, draft)
    return draft


def listen(turn: Turn, draft: Draft) -> None:
    """Add this message to the matter; what cannot be true is asked about, not taken as fact."""
    absorb(draft, turn.incoming.message_key, turn.text, turn.understanding)
    doubt(turn, draft)


def doubt(turn: Turn, draft: Draft) -> None:
    """Note the slots whose value in this message is not credible."""
    for slot in doubts_in(turn.text, turn.understanding, turn.now):
        if slot not in draft.doubts and draft.facts.get(slot, "") in turn.text:
            draft.facts.pop(slot, None)
            draft.doubts.append(slot)


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
    key = _question(turn, draft, step)
    draft.tries[step.name] = draft.tries.get(step.name, 0) + 1
    turn.dialog.asked = step.name
    child = turn.phrase("ask.child") if draft.facts.get("patient") == CHILD else ""
    turn.say(key, step.buttons, child=child)


def _question(turn: Turn, draft: Draft, step: Step) -> str:
    """The first time the whole question, then plainer words; a doubt is named as one."""
    if step.name in draft.doubts and not draft.known(step.name):
        return f"doubt.{step.name}"
    again = f"again.{step.name}"
    repeated = turn.dialog.asked == step.name and turn.services.phrases.has(again)
    return again if repeated else consent.question(draft, step.name)


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
    draft.doubts = [doubted for doubted in draft.doubts if doubted != slot]


def take_location(turn: Turn, draft: Draft) -> None:
    place = turn.incoming.location
    if place:
        draft.facts["location"] = f"{place.lat:.6f},{place.lon:.6f}"
        draft.facts.setdefault("address", turn.phrase("draft.shared_location"))


def begin_empty(turn: Turn, kind: str, *, chosen: bool = True) -> Draft:
    """Open a matter of which nothing is told yet; `chosen`: the citizen said which kind it is."""
    draft = Draft(kind, chosen=chosen)
    draft.labels.update(intent=kind, probabilities={}, evidence=[], hazards=[], severity="normal")
    turn.dialog.draft = draft
    return draft
