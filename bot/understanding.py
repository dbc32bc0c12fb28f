"""`shian nlu …`: train, parse JSON lines, evaluate."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, TextIO

from bot.bootstrap import open_interpreter
from bot.clock import WallClock
from bot.settings import Settings
from content.jurisdiction import Jurisdiction, load_jurisdiction
from handlers.ports import Interpreter
from handlers.tickets.routing import FILED, Facts, place_in, route
from nlu.engines.rasa_client import RasaUnavailable
from nlu.engines.rasa_home import RasaError
from nlu.understanding import Understanding

ENGINES = ("local", "rasa")


def progress(line: str) -> None:
    """Progress goes to stderr, results to stdout."""
    print(line, file=sys.stderr, flush=True)


def train_rasa_engine(settings: Settings, epochs: int | None = None) -> Path:
    """Train Rasa; gives the model file. The local engine's training is in bot/learning.py."""
    from nlu.engines.rasa_train import RASA_FOLDER, train_rasa
    from nlu.training_data import training_files

    with _explained():
        files = training_files(settings.training)
        return train_rasa(files, settings.models / RASA_FOLDER, epochs, progress)


@contextmanager
def _explained() -> Iterator[None]:
    """What is wrong with Rasa, and the remedy, instead of a traceback; exit code 1."""
    try:
        yield
    except (RasaError, RasaUnavailable) as error:
        print(f"Rasa：{error}", file=sys.stderr)
        raise SystemExit(1) from error


def parse(settings: Settings, engine: str, lines: TextIO, out: TextIO) -> int:
    """One JSON line for each line read; a malformed line yields an error object. Exit code."""
    check_engine(engine)
    place = load_jurisdiction(settings.content, settings.jurisdiction)
    clock, bad = WallClock(), 0
    with _explained(), open_interpreter(settings, engine, progress) as interpreter:
        for line in filter(str.strip, lines):
            result = _parse_line(line, interpreter, place, clock.now)
            bad += "error" in result
            out.write(json.dumps(result, ensure_ascii=False) + "\n")
            out.flush()
    return 1 if bad else 0


def _parse_line(
    line: str, interpreter: Interpreter, place: Jurisdiction, now: Callable[[], datetime]
) -> dict[str, Any]:
    try:
        given = json.loads(line)
        text = given["text"]
        if not isinstance(text, str):
            raise TypeError("text is not a string")
    except (ValueError, KeyError, TypeError) as error:
        return {"id": None, "error": f'not a line of {{"id","text"}}: {error}'}
    try:
        heard = interpreter.understand(text, now())
    except RasaUnavailable as error:
        return {"id": given.get("id"), "error": f"Rasa: {error}"}
    return {"id": given.get("id"), **described(heard, text, place)}


def described(heard: Understanding, text: str, place: Jurisdiction) -> dict[str, Any]:
    """Understanding and routing in the shape of design §9."""
    facts = facts_of(heard, text)
    routing = route(facts, place)
    routed = heard.intent in FILED
    return {
        "intent": heard.intent,
        "severity": heard.severity,
        "stage": heard.stage,
        "venue": heard.venue,
        "product": heard.product,
        "hazards": list(heard.hazards),
        "entities": [asdict(e) for e in heard.entities],
        "lead": routing.lead,
        "assist": list(routing.assist),
        "duty": routing.duty,
        "confidence": round(
            min(heard.confidence, routing.probability) if routed else heard.confidence, 4
        ),
        "abstained": heard.abstained or routing.abstained,
        "evidence": [asdict(e) for e in heard.evidence],
        "engine": heard.engine,
        "model_version": heard.model_version,
    }


def facts_of(heard: Understanding, text: str) -> Facts:
    """What routing looks at in an understanding of `text`."""
    return Facts(
        intent=heard.intent,
        severity=heard.severity,
        stage=heard.stage,
        venue=heard.venue,
        product=heard.product,
        hazards=heard.hazards,
        place=place_in(text),
        probabilities={k: p for k, p in heard.probabilities.items() if k != "intent"},
    )


def evaluate(settings: Settings, engine: str, files: list[Path]) -> int:
    """Print the scores of an engine on gold files."""
    check_engine(engine)
    from nlu.evaluation.evaluate import evaluate as score
    from nlu.taxonomy import load_taxonomy
    from nlu.training_data import TrainingDataError, load_examples

    try:
        examples = load_examples(files, load_taxonomy())
    except (TrainingDataError, OSError) as error:
        print(error, file=sys.stderr)
        return 1
    with _explained(), open_interpreter(settings, engine, progress) as interpreter:
        report = score(examples, interpreter, WallClock().now())
    print(json.dumps(report.as_dict(), ensure_ascii=False, indent=1))
    return 0


def check_engine(engine: str) -> None:
    """End with exit code 2 for an engine that is not there."""
    if engine not in ENGINES:
        print(f"没有引擎 {engine!r} → 可用：{', '.join(ENGINES)}", file=sys.stderr)
        raise SystemExit(2)
