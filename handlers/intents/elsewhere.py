"""Not a food matter: point to where it is handled, never file it as ours."""

from __future__ import annotations

from handlers.turn import Turn


async def point_elsewhere(turn: Turn) -> None:
    """Point to 12345 (Order 121 art. 34, Food Safety Law art. 115)."""
    turn.say("elsewhere.hotline", (("button.is_food", "mean:report"),))
    turn.dialog.parked = [turn.text]
    turn.record("pointed_elsewhere", where="12345")
