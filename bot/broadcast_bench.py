"""`shian bench broadcast`: the real server against the Bot API emulator of `tests/telegram_api`.

Parts: paid mode at full rate with people asking meanwhile; the free limit with the emulator enforcing
it; ten kills of the server (SIGKILL) for each policy; planning and memory for ever more recipients.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.benchmarks import _free_port, _get, _resident, _until
from bot.channels import Sent
from bot.clock import WallClock
from bot.db.campaign_tables import campaigns, deliveries, subscriber_tags, subscribers
from bot.db.engine import open_database
from bot.db.migrate import upgrade
from bot.db.tables import citizens
from bot.settings import sqlite_url
from handlers.messages import Reply

ROOT = Path(__file__).parent.parent
PAID, LIFTED, FREE = 1000, 3000, 30  # messages per second; LIFTED: what the machine can do
PAID_COUNT, FREE_SECONDS, KILL_COUNT, KILLS = 30_000, 60, 20_000, 10
SIZES = (10_000, 100_000, 1_000_000)
ASKERS = 40  # people who ask something while a broadcast runs
Rows = dict[str, Any]


@dataclass(frozen=True)
class Emulator:
    """The emulated Bot API, in a process of its own."""

    url: str
    token: str

    def __call__(self, operation: str, **arguments: Any) -> Any:
        """Carry out one operation; see tests/telegram_api/README.md."""
        body = json.dumps(arguments).encode()
        url = f"{self.url}/sim/{operation}"
        with urllib.request.urlopen(urllib.request.Request(url, body), timeout=60) as answer:  # noqa: S310
            return json.load(answer)["result"]


@contextmanager
def emulator(users: int) -> Iterator[Emulator]:
    """Start one with people 1…`users`. Raises SystemExit outside a checkout."""
    if not (ROOT / "tests" / "telegram_api").exists():
        raise SystemExit("找不到 tests/telegram_api → 请在源代码目录里运行")
    command = [sys.executable, "-m", "tests.telegram_api", "--users", str(users)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT)  # noqa: S603
    try:
        assert process.stdout is not None
        said = json.loads(process.stdout.readline())
        yield Emulator(said["url"], said["token"])
    finally:
        process.terminate()
        process.wait(timeout=15)


@dataclass
class Server:
    """`shian serve` on a folder, speaking to an emulator."""

    folder: Path
    api: Emulator
    rate: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def log(self) -> Path:
        """What it says."""
        return self.folder / "serve.log"

    def start(self) -> None:
        """Start it and wait until it is ready."""
        port = _free_port()
        environment = {
            **os.environ,
            "SHIAN_TELEGRAM_TOKEN": self.api.token,
            "SHIAN_TELEGRAM_API": self.api.url,
            "SHIAN_TELEGRAM_RATE": str(self.rate),
        }
        command = [sys.executable, "-m", "bot", "serve"]
        command += ["--port", str(port), "--data", str(self.folder)]
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(  # noqa: S603
                command, stdout=log, stderr=log, env=environment, cwd=ROOT
            )
        try:
            _until(lambda: _get(f"http://127.0.0.1:{port}/healthz"), 120)
        except TimeoutError as error:
            said = self.log.read_text(errors="replace")[-3000:]
            raise RuntimeError(f"the server did not start:\n{said}") from error

    def kill(self) -> None:
        """SIGKILL, as a power cut would."""
        assert self.process is not None
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        """Ask it to end."""
        assert self.process is not None
        self.process.terminate()
        self.process.wait(timeout=30)

    def resident(self) -> float:
        """Megabytes."""
        assert self.process is not None
        return _resident(self.process.pid)


def fill(
    folder: Path, count: int, policy: str = "at_least_once", channel: str = "telegram"
) -> None:
    """A database with `count` subscribers and a campaign for them that starts at once."""
    asyncio.run(_fill(folder, count, policy, channel))


async def _fill(folder: Path, count: int, policy: str, channel: str) -> None:
    database, now = open_database(sqlite_url(folder / "shian.db")), WallClock().now()
    await upgrade(database)
    for start in range(1, count + 1, 20_000):
        part = range(start, min(start + 20_000, count + 1))
        people = [
            {"id": n, "channel": channel, "address": str(n), "locale": "zh-Hans",
             "reachable": True, "created_at": now}
            for n in part
        ]  # fmt: skip
        held = [{"citizen_id": n, "active": True, "since": now, "changed_at": now} for n in part]
        async with database.write() as connection:
            await connection.execute(sa.insert(citizens), people)
            await connection.execute(sa.insert(subscribers), held)
            tags = [{"citizen_id": n, "tag": "topic:tips"} for n in part]
            await connection.execute(sa.insert(subscriber_tags), tags)
    async with database.write() as connection:
        await connection.execute(sa.insert(campaigns).values(_campaign(policy)))
    await database.close()


def _campaign(policy: str) -> Rows:
    now = WallClock().now()
    audience = {"topics": ["tips"], "groups": [], "districts": [], "locales": [], "everyone": False}
    data = {
        "kind": "text", "wordings": ["【每日提示】剩菜放凉后两小时内进冰箱，再吃要热透。"],
        "subject": "", "picture": None, "note": "", "audience": audience, "approvals": [],
    }  # fmt: skip
    row = {"title": "bench", "state": "sending", "due": now, "late_hours": 100, "urgent": False}
    more = {"policy": policy, "series": "", "author": "bench", "data": data, "version": 0}
    return {**row, **more, "created_at": now, "started_at": now}


def states(folder: Path) -> Mapping[str, int]:
    """The ledger, counted."""

    async def read() -> Mapping[str, int]:
        database = open_database(sqlite_url(folder / "shian.db"))
        counted = sa.select(deliveries.c.state, sa.func.count()).group_by(deliveries.c.state)
        async with database.read() as connection:
            found = {row[0]: row[1] for row in await connection.execute(counted)}
        await database.close()
        return found

    return asyncio.run(read())


def _sent(api: Emulator) -> int:
    return int(api("counts")["total"].get("sendMessage", 0))


def slowly(done: Callable[[], bool], seconds: float) -> None:
    """Wait for something that costs the machine too much to be asked all the time."""
    end = time.monotonic() + seconds
    while not done():
        if time.monotonic() > end:
            raise TimeoutError("the broadcast did not get there")
        time.sleep(0.5)


def paid(rate: int = PAID) -> Rows:
    """Full rate, and what it does to those who ask something meanwhile."""
    with tempfile.TemporaryDirectory() as name, emulator(PAID_COUNT + ASKERS) as api:
        folder = Path(name)
        fill(folder, PAID_COUNT)
        server = Server(folder, api, rate)
        server.start()
        try:
            waits = _ask_during(api, PAID_COUNT)
            slowly(lambda: states(folder).get("sent") == PAID_COUNT, 300)
            times = sorted(call["at"] for call in api("calls", method="sendMessage"))
            resident = server.resident()
        finally:
            server.stop()
    per_second = _steady(times)
    waits.sort()
    return {
        f"limit_{rate}_recipients": PAID_COUNT,
        f"limit_{rate}_sustained_per_s": round(per_second),
        f"limit_{rate}_reply_p50_ms": round(waits[len(waits) // 2] * 1000),
        f"limit_{rate}_reply_p95_ms": round(waits[int(len(waits) * 0.95)] * 1000),
        f"limit_{rate}_replies": len(waits),
        f"limit_{rate}_resident_mb": resident,
    }


def _steady(times: list[float]) -> float:
    """Messages per second over the middle eight tenths of the run."""
    tenth = len(times) // 10
    middle = times[tenth:-tenth]
    return (len(middle) - 1) / (middle[-1] - middle[0])


def _ask_during(api: Emulator, count: int) -> list[float]:
    """Each asker writes once while the broadcast runs; seconds until the answer was there."""
    slowly(lambda: _sent(api) > count // 20, 120)
    waits = []
    for asker in range(count + 1, count + ASKERS + 1):
        begun = time.perf_counter()
        api("text", user_id=asker, text="你好")
        api("wait_messages", chat_id=asker, count=1, timeout=30)
        waits.append(time.perf_counter() - begun)
        time.sleep(0.2)
    return waits


def free() -> Rows:
    """The free limit, enforced by the emulator: no 429, and little of it left unused."""
    count = FREE * FREE_SECONDS
    with tempfile.TemporaryDirectory() as name, emulator(count) as api:
        folder = Path(name)
        fill(folder, count)
        api("rate_limit")
        server = Server(folder, api, FREE)
        server.start()
        try:
            slowly(lambda: states(folder).get("sent") == count, FREE_SECONDS * 2)
            times = sorted(call["at"] for call in api("calls", method="sendMessage"))
            refused, peak = api("counts")["rate_limited"], api("peak_rate")
        finally:
            server.stop()
    use = round(_steady(times) / FREE, 3)
    return {"free_use_of_limit": use, "free_429": refused, "free_peak_in_a_second": peak}


def kills(policy: str) -> Rows:
    """SIGKILL again and again while it sends; then count who got what."""
    with tempfile.TemporaryDirectory() as name, emulator(KILL_COUNT) as api:
        folder = Path(name)
        fill(folder, KILL_COUNT, policy)
        server, under_way = Server(folder, api, PAID), 0
        for number in range(1, KILLS + 1):
            server.start()
            goal = KILL_COUNT * number // (KILLS + 2)
            slowly(lambda goal=goal: _sent(api) >= goal, 120)  # type: ignore[misc]
            server.kill()
            under_way += states(folder).get("sending", 0)
        server.start()
        try:
            slowly(lambda: not set(states(folder)) - {"sent", "unknown"}, 240)
            calls = api("calls", method="sendMessage")
        finally:
            server.stop()
        ended = states(folder)
    got = [int(call["chat_id"]) for call in calls]
    repeats = len(got) - len(set(got))
    return {
        f"{policy}_kills": KILLS,
        f"{policy}_nothing_received": KILL_COUNT - len(set(got)),
        f"{policy}_listed_unknown": ended.get("unknown", 0),
        f"{policy}_under_way_at_kills": under_way,
        f"{policy}_repeats": repeats,
    }


class Swallower:
    """A channel that takes everything at once: what is left is our own work."""

    name = "telegram"

    async def push(self, address: str, reply: Reply, key: int) -> Sent:
        """Taken."""
        await asyncio.sleep(0)
        return Sent("sent")


def grow(count: int) -> Rows:
    """Planning, and the memory of the whole run, in a fresh process."""
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), count)
        command = [sys.executable, "-m", "bot.broadcast_bench", folder]
        done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=ROOT)  # noqa: S603
        found = json.loads(done.stdout.splitlines()[-1])
    return {f"{count}_{name}": value for name, value in found.items()}


async def _grow_here(folder: Path) -> Rows:
    from bot.bootstrap import bootstrap
    from bot.settings import Settings

    app = bootstrap(Settings(data=folder))
    sender = app.broadcaster
    sender.window = 200
    sender.channels = {"telegram": Swallower()}  # type: ignore[dict-item]
    before = _resident(os.getpid())
    begun = time.perf_counter()
    while not await _planned(app.database):
        await sender._turn_over()
    planned = time.perf_counter() - begun
    peak = 0.0
    begun = time.perf_counter()
    while await _sending(app.database):
        for _ in range(50):
            rows, _busy = await sender._turn_over()
            await asyncio.gather(*map(sender._send, rows))
        peak = max(peak, _resident(os.getpid()))
    took = time.perf_counter() - begun
    await app.close()
    return {
        "plan_s": round(planned, 1),
        "send_s": round(took, 1),
        "grew_mb": round(peak - before, 1),
    }


async def _planned(database: Any) -> bool:
    return bool(await _of_campaign(database, campaigns.c.planned))


async def _sending(database: Any) -> bool:
    return bool(await _of_campaign(database, campaigns.c.state) == "sending")


async def _of_campaign(database: Any, column: sa.Column[Any]) -> Any:
    async with database.read() as connection:
        return await connection.scalar(sa.select(column))


def measure(count: int) -> Rows:
    """All parts, told on stderr as they end; sizes above `count` are left out."""
    parts: list[tuple[str, Callable[[], Rows]]] = [
        ("paid mode", paid),
        ("paid mode, limit lifted", partial(paid, LIFTED)),
        ("free limit", free),
        ("kills, at_least_once", partial(kills, "at_least_once")),
        ("kills, never_twice", partial(kills, "never_twice")),
    ]
    parts += [(f"{size} recipients", partial(grow, size)) for size in SIZES if size <= count]
    rows: Rows = {}
    for number, (name, part) in enumerate(parts, 1):
        print(f"[{number}/{len(parts)}] {name}", file=sys.stderr, flush=True)
        found = part()
        print(found, file=sys.stderr, flush=True)
        rows |= found
    return rows


if __name__ == "__main__":
    print(json.dumps(asyncio.run(_grow_here(Path(sys.argv[1])))))
