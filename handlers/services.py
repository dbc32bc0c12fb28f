"""Everything a handler may use, made once by bot/bootstrap.py and passed along."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from content.abuse import AbuseWords
from content.calendar import Calendar
from content.documents import Forms
from content.faq import Faq
from content.jurisdiction import Jurisdiction
from content.law import Law
from content.library import Library
from content.phrasebook import Phrasebook
from content.quizzes import Question
from content.service import ServiceRules
from content.subscriptions import Offer
from content.workdays import Workdays
from handlers.campaigns.sampling_ports import NoLinks, Signer
from handlers.ports import Clock, Finder, Interpreter, UnitsOfWork
from nlu.understanding import Found


class NothingKnown:
    """The finder of an empty library."""

    def find(self, text: str) -> Found | None:
        """Never anything."""
        return None

    def know(self, passages: Mapping[str, Sequence[str]]) -> None:
        """Nothing is taken in."""


@dataclass(frozen=True)
class Services:
    """The core's dependencies."""

    clock: Clock
    interpreter: Interpreter
    jurisdiction: Jurisdiction
    phrases: Phrasebook
    faq: Faq
    law: Law
    workdays: Workdays
    documents: Forms
    unit_of_work: UnitsOfWork
    rules: ServiceRules = field(default=ServiceRules(), kw_only=True)
    library: Library = field(default=Library({}, {}), kw_only=True)
    finder: Finder = field(default=NothingKnown(), kw_only=True)
    questions: tuple[Question, ...] = field(default=(), kw_only=True)
    subscriptions: Offer = field(default=Offer(), kw_only=True)
    calendar: Calendar = field(default=Calendar(()), kw_only=True)
    abuse: AbuseWords = field(default=AbuseWords(), kw_only=True)
    signer: Signer = field(default=NoLinks(), kw_only=True)
