"""Silence for hours or days, and the return: the open thread is offered, never assumed."""

from __future__ import annotations

from handlers import another, clarify, drafting, going_on, offers
from handlers.turn import Turn


async def offer(turn: Turn) -> bool:
    """Ask whether to go on with an old matter; keeps what was just written until then."""
    dialog = turn.dialog
    if dialog.draft is None or not dialog.stale(turn.now):
        return False
    dialog.parked = [turn.text]
    dialog.draft.attachments += turn.incoming.attachments
    turn.say("resume.offer", offers.RESUME, story=dialog.draft.story()[:40])
    return True


async def go(turn: Turn) -> None:
    """Take up the old matter; the parked message counts as said now."""
    parked, turn.dialog.parked = turn.dialog.parked, None
    if parked and parked[0]:
        turn.hear(parked[0])
        await going_on.go_on(turn)
    else:
        await drafting.proceed(turn)


async def start_anew(turn: Turn) -> None:
    """Set the old matter aside; the parked message is about something else."""
    parked, old = turn.dialog.parked, turn.dialog.draft
    turn.dialog.close_draft()
    if old is not None:
        another.keep(turn, old)
    if not parked or not parked[0]:
        turn.say("clarify.again")
        return
    turn.hear(parked[0])
    await clarify.read(turn)


async def drop(turn: Turn) -> None:
    """Forget the old matter."""
    turn.dialog.parked = None
    await drafting.cancel(turn)
