"""Turns what an engine understood into the numbers of the report."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from nlu.evaluation.evaluate import report
from nlu.evaluation.report.curves import curve, reliability
from nlu.evaluation.report.letters import Doubtful, Letter, score_letters
from nlu.evaluation.report.reading import UNANSWERED, Progress, Read, read
from nlu.evaluation.report.results import Footprint, Given, Leads, LetterScore, Measured, Pace
from nlu.interpreter import Interpreter
from nlu.training_data import Example
from nlu.understanding import Understanding


@dataclass(frozen=True, slots=True)
class Lead:
    """Where a message would go: the leading department or None, and how sure that is (0..1).

    `triaged`: the rules leave it to the triage desk.
    """

    unit: str | None
    confidence: float
    triaged: bool = False


Router = Callable[[Understanding, str], Lead]
"""Routes the understanding of a text."""


@dataclass(frozen=True)
class Examination:
    """What every engine is asked, and how its answers are judged. `now` is aware.

    `routers` by name of the jurisdiction; `letters` may be empty.
    """

    examples: Sequence[Example]
    routers: Mapping[str, Router]
    doubtful: Doubtful
    now: datetime
    letters: Sequence[Letter] = ()
    progress: Progress = field(default=lambda _: None)


@dataclass(frozen=True, slots=True)
class Answers:
    """What one engine answered."""

    sentences: Read
    letters: Read | None


def ask(exam: Examination, interpreter: Interpreter) -> Answers:
    """Let an engine read sentences and letters. Raises RasaUnavailable when it does not answer."""
    sentences = read([e.text for e in exam.examples], interpreter, exam.now, exam.progress)
    if not exam.letters:
        return Answers(sentences, None)
    exam.progress(f"{len(exam.letters)} letters")
    texts = [letter.text for letter in exam.letters]
    return Answers(sentences, read(texts, interpreter, exam.now, exam.progress))


def measure(
    name: str, exam: Examination, answers: Answers, footprint: Footprint, *, current: bool
) -> Measured:
    """All the numbers of one engine; `current`: its model is made of the present files."""
    found = answers.sentences.found
    right = [e.intent == u.intent for e, u in zip(exam.examples, found, strict=True)]
    confidence = [one.confidence for one in found]
    return Measured(
        name=name,
        version=answers.sentences.version,
        current=current,
        scores=report(exam.examples, found, sum(answers.sentences.seconds)),
        intents=Counter((e.intent, u.intent) for e, u in zip(exam.examples, found, strict=True)),
        bins=reliability(confidence, right),
        intent=curve(confidence, right),
        leads=tuple(_leads(place, r, exam, found) for place, r in exam.routers.items()),
        pace=pace(answers.sentences.seconds),
        footprint=footprint,
        given=_given(found),
        unanswered=answers.sentences.unanswered,
        letters=_letters(exam, answers),
    )


def pace(seconds: Sequence[float]) -> Pace:
    """Percentiles and rate of single readings."""
    if not seconds:
        return Pace(0.0, 0.0, 0.0)
    p50, p99 = np.percentile(np.array(seconds) * 1_000, [50, 99]).tolist()
    return Pace(p50, p99, len(seconds) / sum(seconds))


def gold(example: Example) -> Understanding:
    """The labels of an example as an engine would state them that is always right."""
    return Understanding(
        intent=example.intent,
        severity=example.severity,
        stage=example.stage,
        venue=example.venue,
        product=example.product,
        hazards=example.hazards,
    )


def _leads(place: str, router: Router, exam: Examination, found: Sequence[Understanding]) -> Leads:
    wanted = [router(gold(e), e.text).unit for e in exam.examples]
    got = [_routed(router, u, e.text) for e, u in zip(exam.examples, found, strict=True)]
    right = [a == b.unit for a, b in zip(wanted, got, strict=True)]
    matters = [i for i, unit in enumerate(wanted) if unit is not None]
    return Leads(
        place=place,
        matters=len(matters),
        triaged=sum(got[i].triaged for i in matters),
        of_matters=curve([got[i].confidence for i in matters], [right[i] for i in matters]),
        of_all=curve([one.confidence for one in got], right),
    )


def _routed(router: Router, heard: Understanding, text: str) -> Lead:
    if heard.intent == UNANSWERED:
        return Lead(UNANSWERED, 0.0)
    return router(heard, text)


def _given(found: Sequence[Understanding]) -> Given:
    entities = [entity for one in found for entity in one.entities]
    return Given(
        explained=sum(bool(one.evidence) for one in found),
        entities=len(entities),
        valued=sum(entity.value is not None for entity in entities),
    )


def _letters(exam: Examination, answers: Answers) -> tuple[LetterScore, ...]:
    if answers.letters is None:
        return ()
    return score_letters(exam.letters, answers.letters.found, exam.doubtful)
