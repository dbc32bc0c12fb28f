"""A second matter in the middle of the first: offered apart, kept until its turn, never mixed in."""

from __future__ import annotations

import re
from dataclasses import asdict

from handlers import drafting, filing, going_on, offers
from handlers.dialog import Draft, draft_from
from handlers.turn import Turn
from handlers.words import ANOTHER, OPENINGS, plain

SURE = 0.75  # of an intent before a message is taken for a matter of its own
SHORT = 10  # code points of a typed choice
OTHER = re.compile(r"另|别的|两件|不是(?:同|一)|不是这|分开")
ONE = re.compile(r"同一|一件事|一起|这件|一部分|一回事")
LONG = 8  # code points; less is an answer


async def offer(turn: Turn) -> bool:
    """Ask whether this message is another matter; keeps it until the citizen says so."""
    draft = turn.dialog.draft
    if draft is None or draft.kind == "contact":
        return False
    opened = OPENINGS.get(plain(turn.text))
    if opened and not draft.narrative:
        draft.kind = draft.labels["intent"] = opened
        draft.chosen = True
        await drafting.proceed(turn)
        return True
    if not _another(turn, draft):
        return False
    turn.dialog.parked = [turn.text]
    turn.say("another.offer", offers.ANOTHER, story=turn.text[:30])
    return True


async def settled(turn: Turn) -> bool:
    """An offer was open: take a typed choice; else keep the offered matter and go on."""
    parked, text = turn.dialog.parked, turn.text
    if not parked or not text:
        return False
    choice = _typed(text)
    if choice:
        await chosen(turn, choice)
        return True
    turn.dialog.parked = None
    turn.hear(parked[0])
    if _sure(turn) or ANOTHER.search(parked[0]):
        _set_aside(turn)
        turn.say("another.later")
    turn.hear(text)
    return False


async def chosen(turn: Turn, choice: str) -> None:
    """same: part of the matter being told; later: a matter of its own, after this one."""
    parked, turn.dialog.parked = turn.dialog.parked, None
    if not parked or turn.dialog.draft is None:
        turn.say("bad.old_button")
        return
    turn.hear(parked[0])
    if choice == "same":
        await going_on.tell(turn, turn.dialog.draft)
        return
    _set_aside(turn)
    turn.say("another.later")
    await drafting.proceed(turn)


async def next_in_line(turn: Turn) -> None:
    """After one matter is done, take up the one that waited."""
    dialog = turn.dialog
    if not dialog.later or dialog.draft is not None or dialog.parked or dialog.choosing:
        return
    dialog.draft, dialog.asked = draft_from(dialog.later.pop(0)), None
    turn.say("another.now", story=dialog.draft.story()[:40])
    await drafting.proceed(turn)


def keep(turn: Turn, draft: Draft) -> None:
    """Set a matter aside until the conversation comes back to it."""
    turn.dialog.later.append(asdict(draft))


def _set_aside(turn: Turn) -> None:
    """Open the parked message as a matter of its own, and put it behind the present one."""
    current, asked = turn.dialog.draft, turn.dialog.asked
    kind = OPENINGS.get(plain(turn.text)) or turn.understanding.intent
    made = drafting.begin(turn, kind if kind in filing.FILED else "report")
    made.attachments = []  # files of this turn belong to the matter being told
    keep(turn, made)
    turn.dialog.draft, turn.dialog.asked = current, asked


def _another(turn: Turn, draft: Draft) -> bool:
    """Whether the words say so, or a sure new intent names another place or product."""
    opened = OPENINGS.get(plain(turn.text))
    if opened:
        return bool(draft.narrative) and opened != draft.kind
    heard = turn.understanding
    if len(turn.text) < LONG or not draft.narrative:
        return False
    sure = _sure(turn)
    if ANOTHER.search(turn.text):
        return sure or heard.intent in filing.FILED or "投诉" in turn.text or "举报" in turn.text
    return sure and _elsewhere(turn, draft)


def _sure(turn: Turn) -> bool:
    heard = turn.understanding
    return heard.intent in filing.FILED and not heard.abstained and heard.confidence >= SURE


def _typed(text: str) -> str | None:
    if len(text) > SHORT:
        return None
    if OTHER.search(text):
        return "later"
    return "same" if ONE.search(text) else None


def _elsewhere(turn: Turn, draft: Draft) -> bool:
    """Whether venue and product both differ from what was told; blanks never differ."""
    heard, labels = turn.understanding, draft.labels
    pairs = [(getattr(heard, kind), labels.get(kind)) for kind in ("venue", "product")]
    return all(new and old and new != old for new, old in pairs)
