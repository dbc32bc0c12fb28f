"""SIGKILL at random moments over a stream of messages: nothing lost, nothing twice (design §3)."""

from __future__ import annotations

import asyncio
import random
import re
import signal
import time
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.delivery import ABREAST
from tests.acceptance.citizens import (
    Citizen,
    Message,
    TelegramCitizen,
    Watch,
    WebCitizen,
    complaint,
    report,
)
from tests.acceptance.ledger import Ledger
from tests.acceptance.processes import Server, until
from tests.telegram_api import TelegramApi

pytestmark = pytest.mark.acceptance

SEED = 20261123
PEOPLE = 22  # on each channel; most report, the last few complain
COMPLAINERS = 3  # of them, on each channel
REPORTS_EACH = 7
KILLS = 10
NUMBER = re.compile(r"SA\d{8}-\d{4,}")


@dataclass(frozen=True)
class Kill:
    """One SIGKILL: what it was aimed at, when it fell, and which sends were under way."""

    aim: str
    at: float
    in_flight: frozenset[int]  # outbox rows of Telegram


@dataclass
class Storm:
    """The stream, the server it falls on, and the kills."""

    api: TelegramApi
    server: Server
    ledger: Ledger
    rng: random.Random
    watch: Watch = field(default_factory=Watch)
    people: list[Citizen] = field(default_factory=list)
    kills: list[Kill] = field(default_factory=list)

    def sent(self) -> int:
        """Messages Telegram has taken from the bot."""
        return int(self.api.view.counts()["total"].get("sendMessage", 0))

    async def play(self, portions: Sequence[Sequence[tuple[Citizen, Message]]]) -> None:
        """Each portion is said, with a kill in the midst of all but the last."""
        queues = {id(person): asyncio.Queue[Message | None]() for person in self.people}
        async with asyncio.TaskGroup() as talking:
            for person in self.people:
                talking.create_task(_talk(person, queues[id(person)]))
            for number, portion in enumerate(portions):
                for person, message in portion:
                    queues[id(person)].put_nowait(message)
                if number < len(portions) - 1:
                    await self._strike(AIMS[number % len(AIMS)], len(portion))
            for queue in queues.values():
                queue.put_nowait(None)

    async def _strike(self, aim: str, size: int) -> None:
        """Wait for some events of one kind, then for no time at all, then kill and restart."""
        counters = {
            "receive": lambda: self.watch.posted + self.watch.told,
            "answer": lambda: self.watch.accepted,
            "send": self.sent,
        }
        happened = counters[aim]
        target = happened() + self.rng.randint(2, max(3, size // 4))
        if fault := FAULTS.get(aim):
            self.api.faults.add(method="sendMessage", **fault)
        await until(lambda: happened() >= target, 60, f"{aim} {target}")
        await asyncio.sleep(self.rng.uniform(0, 0.06))
        await self.server.kill()
        flying = frozenset(self.ledger.in_flight("telegram"))
        self.kills.append(Kill(aim, time.time(), flying))
        self.api.faults.clear()
        await self.server.start()


AIMS = ("receive", "answer", "send")
FAULTS: dict[str, dict[str, Any]] = {
    "answer": {"kind": "drop_after", "count": 2},
    "send": {"kind": "slow", "count": 6, "delay": 0.4},
}
"""What goes wrong at Telegram while waiting for the moment of a kill."""


async def _talk(person: Citizen, queue: asyncio.Queue[Message | None]) -> None:
    if isinstance(person, WebCitizen):
        await person.enter()
    while (message := await queue.get()) is not None:
        await person.say(message)


@asynccontextmanager
async def storm(folder: Path) -> AsyncIterator[Storm]:
    """A running server, an emulated Telegram, and the citizens of both channels."""
    rng = random.Random(SEED)
    async with TelegramApi.running() as api, AsyncExitStack() as stack:
        settings = {"SHIAN_TELEGRAM_TOKEN": api.token, "SHIAN_TELEGRAM_API": api.url}
        server = Server(folder / "data", settings)
        made = Storm(api, server, Ledger(server.data), rng)
        for number in range(PEOPLE):
            client = httpx.AsyncClient(base_url=server.url, trust_env=False)
            await stack.enter_async_context(client)
            made.people.append(WebCitizen(f"w{number}", client, made.watch, rng))
            made.people.append(TelegramCitizen(1000 + number, api, made.watch, rng))
            api.sim.user(1000 + number)
        await server.start()
        try:
            yield made
        finally:
            await server.stop()


def matters(people: Sequence[Citizen], rng: random.Random) -> list[list[tuple[Citizen, Message]]]:
    """Everything that will be said, each citizen's in order, cut into KILLS + 1 portions."""
    lines: list[list[tuple[Citizen, Message]]] = []
    for number, person in enumerate(people):
        name = chr(ord("a") + number % 26) + chr(ord("a") + number // 26)
        complains = number >= len(people) - 2 * COMPLAINERS
        told = (
            complaint(f"{name}0")
            if complains
            else [m for n in range(REPORTS_EACH) for m in report(f"{name}{n}", rng)]
        )
        lines.append([(person, message) for message in told])
    said = []
    while waiting := [line for line in lines if line]:
        said.append(rng.choice(waiting).pop(0))
    size = -(-len(said) // (KILLS + 1))
    return [said[at : at + size] for at in range(0, len(said), size)]


async def test_killed_at_random_every_message_counts_once(tmp_path: Path) -> None:
    begun = time.monotonic()
    async with storm(tmp_path) as made:
        portions = matters(made.people, made.rng)
        await made.play(portions)
        await made.api.view.wait_drained(60)
        await until(lambda: made.ledger.undone() == 0, 90, "inbox and outbox drained", 0.2)
        pages = {p.name: await p.sees() for p in made.people if isinstance(p, WebCitizen)}
        status = await made.server.stop()
        seconds = time.monotonic() - begun
        _print(made, seconds)
        assert status in (0, -signal.SIGTERM), made.server.log[-2000:]
        _all_counted_once(made, sum(map(len, portions)))
        for person in made.people:
            seen = pages[person.name] if isinstance(person, WebCitizen) else person.sees()
            _answered_in_order(person, seen, made.ledger.tickets())
        _repeats_bounded(made)


def _all_counted_once(made: Storm, said: int) -> None:
    """One inbox row per message, each done and answered; one ticket per matter."""
    states = {r[0]: r[1] for r in made.ledger.rows("SELECT state, count(*) FROM inbox GROUP BY 1")}
    assert states == {"done": said}
    assert made.ledger.unanswered() == []
    outbox = {r[0]: r[1] for r in made.ledger.rows("SELECT state, count(*) FROM outbox GROUP BY 1")}
    assert set(outbox) == {"sent"}, outbox
    markers = [m.marker for p in made.people for m in p.said if m.marker]
    found = Counter(_marker(summary) for summary in made.ledger.tickets().values())
    assert found == Counter(markers), "tickets missing or filed twice"


def _answered_in_order(
    person: Citizen, seen: Sequence[dict[str, Any]], tickets: dict[str, str]
) -> None:
    """The citizen sees a receipt for each matter, in the order they were told."""
    answers = [m["text"] for m in seen if m.get("from") == "bot" or m.get("from_bot")]
    assert len(answers) >= len(person.said), person
    numbers = [n for text in answers if "已登记" in text for n in NUMBER.findall(text)[:1]]
    receipts = [_marker(tickets[number]) for number in dict.fromkeys(numbers)]
    assert receipts == [m.marker for m in person.said if m.marker], person


def _repeats_bounded(made: Storm) -> None:
    """Telegram got every reply, and after each kill no more repeats than sends under way."""
    wanted = {(address, text): row for row, address, text in made.ledger.replies("telegram")}
    got = Counter((str(p.user_id), m["text"]) for p in _on_telegram(made) for m in p.sees())
    assert set(got) == set(wanted)
    dropped = _dropped(made)
    for said, times in got.items():
        chances = sum(wanted[said] in kill.in_flight for kill in made.kills) + dropped[said]
        assert times <= 1 + chances, f"{said}: {times} times, {chances} chances"
    for kill, repeats in zip(made.kills, _repeats(made), strict=True):
        assert repeats <= len(kill.in_flight) <= ABREAST, (kill, repeats)


def _dropped(made: Storm) -> Counter[tuple[str, str]]:
    """Replies that Telegram took while the connection broke: chat and text."""
    texts = {(p.user_id, m["message_id"]): m["text"] for p in _on_telegram(made) for m in p.sees()}
    return Counter(
        (struck["chat_id"], texts[int(struck["chat_id"]), number])
        for struck in made.api.faults.entries("drop_after")
        for number in struck["message_ids"]
    )


def _repeats(made: Storm) -> list[int]:
    """For each kill, the replies in flight then that a citizen reads again after it."""
    rows = {(address, text): row for row, address, text in made.ledger.replies("telegram")}
    found: list[set[int]] = [set() for _ in made.kills]
    for person in _on_telegram(made):
        seen: set[int] = set()
        for message in person.sees():
            row = rows[str(person.user_id), message["text"]]
            kill = _blamed(made.kills, row, message["sent_at"])
            if row in seen and kill is not None:
                found[kill].add(row)
            seen.add(row)
    return [len(rows) for rows in found]


def _blamed(kills: Sequence[Kill], row: int, at: float) -> int | None:
    """The last kill before `at` that met this row in flight; None when a fault did it."""
    before = (n for n, kill in enumerate(kills) if kill.at <= at and row in kill.in_flight)
    return max(before, default=None)


def _on_telegram(made: Storm) -> list[TelegramCitizen]:
    return [p for p in made.people if isinstance(p, TelegramCitizen)]


def _marker(summary: str) -> str:
    match = re.search(r"暗号([a-z]{2}\d)", summary)
    return match[1] if match else summary


def _print(made: Storm, seconds: float) -> None:
    web = sum(len(p.said) for p in made.people if isinstance(p, WebCitizen))
    telegram = sum(len(p.said) for p in _on_telegram(made))
    repeats = _repeats(made)
    print(f"\nmessages  web {web}  telegram {telegram}  tickets {len(made.ledger.tickets())}")
    print("kill  aimed at  sends in flight  repeats")
    for number, (kill, again) in enumerate(zip(made.kills, repeats, strict=True), 1):
        print(f"{number:>4}  {kill.aim:<8}  {len(kill.in_flight):>15}  {again:>7}")
    flying = sum(len(kill.in_flight) for kill in made.kills)
    print(f" all  {'':<8}  {flying:>15}  {sum(repeats):>7}   {seconds:.0f} s")
    print(f"answers lost by drop_after, each sent once more: {_dropped(made).total()}")
