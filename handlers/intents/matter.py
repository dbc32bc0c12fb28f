"""投诉, 举报, or both: open the matter and ask for what is missing."""

from __future__ import annotations

from handlers import drafting
from handlers.turn import Turn


async def complaint(turn: Turn) -> None:
    """A consumer asks to have their own dispute settled (Order 121 art. 3)."""
    await _begin(turn, "complaint")


async def report(turn: Turn) -> None:
    """Somebody points out a suspected violation; may stay anonymous (art. 28)."""
    await _begin(turn, "report")


async def both(turn: Turn) -> None:
    """Handled apart (art. 9); the limits of confidentiality are said first (art. 37)."""
    turn.say("matter.both")
    await _begin(turn, "complaint_and_report")


async def _begin(turn: Turn, kind: str) -> None:
    drafting.begin(turn, kind)
    await drafting.proceed(turn)
