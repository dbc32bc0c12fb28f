"""`shian bench NAME`: measured here and now, printed as a table and as JSON; never a test."""

from __future__ import annotations

import asyncio
import json
import os
import platform
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bot.bootstrap import App, bootstrap
from bot.channels.webchat import arrival
from bot.db.migrate import upgrade
from bot.settings import Settings
from bot.understanding import progress

MESSAGES = (
    "举报薛家镇有个黑作坊用工业松香给猪头拔毛",
    "天宁路老赵面馆后厨全是蟑螂，碗都不洗，希望查一查",
    "城南农贸市场三号摊卖发霉的花生米",
    "有人在直播间卖三无减肥糖果，店名叫瘦瘦堂",
)


@dataclass(frozen=True)
class Result:
    """What one benchmark found."""

    name: str
    rows: dict[str, float | int | str]


def run(name: str, count: int, database: str = "") -> int:
    """Run one benchmark, or `all` (without queue, which takes long); exit code 2 for an unknown name."""
    if name == "queue":
        return _report([queue(count, database)])
    if name != "all" and name not in BENCHES:
        print(f"没有 {name!r} → 可用：all、queue、{'、'.join(BENCHES)}", file=sys.stderr)
        return 2
    chosen = BENCHES if name == "all" else {name: BENCHES[name]}
    return _report([bench(count) for bench in chosen.values()])


def _report(results: Sequence[Result]) -> int:
    for result in results:
        _print(result)
    report = {"machine": machine(), **{r.name: r.rows for r in results}}
    print(json.dumps(report, ensure_ascii=False))
    return 0


def machine() -> dict[str, str | int | None]:
    """Where the numbers were taken."""
    return {
        "processor": platform.machine(),
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "sqlite": sqlite3.sqlite_version,
        "system": platform.system(),
    }


def intake(count: int) -> Result:
    """From Incoming to committed ticket and outbox on SQLite, one process, one at a time.

    `whole_…` rows add the committed inbox row before it, and reading it back.
    """
    with tempfile.TemporaryDirectory() as folder:
        app = bootstrap(Settings(data=Path(folder)), progress=progress)
        whole, answered, tickets = asyncio.run(_intake(app, count))
    whole_rows = {f"whole_{key}": value for key, value in _spread(whole).items()}
    return Result("intake", {**_spread(answered), **whole_rows, "tickets": tickets})


async def _intake(app: App, count: int) -> tuple[list[float], list[float], int]:
    """Each message from a citizen of its own: posted, committed, answered, ticket filed."""
    from handlers.respond import respond

    await upgrade(app.database)
    whole, answered, tickets = [], [], 0
    channel = app.worker.channels["web"]
    for number in range(count):
        posted = {"client_id": f"bench-{number:08d}", "text": MESSAGES[number % len(MESSAGES)]}
        begun = time.perf_counter()
        await app.intake.accept([arrival(f"citizen{number}", posted)])
        updates = await app.worker.waiting_for(("web", f"citizen{number}"))
        incoming = await channel.read(updates)
        assert incoming is not None
        read = time.perf_counter()
        turn = await respond(incoming, app.services)
        done = time.perf_counter()
        whole.append(done - begun)
        answered.append(done - read)
        assert turn is not None
        tickets += any(event.type == "ticket.registered" for event in turn.events)
    await app.close()
    return whole, answered, tickets


def parse(count: int) -> Result:
    """Understanding and routing of held-out messages, beside the served Rasa where it is set up."""
    from bot.parse_bench import measure

    return Result("parse", measure(count, _spread))


def start(_: int) -> Result:
    """`shian serve` with a trained model: start to first answer, and memory after it."""
    plain = _started({})
    closed = {"SHIAN_TELEGRAM_TOKEN": "1:bench", "SHIAN_TELEGRAM_API": "http://127.0.0.1:9"}
    with_telegram = {f"telegram_{key}": value for key, value in _started(closed).items()}
    return Result("start", {**plain, **with_telegram})


def _started(more: dict[str, str]) -> dict[str, float]:
    """The second start in a folder; the first also lays out the database (`fresh_…`)."""
    with tempfile.TemporaryDirectory() as folder:
        fresh = _start_in(folder, more)
        rows = _start_in(folder, more)
    return {**rows, "fresh_first_answer_s": fresh["first_answer_s"]}


def _start_in(folder: str, more: dict[str, str]) -> dict[str, float]:
    environment = {**_without_token(), **more}
    port = _free_port()
    command = [sys.executable, "-m", "bot", "serve", "--port", str(port), "--data", folder]
    begun = time.perf_counter()
    process = subprocess.Popen(  # noqa: S603
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=environment
    )
    try:
        _until(lambda: _get(f"http://127.0.0.1:{port}/healthz"), 120)
        ready = time.perf_counter() - begun
        answered = _first_answer(port) - begun
        memory = _resident(process.pid)
    finally:
        process.terminate()
        process.wait(timeout=15)
    return {
        "ready_s": round(ready, 2),
        "first_answer_s": round(answered, 2),
        "resident_mb": memory,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _first_answer(port: int) -> float:
    """Post one message as a fresh citizen; gives the moment the receipt was readable."""
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor())
    opener.open(f"http://127.0.0.1:{port}/").read()
    body = json.dumps({"client_id": "bench-start", "text": MESSAGES[0]}).encode()
    headers = {"Content-Type": "application/json"}
    url = f"http://127.0.0.1:{port}/api/chat"
    opener.open(urllib.request.Request(f"{url}/messages", body, headers)).read()  # noqa: S310

    def answered() -> bool:
        messages = json.loads(opener.open(f"{url}/history").read())["messages"]
        return any(m["from"] == "bot" for m in messages)

    _until(answered, 30)
    return time.perf_counter()


def _spread(seconds: Sequence[float]) -> dict[str, float | int | str]:
    ordered = sorted(seconds)

    def at(share: float) -> float:
        return round(ordered[min(len(ordered) - 1, int(share * len(ordered)))] * 1000, 2)

    total = sum(seconds)
    return {
        "count": len(ordered),
        "per_second": round(len(ordered) / total, 1),
        "mean_ms": round(statistics.mean(ordered) * 1000, 2),
        "p50_ms": at(0.50),
        "p95_ms": at(0.95),
        "p99_ms": at(0.99),
    }


def _until(done: Callable[[], Any], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the server did not answer")
        time.sleep(0.02)


def _get(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=2) as response:  # noqa: S310
            return bool(response.status == 200)
    except OSError:
        return False


def _without_token() -> dict[str, str]:
    return {k: v for k, v in os.environ.items() if k != "SHIAN_TELEGRAM_TOKEN"}


def _resident(pid: int) -> float:
    """Resident megabytes of a process (Linux), 0 where that cannot be read."""
    status = Path(f"/proc/{pid}/status")
    if not status.exists():
        return 0.0
    line = next(row for row in status.read_text().splitlines() if row.startswith("VmRSS"))
    return round(int(line.split()[1]) / 1024, 1)


def _print(result: Result) -> None:
    print(f"\n{result.name}")
    width = max(len(key) for key in result.rows)
    for key, value in result.rows.items():
        print(f"  {key:<{width}}  {value}")


def queue(count: int, database: str = "") -> Result:
    """The console and the incidents over a long past, up to `count` tickets (100,000 by default)."""
    from bot.queue_bench import SIZES, measure

    sizes = [size for size in SIZES if size < count] + [count] if count > DEFAULT else SIZES
    found = measure(database, sizes)
    rows = {f"{sized.size}_{name}": value for sized in found for name, value in sized.rows.items()}
    return Result("queue", {"database": "postgresql" if database else "sqlite", **rows})


DEFAULT = 3000


def knowledge(_: int) -> Result:
    """Finding the item a question is about, and leaving open what has none."""
    from bot.knowledge_bench import measure

    return Result("knowledge", measure(_spread))


def broadcast(count: int) -> Result:
    """Broadcasts against the Bot API emulator; up to a million recipients with --count 1000000."""
    from bot.broadcast_bench import measure

    return Result("broadcast", measure(max(count, 100_000)))


BENCHES: dict[str, Callable[[int], Result]] = {
    "intake": intake,
    "parse": parse,
    "start": start,
    "knowledge": knowledge,
    "broadcast": broadcast,
}
