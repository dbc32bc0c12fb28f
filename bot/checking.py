"""`shian check`: everything that editors and operators can get wrong, with file, line and remedy."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from bot.clock import WallClock
from bot.settings import Settings
from content.abuse import load_abuse
from content.calendar import load_calendar
from content.documents import load_documents
from content.errors import ContentError, Problem
from content.faq import load_faq
from content.jurisdiction import Default, Duty, load_jurisdiction
from content.law import load_law
from content.library import load_library
from content.phrasebook import Phrasebook, load_phrasebook, load_ui
from content.quizzes import Question, load_quizzes
from content.service import load_service
from content.source import line_naming
from content.subscriptions import load_subscriptions
from content.workdays import load_workdays
from handlers.wording import findings


def check(settings: Settings) -> int:
    """Lint; 0 when all is well, 1 when something was found (named on stdout)."""
    problems = list(_all(settings))
    for problem in problems:
        print(problem)
    print(f"SQLite {sqlite3.sqlite_version}", file=sys.stderr)
    print(f"{len(problems)} 个问题" if problems else "没有发现问题", file=sys.stderr)
    return 1 if problems else 0


def _all(settings: Settings) -> Iterator[Problem]:
    folder = settings.content
    known = {path.stem for path in (folder / "jurisdictions").glob("*.yml")}
    for name in sorted(known | {settings.jurisdiction}):
        yield from _caught(partial(load_jurisdiction, folder, name))
        yield from _labels(folder, name)
    yield from _caught(partial(load_faq, folder))
    for load in (
        load_abuse,
        load_service,
        load_law,
        load_workdays,
        load_calendar,
        load_subscriptions,
        load_library,
    ):
        yield from _caught(partial(load, folder))
    yield from _expired(folder)
    yield from _forms(folder)
    yield from _quizzes(folder)
    for page in ("web", "console"):
        yield from _caught(partial(load_ui, folder, page))
    yield from _phrases(folder)
    yield from _training(settings.training)


def _labels(folder: Path, name: str) -> Iterator[Problem]:
    """Conditions that no message can ever meet: a label the taxonomy does not have."""
    from nlu.taxonomy import TASKS, load_taxonomy

    try:
        place = load_jurisdiction(folder, name)
    except ContentError:
        return  # named already
    taxonomy = load_taxonomy()
    known = {kind: set(taxonomy.of(kind)) for kind in TASKS}
    known["crime"] = known["hazard"]
    path = folder / "jurisdictions" / f"{name}.yml"
    rows: list[Duty | Default] = [*place.duties, *place.defaults]
    for row in rows:
        for kind, labels in row.when.items():
            for label in sorted(labels - known.get(kind, set(labels))):
                what = f"{row.id}: no message is ever {kind} {label!r}"
                yield Problem(
                    path, line_naming(path, row.id), what, "use a label of nlu/taxonomy.yml"
                )


def _caught(load: Callable[[], object]) -> Iterator[Problem]:
    try:
        load()
    except ContentError as error:
        yield from error.problems


def _expired(folder: Path) -> Iterator[Problem]:
    """Items whose review is overdue: they are taught no more."""
    try:
        items = load_library(folder).items.values()
    except ContentError:
        return  # named already
    today = WallClock().now().date()
    for item in items:
        if item.review_by < today:
            what = f"{item.id}: review_by {item.review_by} is over, so it is not taught"
            place = folder / ("rumours" if item.kind == "rumour" else "tips")
            yield Problem(place, 1, what, "review it anew and set a later review_by")


def _forms(folder: Path) -> Iterator[Problem]:
    """The official forms: the office's words, so its own decisions may say 受理."""
    try:
        forms = load_documents(folder)
    except ContentError as error:
        yield from error.problems
        return
    path = folder / "documents.yml"
    for form in forms.by_id.values():
        for found in findings("\n".join([form.title, *form.text])):
            what = f"{form.id}: {found}"
            yield Problem(path, line_naming(path, form.id), what, "见法律红线，改写这份文书")


def _quizzes(folder: Path) -> Iterator[Problem]:
    """Quiz questions: their form, and words that nobody may be told."""
    try:
        questions = load_quizzes(folder)
    except ContentError as error:
        yield from error.problems
        return
    for question in questions:
        for found in _forbidden(question):
            what = f"{question.id}: {found}"
            yield Problem(folder / "quizzes", 1, what, "say it without the forbidden words")


def _forbidden(question: Question) -> list[str]:
    said = [question.ask, question.why, *question.options]
    return [str(found) for text in said for found in findings(text)]


def _phrases(folder: Path) -> Iterator[Problem]:
    try:
        book = load_phrasebook(folder)
    except ContentError as error:
        yield from error.problems
        return
    yield from _red_lines(folder, book)


def _red_lines(folder: Path, book: Phrasebook) -> Iterator[Problem]:
    for locale, phrases in book.by_locale.items():
        path = folder / "phrases" / f"{locale}.yml"
        for key, text in phrases.items():
            for found in findings(text, from_bot=True):
                yield Problem(
                    path, 1, f"{key}: {found}", "见 docs/decisions 与法律红线，改写这一句"
                )


def _training(folder: Path) -> Iterator[Problem]:
    from nlu.taxonomy import load_taxonomy
    from nlu.training_data import TrainingDataError, load_examples, training_files

    try:
        load_examples(training_files(folder), load_taxonomy())
    except TrainingDataError as error:
        yield Problem(folder, 1, str(error), "改正这条训练语句")
