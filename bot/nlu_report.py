"""`shian nlu report`: all engines on the same held-out sentences, as Markdown with pictures."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec
from pathlib import Path

from bot.benchmarks import machine
from bot.bootstrap import load_interpreter, open_interpreter
from bot.clock import WallClock
from bot.footprint import descendants, local_footprint, resident_mb
from bot.settings import Settings
from bot.understanding import ENGINES, described, facts_of, progress
from content.jurisdiction import Jurisdiction, load_jurisdiction
from handlers.intents import MIN_CONFIDENCE
from handlers.tickets.routing import route
from nlu.engines.promotion import heldout_dir
from nlu.engines.rasa_client import RasaUnavailable
from nlu.engines.rasa_home import RasaError, rasa_python
from nlu.engines.rasa_train import RASA_FOLDER, rasa_version, stored_rasa_model, train_rasa
from nlu.engines.train import data_hash, model_version
from nlu.evaluation.report.letters import Letter, judgements, read_letters
from nlu.evaluation.report.measure import Answers, Examination, Lead, ask, measure
from nlu.evaluation.report.results import Engine, Footprint, Missing, Results, Run, Training
from nlu.evaluation.report.writing import sources, write
from nlu.evaluation.tables import TableError
from nlu.taxonomy import load_taxonomy
from nlu.training_data import TrainingDataError, load_examples, training_files
from nlu.understanding import Understanding

LETTERS = Path("../shared/data/taidi.train.tsv")
PLACES = ("changzhou_xinbei", "suining_hedong")

_SAMPLE = 20
_NO_ENVIRONMENT = "There is no Rasa environment here."
_NO_SERVER = "The Rasa server did not start or did not answer; the run's output says why."
_REMEDY = "`make rasa` builds the environment, `shian nlu train --engine rasa` the model."


@dataclass(frozen=True, slots=True)
class Order:
    """What is wanted. `letters` of None: the usual file, if it is there."""

    engines: tuple[str, ...]
    out: Path
    letters: Path | None


def report(settings: Settings, engines: str, out: Path, letters: Path | None) -> int:
    """Measure and write; an engine that cannot run leaves its column empty. Exit code."""
    order = Order(tuple(dict.fromkeys(engines.split(","))), out, letters)
    wrong = _wrong_with(order)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        _report(settings, order)
    except (TrainingDataError, TableError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    print(out)
    return 0


def _wrong_with(order: Order) -> str:
    unknown = [name for name in order.engines if name not in ENGINES]
    if unknown:
        return f"没有引擎 {unknown[0]!r} → 可用：{', '.join(ENGINES)}"
    if order.letters is not None and not order.letters.is_file():
        return f"没有文件 {order.letters} → --letters 给出来信文件，或不写"
    if find_spec("matplotlib") is None:
        return "没有 matplotlib → make nlu-report 会安装"
    return ""


def _report(settings: Settings, order: Order) -> None:
    order.out.parent.mkdir(parents=True, exist_ok=True)
    letters = _letters_file(order)
    exam = _examination(settings, letters)
    run = _run(settings, order, exam, letters)
    write(Results(run, tuple(_engine(settings, name, exam) for name in order.engines)), order.out)


def _letters_file(order: Order) -> Path | None:
    return order.letters or (LETTERS if LETTERS.is_file() else None)


def _examination(settings: Settings, letters: Path | None) -> Examination:
    places = [load_jurisdiction(settings.content, name) for name in PLACES]
    read: list[Letter] = read_letters(letters, judgements()) if letters else []
    return Examination(
        examples=load_examples(training_files(heldout_dir()), load_taxonomy()),
        routers={place.id: partial(_lead, place) for place in places},
        doubtful=_doubtful,
        now=WallClock().now(),
        letters=read,
        progress=progress,
    )


def _lead(place: Jurisdiction, heard: Understanding, text: str) -> Lead:
    """As `shian nlu parse` would say."""
    said = described(heard, text, place)
    triaged = route(facts_of(heard, text), place).abstained
    return Lead(said["lead"], said["confidence"], triaged)


def _doubtful(heard: Understanding) -> bool:
    """As the dialog decides it (handlers/clarify.py)."""
    return heard.abstained or heard.confidence < MIN_CONFIDENCE


def _run(settings: Settings, order: Order, exam: Examination, letters: Path | None) -> Run:
    files = training_files(settings.training)
    learned = len(load_examples(files, load_taxonomy()))
    return Run(
        at=exam.now,
        command=f"shian nlu report --engines {','.join(order.engines)}",
        machine={k: v for k, v in machine().items() if k != "sqlite"},
        heldout=sources(training_files(heldout_dir()), exam.examples),
        training=Training(len(files), learned, data_hash(settings.training)),
        letters=letters.name if letters else "",
    )


def _engine(settings: Settings, name: str, exam: Examination) -> Engine:
    progress(f"{name}: {len(exam.examples)} sentences")
    try:
        answers, footprint = _MEASURES[name](settings, exam)
    except (RasaError, RasaUnavailable) as error:
        progress(f"Rasa：{error}")
        return Missing(name, _why(), _REMEDY)
    current = _CURRENT[name](settings, answers.sentences.version)
    return measure(name, exam, answers, footprint, current=current)


def _why() -> str:
    try:
        rasa_python()
    except RasaError:
        return _NO_ENVIRONMENT
    return _NO_SERVER


def _local(settings: Settings, exam: Examination) -> tuple[Answers, Footprint]:
    interpreter = load_interpreter(settings, progress)
    texts = [example.text for example in exam.examples[:_SAMPLE]]
    seconds, added = local_footprint(settings, texts, exam.now)
    return ask(exam, interpreter), Footprint(seconds, added)


def _rasa(settings: Settings, exam: Examination) -> tuple[Answers, Footprint]:
    _ensure_rasa_model(settings)
    before, begun = descendants(os.getpid()), time.perf_counter()
    with open_interpreter(settings, "rasa", progress) as interpreter:
        seconds = time.perf_counter() - begun
        answers = ask(exam, interpreter)
        memory = resident_mb(descendants(os.getpid()) - before)
    # Of a server that somebody else runs, neither is known.
    return answers, Footprint(None, None) if settings.rasa_url else Footprint(seconds, memory)


def _ensure_rasa_model(settings: Settings) -> None:
    """Train here where there is none: it must not be counted as loading."""
    folder = settings.models / RASA_FOLDER
    if not settings.rasa_url and stored_rasa_model(folder) is None:
        train_rasa(training_files(settings.training), folder, progress=progress)


def _local_is_current(settings: Settings, version: str) -> bool:
    return version.partition("+")[0] == model_version(settings.training)


def _rasa_is_current(settings: Settings, version: str) -> bool:
    return rasa_version(training_files(settings.training)) in version


_MEASURES = {"local": _local, "rasa": _rasa}
_CURRENT = {"local": _local_is_current, "rasa": _rasa_is_current}
