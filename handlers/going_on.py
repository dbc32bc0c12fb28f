"""Taking a message as part of the matter being told: answer, correction, question, more story."""

from __future__ import annotations

import re

from handlers import another, consent, drafting, filing
from handlers.dialog import UNKNOWN as NOT_KNOWN
from handlers.dialog import Draft
from handlers.drafting import doubt, listen, proceed, remember, store_value, take_location
from handlers.filling import (
    HEALTH_SLOTS,
    IDENTITY_SLOTS,
    MAX_ANSWER,
    answer_for,
    facts_in,
    merge_labels,
    name_in,
    take_facts,
)
from handlers.fitting import answers, checked, doubts_in
from handlers.intents import INTENTS, MIN_CONFIDENCE
from handlers.intents.choosing import NUMBER
from handlers.steps import Step, step_named
from handlers.turn import Turn
from handlers.words import CORRECTION, NO, QUESTION, UNKNOWN, agreement_in, is_one_of
from nlu.understanding import Understanding

INTERRUPTING = frozenset({"consult", "ask_tip", "check_rumor", "quiz", "poll"})
ALWAYS = frozenset({"track", "withdraw", "unsubscribe"})
SURE = 0.75  # of an intent that interrupts without being a question
HUMAN = re.compile(
    r"人工|真人|(?:找|要|叫|接|换|转)(?:一?[个下位])?(?:客服|工作人员)|打电话给我|轉人工|"
    r"活人|有没有人在|值班(?:的|人员)"
)
SUBSTANTIAL = 12  # code points; shorter messages are answers, not story
ENOUGH = 3  # times a thing is asked; then the words are taken as they are, or it stays unknown


async def go_on(turn: Turn) -> bool:
    """Take this message as part of the open matter, if there is one."""
    draft = turn.dialog.draft
    if draft is None:
        return False
    draft.attachments += turn.incoming.attachments
    take_location(turn, draft)
    if turn.incoming.attachments:
        turn.say("draft.photos", count=len(turn.incoming.attachments))
    if await another.settled(turn) or await _dropped(turn) or await another.offer(turn):
        return True
    if not turn.text or await _interrupted(turn) or _corrected(turn, draft):
        _ask_afresh(turn)
        await proceed(turn)
        return True
    await tell(turn, draft)
    return True


async def tell(turn: Turn, draft: Draft) -> None:
    """The message belongs to the matter: take what it answers and ask what is still missing."""
    step = step_named(turn.dialog.asked) if turn.dialog.asked else None
    _listen(turn, draft, step)
    if step is not None:
        _take_answer(turn, draft, step)
    await proceed(turn)


async def take_up(turn: Turn) -> None:
    """Go on with the open matter, if there is one, after something that stood in between."""
    if turn.dialog.draft is not None:
        turn.say("draft.back")
        _ask_afresh(turn)
        await proceed(turn)


def _ask_afresh(turn: Turn) -> None:
    """What stood in between was no failed answer; only a long consent is not read out again."""
    if turn.dialog.asked not in consent.STEPS:
        turn.dialog.asked = None


async def _dropped(turn: Turn) -> bool:
    """撤回 with nothing registered yet means the matter being told."""
    heard = turn.understanding
    meant = heard.intent == "withdraw" and not heard.abstained and heard.confidence >= SURE
    if not meant or NUMBER.search(turn.text):
        return False
    if await turn.work.tickets.of_citizen(turn.citizen.id, 1):
        return False
    await drafting.cancel(turn)
    return True


async def _interrupted(turn: Turn) -> bool:
    """A question in the middle is answered, then the thread is taken up again."""
    intent = _aside(turn)
    if intent is None:
        return False
    await INTENTS[intent](turn)
    turn.say("draft.back")
    return True


def _aside(turn: Turn) -> str | None:
    """What the message asks for beside the matter; None when it goes on with it."""
    if HUMAN.search(turn.text):
        return "human"
    if _asks_something(turn):
        return turn.understanding.intent
    return "consult" if _asks_known(turn) else None


def _asks_something(turn: Turn) -> bool:
    heard = turn.understanding
    if heard.abstained or heard.confidence < MIN_CONFIDENCE:
        return False
    if heard.intent in ALWAYS:
        return heard.confidence >= SURE
    return heard.intent in INTERRUPTING and bool(QUESTION.search(turn.text))


def _asks_known(turn: Turn) -> bool:
    """A short question with a reviewed answer, whatever the engine makes of it."""
    short = len(turn.text) <= 30 and QUESTION.search(turn.text) is not None
    return short and turn.services.faq.find(turn.text) is not None


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


def _take_answer(turn: Turn, draft: Draft, step: Step) -> None:
    text, heard = turn.text, turn.understanding
    if is_one_of(text, UNKNOWN) and step.unknown_ok:
        store_value(turn, draft, step, "unknown")
    elif step.name in consent.STEPS:
        store_value(turn, draft, step, consent.spoken(text))
    elif step.name in IDENTITY_SLOTS and _withheld(text):
        store_value(turn, draft, step, "unknown" if step.unknown_ok else "no")
    elif _fits(turn, step) and (value := answer_for(step.name, text, heard)):
        remember(draft, step.name, value)
    elif step.unknown_ok and draft.tries.get(step.name, 0) >= ENOUGH:
        remember(draft, step.name, NOT_KNOWN if checked(step.name) else text[:MAX_ANSWER])


def _withheld(text: str) -> bool:
    return is_one_of(text, NO) or agreement_in(text) is False


def _fits(turn: Turn, step: Step) -> bool:
    """Whether the message answers the step, and credibly."""
    if step.name in doubts_in(turn.text, turn.understanding, turn.now):
        return False
    return answers(step.name, turn.text, turn.understanding)


def _listen(turn: Turn, draft: Draft, step: Step | None) -> None:
    """Facts named on the way fill other blanks; a real piece of story is added to it."""
    private = step is not None and step.name in (*IDENTITY_SLOTS, *HEALTH_SLOTS, *consent.STEPS)
    telling = step is None or step.name == "facts" or len(turn.text) >= SUBSTANTIAL
    if telling and not private:
        listen(turn, draft)
    else:
        _note_facts(turn, draft, step)
        _listen_for_danger(turn, draft)
    heard = turn.understanding
    if step and step.name == "facts" and not heard.abstained and heard.intent in filing.FILED:
        draft.kind = draft.labels["intent"] = _kind(draft, heard)
        draft.labels["probabilities"]["intent"] = heard.confidence


def _kind(draft: Draft, heard: Understanding) -> str:
    """What the story makes of it; a kind the citizen chose is only ever added to."""
    if not draft.chosen or heard.intent == "complaint_and_report":
        return heard.intent
    own_dispute = heard.intent == "complaint" and draft.known("demand")
    return "complaint_and_report" if draft.kind == "report" and own_dispute else draft.kind


def _note_facts(turn: Turn, draft: Draft, step: Step | None) -> None:
    """Keep what else a short answer names; an address given as one's own is not the shop's."""
    doubtful = doubts_in(turn.text, turn.understanding, turn.now)
    said = facts_in(turn.text, turn.understanding)
    found = {slot: value for slot, value in said.items() if slot not in doubtful}
    if step is not None and step.name == "name":  # a name must not stand as a shop or a dish
        own = name_in(turn.text, turn.understanding)
        found = {slot: value for slot, value in found.items() if slot == "name" or value != own}
    if step is not None and step.name in IDENTITY_SLOTS and "address" in found:
        home = found.pop("address")
        if step.name != "contact_address":  # there the whole answer is the address
            found.setdefault("contact_address", home)
    take_facts(draft, found)
    doubt(turn, draft)


def _listen_for_danger(turn: Turn, draft: Draft) -> None:
    """A short answer adds no labels, but danger named in it counts."""
    if turn.understanding.severity == "urgent":
        merge_labels(draft, turn.understanding)
