"""Killed at each line that matters between receiving and answering; started again as usual."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from tests.acceptance.citizens import Citizen, Message, TelegramCitizen, Watch, WebCitizen
from tests.acceptance.ledger import Ledger
from tests.acceptance.processes import Server, until
from tests.telegram_api import TelegramApi

pytestmark = pytest.mark.acceptance

KILLER = str(Path(__file__).with_name("killer.py"))
SAID = Message("message-killpoint", "举报小区门口联华超市卖过期酸奶，暗号za0", "za0")


@dataclass(frozen=True)
class Left:
    """What the dead process has left on disk."""

    inbox: tuple[str, ...]
    tickets: int
    outbox: tuple[str, ...]


NOTHING = Left((), 0, ())
RECEIVED = Left(("new",), 0, ())
ANSWERED = Left(("done",), 1, ("pending",))
LEAVING = Left(("done",), 1, ("sending",))
POINTS = {
    "before_inbox_commit": (NOTHING, 1),
    "after_inbox_commit": (RECEIVED, 1),
    "before_commit": (RECEIVED, 1),
    "after_commit": (ANSWERED, 1),
    "before_send": (LEAVING, 1),
    "after_send": (LEAVING, 2),  # nobody knows whether Telegram took it: the one repeat
}
"""Where it dies → what is on disk then, and how often a Telegram citizen reads the receipt."""


@dataclass
class Scene:
    """A server that will die, and one citizen."""

    server: Server
    ledger: Ledger
    api: TelegramApi
    person: Citizen

    async def receipts(self) -> int:
        if isinstance(self.person, WebCitizen):
            return sum(
                "已登记" in m["text"] for m in await self.person.sees() if m["from"] == "bot"
            )
        return sum("已登记" in m["text"] for m in self.person.sees())

    def left(self) -> Left:
        states = [
            tuple(r[0] for r in self.ledger.rows(f"SELECT state FROM {name}")) for name in ROWS
        ]
        return Left(states[0], len(self.ledger.tickets()), states[1])


ROWS = ("inbox", "outbox")


@asynccontextmanager
async def scene(folder: Path, channel: str) -> AsyncIterator[Scene]:
    async with TelegramApi.running() as api, httpx.AsyncClient(trust_env=False) as client:
        settings = {"SHIAN_TELEGRAM_TOKEN": api.token, "SHIAN_TELEGRAM_API": api.url}
        server = Server(folder / "data", settings if channel == "telegram" else {})
        client.base_url = httpx.URL(server.url)
        rng = random.Random(1)
        person: Citizen = WebCitizen("w", client, Watch(), rng)
        if channel == "telegram":
            api.sim.user(1001)
            person = TelegramCitizen(1001, api, Watch(), rng)
        yield Scene(server, Ledger(server.data), api, person)
        await server.stop()


@pytest.mark.parametrize("channel", ["web", "telegram"])
@pytest.mark.parametrize("point", POINTS)
async def test_killed_there_it_still_counts_once(point: str, channel: str, tmp_path: Path) -> None:
    expected, telegram_receipts = POINTS[point]
    async with scene(tmp_path, channel) as made:
        await made.server.start(KILLER, point, "serve")
        if isinstance(made.person, WebCitizen):
            await made.person.enter()
        talking = asyncio.create_task(made.person.say(SAID))
        await made.server.died()
        assert made.left() == expected

        await made.server.start()
        await asyncio.wait_for(talking, 30)
        await made.api.view.wait_drained(30)
        done = Left(("done",), 1, ("sent",))
        await until(lambda: made.left() == done, 30, f"{made.left()}", 0.05)
        assert await made.receipts() == (telegram_receipts if channel == "telegram" else 1)
        assert made.ledger.unanswered() == []
        assert "turn_failed" not in made.server.log
