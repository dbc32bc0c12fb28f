"""What an engine costs: seconds to load, megabytes it adds. Linux only, elsewhere unknown."""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from datetime import datetime
from multiprocessing import get_context
from pathlib import Path

from bot.bootstrap import load_interpreter
from bot.settings import Settings

_PROC = Path("/proc")
_MEGABYTE = 1_048_576


def local_footprint(
    settings: Settings, texts: Sequence[str], now: datetime
) -> tuple[float, float | None]:
    """Seconds to load the local engine and megabytes it adds to a fresh process of the bot.

    The model has to be there: training would be counted as loading.
    """
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        return pool.submit(_loaded, settings, list(texts), now).result()


def _loaded(settings: Settings, texts: Sequence[str], now: datetime) -> tuple[float, float | None]:
    before, begun = resident_mb([os.getpid()]), time.perf_counter()
    interpreter = load_interpreter(settings)
    seconds = time.perf_counter() - begun
    for text in texts:
        interpreter.understand(text, now)
    after = resident_mb([os.getpid()])
    added = after - before if before is not None and after is not None else None
    return seconds, added


def descendants(pid: int) -> frozenset[int]:
    """Processes a process started, and those these started. Empty where /proc is missing."""
    parents = {int(path.parent.name): _parent(path) for path in _PROC.glob("[0-9]*/stat")}
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return frozenset(found - {pid})


def resident_mb(pids: Iterable[int]) -> float | None:
    """Resident megabytes of processes together; those that ended count nothing."""
    if not _PROC.exists():
        return None
    pages = sum(_pages(_PROC / str(pid) / "statm") for pid in pids)
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGABYTE


def _parent(stat: Path) -> int | None:
    """The name, in brackets, may hold blanks and brackets; the state and the parent follow it."""
    content = _content(stat)
    return int(content.rpartition(")")[2].split()[1]) if content else None


def _pages(statm: Path) -> int:
    content = _content(statm)
    return int(content.split()[1]) if content else 0


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:  # it ended in the meantime
        return ""
