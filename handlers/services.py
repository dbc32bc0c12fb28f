"""Everything a handler may use, made once by bot/bootstrap.py and passed along."""

from __future__ import annotations

from dataclasses import dataclass, field

from content.documents import Forms
from content.faq import Faq
from content.jurisdiction import Jurisdiction
from content.law import Law
from content.phrasebook import Phrasebook
from content.service import ServiceRules
from content.workdays import Workdays
from handlers.ports import Clock, Interpreter, UnitsOfWork


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
