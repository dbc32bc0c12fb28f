"""红黑榜 in the chat: what is signed and of today, with basis and dates; nothing else."""

from __future__ import annotations

from content.hant import in_script
from handlers.campaigns.lists import COLOURS
from handlers.campaigns.sampling_ports import Listed
from handlers.turn import Turn

MOST = 5  # of each colour; a message stays readable


async def show(turn: Turn) -> None:
    """The red list, then the black one."""
    current = await turn.work.sampling.lists.current(turn.now.date())
    if not current:
        turn.say("lists.none")
        return
    for colour in COLOURS:
        listed = [line for line in current if line.colour == colour]
        if listed:
            turn.say_text("\n".join(_told(turn, colour, listed)))
    turn.record("lists.shown", count=len(current))


def _told(turn: Turn, colour: str, listed: list[Listed]) -> list[str]:
    lines = [turn.phrase(f"lists.{colour}")]
    for line in listed[:MOST]:
        days = {"since": line.from_day.isoformat(), "until": line.until_day.isoformat()}
        said = {name: _said(turn, getattr(line, name)) for name in ("merchant", "title", "basis")}
        lines.append(turn.phrase("lists.line", **said, **days))
    if len(listed) > MOST:
        lines.append(turn.phrase("lists.more", count=len(listed) - MOST))
    return lines


def _said(turn: Turn, text: str) -> str:
    return in_script(text, turn.citizen.locale)
