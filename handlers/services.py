"""Everything a handler may use, made once by bot/bootstrap.py and passed along."""

from __future__ import annotations

from dataclasses import dataclass

from content.faq import Faq
from content.jurisdiction import Jurisdiction
from content.phrasebook import Phrasebook
from handlers.ports import Clock, Interpreter, UnitsOfWork


@dataclass(frozen=True)
class Services:
    """The core's dependencies."""

    clock: Clock
    interpreter: Interpreter
    jurisdiction: Jurisdiction
    phrases: Phrasebook
    faq: Faq
    unit_of_work: UnitsOfWork
