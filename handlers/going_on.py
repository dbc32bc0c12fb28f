"""Taking a message as part of the matter being told: answer, correction, question, more story."""

from __future__ import annotations

import re

from handlers import consent, filing
from handlers.dialog import Draft
from handlers.drafting import proceed, remember, store_value, take_location
from handlers.filling import HEALTH_SLOTS, IDENTITY_SLOTS, absorb, answer_for, facts_in, merge_labels
from handlers.intents import INTENTS, MIN_CONFIDENCE
from handlers.steps import Step, step_named
from handlers.turn import Turn
from handlers.words import CORRECTION, NO, QUESTION, UNKNOWN, is_one_of

INTERRUPTING = frozenset({"consult", "ask_tip", "check_rumor", "quiz", "poll"})
ALWAYS = frozenset({"track", "withdraw", "unsubscribe"})
SURE = 0.75  # of an intent that interrupts without being a question
HUMAN = re.compile(r"人工|真人|客服|工作人员|打电话给我|轉人工")
SUBSTANTIAL = 12  # code points; shorter messages are answers, not story


async def go_on(turn: Turn) -> bool:
    """Take this message as part of the open matter, if there is one."""
    draft = turn.dialog.draft
    if draft is None:
        return False
    draft.attachments += turn.incoming.attachments
    take_location(turn, draft)
    if turn.incoming.attachments:
        turn.say("draft.photos", count=len(turn.incoming.attachments))
    if not turn.text or await _interrupted(turn) or _corrected(turn, draft):
        await proceed(turn)
        return True
    await _take_answer(turn, draft)
    await proceed(turn)
    return True


async def _interrupted(turn: Turn) -> bool:
    """A question in the middle is answered, then the thread is taken up again."""
    heard = turn.understanding
    intent = "human" if HUMAN.search(turn.text) else heard.intent
    if intent != "human" and not _asks_something(turn):
        return False
    await INTENTS[intent](turn)
    turn.say("draft.back")
    return True


def _asks_something(turn: Turn) -> bool:
    heard = turn.understanding
    if heard.abstained or heard.confidence < MIN_CONFIDENCE:
        return False
    if heard.intent in ALWAYS:
        return heard.confidence >= SURE
    return heard.intent in INTERRUPTING and bool(QUESTION.search(turn.text))


def _corrected(turn: Turn, draft: Draft) -> bool:
    """刚才说错了，是…: replace what was said, by kind of fact or the last answer."""
    if not CORRECTION.search(turn.text):
        return False
    changes = facts_in(turn.text, turn.understanding)
    rest = CORRECTION.split(turn.text)[-1].strip("，,。. ：:是")
    if not changes and draft.last_slot and rest:
        changes = {draft.last_slot: rest[:200]}
    if not changes:
        return False
    draft.facts.update(changes)
    draft.told = [slot for slot in draft.told if slot not in changes]
    turn.say("draft.corrected", what="、".join(changes.values()))
    return True


async def _take_answer(turn: Turn, draft: Draft) -> None:
    asked = turn.dialog.asked
    step = step_named(asked) if asked else None
    _listen(turn, draft, step)
    if step is None:
        return
    if is_one_of(turn.text, UNKNOWN) and step.unknown_ok:
        store_value(turn, draft, step, "unknown")
    elif step.name in consent.STEPS or is_one_of(turn.text, NO) and step.name in IDENTITY_SLOTS:
        store_value(turn, draft, step, consent.spoken(turn.text))
    elif value := answer_for(step.name, turn.text, turn.understanding):
        remember(draft, step.name, value)


def _listen(turn: Turn, draft: Draft, step: Step | None) -> None:
    """Facts named on the way fill other blanks; a real piece of story is added to it."""
    private = step is not None and step.name in (*IDENTITY_SLOTS, *HEALTH_SLOTS, *consent.STEPS)
    telling = step is None or step.name == "facts" or len(turn.text) >= SUBSTANTIAL
    if telling and not private:
        absorb(draft, turn.incoming.message_key, turn.text, turn.understanding)
    else:
        _note_facts(turn, draft, step)
        _listen_for_danger(turn, draft)
    heard = turn.understanding
    if step and step.name == "facts" and not heard.abstained and heard.intent in filing.FILED:
        draft.kind = draft.labels["intent"] = heard.intent
        draft.labels["probabilities"]["intent"] = heard.confidence


def _note_facts(turn: Turn, draft: Draft, step: Step | None) -> None:
    """Keep what else a short answer names; an address given as one's own is not the shop's."""
    for slot, value in facts_in(turn.text, turn.understanding).items():
        if not (slot == "address" and step is not None and step.name == "contact_address"):
            draft.facts.setdefault(slot, value)


def _listen_for_danger(turn: Turn, draft: Draft) -> None:
    """A short answer adds no labels, but danger named in it counts."""
    if turn.understanding.severity == "urgent":
        merge_labels(draft, turn.understanding)
