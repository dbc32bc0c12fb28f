"""The warning ladder: who is to hear that a deadline comes nearer, and in which words.

Pure. When a rung is reached is the colour of a clock (handlers/tickets/clocks.py); that each rung of a
clock is announced once is the business of bot/ladder.py.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Rung:
    """One step of the ladder.

    `to` is whom it is meant for (officer, unit_head, office), `phrase` the words, `event` the type of
    the timeline entry; 月通报, 季提醒 and 年督查 count these entries by unit.
    """

    colour: str
    to: str
    phrase: str
    event: str


RUNGS: Mapping[str, Rung] = {
    "yellow": Rung("yellow", "officer", "ladder.yellow", "reminder"),
    "red": Rung("red", "unit_head", "ladder.red", "warning"),
    "overdue": Rung("overdue", "office", "ladder.overdue", "overdue"),
}
EVENTS = frozenset(rung.event for rung in RUNGS.values())


def rung(colour: str) -> Rung | None:
    """The rung a clock of this colour stands on; None where nobody has to be told."""
    return RUNGS.get(colour)


def entry_data(step: Rung, clock: str, unit: str, due_on: date) -> dict[str, str]:
    """What the timeline entry carries, for the queue, the unit's group and the statistics."""
    return {
        "clock": clock,
        "colour": step.colour,
        "due": due_on.isoformat(),
        "unit": unit,
        "to": step.to,
    }
