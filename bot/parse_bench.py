"""`shian bench parse`: both engines on the same held-out messages, in one run."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from itertools import cycle, islice
from multiprocessing import get_context

from bot.bootstrap import load_interpreter, open_interpreter
from bot.clock import WallClock
from bot.footprint import descendants, local_footprint, resident_mb
from bot.settings import Settings
from bot.understanding import described, progress
from content.jurisdiction import Jurisdiction, load_jurisdiction
from nlu.engines.promotion import heldout_dir
from nlu.engines.rasa_home import RasaError
from nlu.engines.rasa_train import RASA_FOLDER, stored_rasa_model
from nlu.interpreter import Interpreter
from nlu.taxonomy import load_taxonomy
from nlu.training_data import load_examples, training_files

_SHORT = 200
_LONG = 1_500
_PROCESSES = 2
_FEWER = 10
"""Rasa gets a tenth of the messages."""

Rows = dict[str, float | int | str]
Spread = Callable[[Sequence[float]], Rows]


def measure(count: int, spread: Spread) -> Rows:
    """Milliseconds and messages a second of everything `nlu parse` returns, routing included."""
    settings, now = Settings(), WallClock().now()
    texts = short_texts(count)
    interpreter = load_interpreter(settings, progress)
    place = load_jurisdiction(settings.content, settings.jurisdiction)
    long = ["".join(islice(cycle("".join(texts)), _LONG))] * max(count // 50, 1)
    rows = spread(_timed(interpreter, place, texts, now))
    rows["long_p50_ms"] = spread(_timed(interpreter, place, long, now))["p50_ms"]
    rows["two_processes_per_second"] = _side_by_side(settings, texts, now)
    rows |= _cost(settings, texts, now)
    return rows | _rasa(settings, place, texts[: max(count // _FEWER, 1)], spread, now)


def short_texts(count: int) -> list[str]:
    """Held-out messages of at most 200 characters, again and again."""
    examples = load_examples(training_files(heldout_dir()), load_taxonomy())
    return list(islice(cycle(e.text for e in examples if len(e.text) <= _SHORT), count))


def _timed(
    interpreter: Interpreter, place: Jurisdiction, texts: Sequence[str], now: datetime
) -> list[float]:
    for text in texts[:20]:
        interpreter.understand(text, now)
    return list(_seconds(interpreter, place, texts, now))


def _seconds(
    interpreter: Interpreter, place: Jurisdiction, texts: Sequence[str], now: datetime
) -> Iterator[float]:
    for text in texts:
        begun = time.perf_counter()
        described(interpreter.understand(text, now), text, place)
        yield time.perf_counter() - begun


def _side_by_side(settings: Settings, texts: Sequence[str], now: datetime) -> float:
    """Messages a second of two processes at once, each with a model of its own."""
    with ProcessPoolExecutor(_PROCESSES, mp_context=get_context("spawn")) as pool:
        jobs = [pool.submit(_alone, settings, list(texts), now) for _ in range(_PROCESSES)]
        return round(sum(len(texts) / job.result() for job in jobs), 1)


def _alone(settings: Settings, texts: Sequence[str], now: datetime) -> float:
    place = load_jurisdiction(settings.content, settings.jurisdiction)
    return sum(_timed(load_interpreter(settings), place, texts, now))


def _cost(settings: Settings, texts: Sequence[str], now: datetime) -> Rows:
    seconds, added = local_footprint(settings, texts[:200], now)
    return {"load_s": round(seconds, 2), "engine_mb": round(added or 0.0, 1)}


def _rasa(
    settings: Settings, place: Jurisdiction, texts: Sequence[str], spread: Spread, now: datetime
) -> Rows:
    """The served Rasa on the same texts; where it is not set up the row says how."""
    if not settings.rasa_url and stored_rasa_model(settings.models / RASA_FOLDER) is None:
        return {"rasa": "no model: make rasa, shian nlu train --engine rasa"}
    before = descendants(os.getpid())
    try:
        with open_interpreter(settings, "rasa", progress) as interpreter:
            found = spread(_timed(interpreter, place, texts, now))
            memory = resident_mb(descendants(os.getpid()) - before)
    except RasaError as error:
        return {"rasa": str(error)}
    return {f"rasa_{name}": value for name, value in found.items()} | {
        "rasa_server_mb": round(memory or 0.0, 1)
    }
