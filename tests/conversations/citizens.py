"""One citizen at one of the channels: what a script says goes the whole way in and comes back.

Web: the real application over HTTP. Telegram: the emulated Bot API, our poll, our deliveries.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import httpx
from PIL import Image
from pydantic import SecretStr

from bot.api.server import create_server
from bot.bootstrap import App, bootstrap
from bot.channels.telegram.arrivals import arrival
from bot.channels.telegram.pacing import Pacing
from bot.channels.telegram.polling import GetRawUpdates
from bot.clock import SHANGHAI, SetClock
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.messages import Event
from handlers.ports import Interpreter
from handlers.turn import Turn
from tests.telegram_api import TelegramApi

START = datetime(2026, 11, 23, 10, 0, tzinfo=SHANGHAI)  # a Monday
PERSON = 1001
_SIGNED = re.compile(
    r"^【[^】]+】\n"
)  # Telegram names the office above its words; the page beside them


@dataclass(frozen=True)
class Said:
    """What one turn brought the citizen, and what happened in it."""

    texts: list[str]
    buttons: list[str]
    events: list[dict[str, Any]]


class Citizen(Protocol):
    """Speaks and hears; the channel does the rest."""

    app: App
    clock: SetClock

    async def say(self, given: dict[str, Any]) -> Said: ...

    async def hear(self) -> Said:
        """What has come since, without having said anything."""
        ...


@dataclass
class Observed:
    """Events of the turns the worker answered."""

    events: list[Event] = field(default_factory=list)

    def __call__(self, turn: Turn) -> None:
        self.events += turn.events

    def take(self) -> list[dict[str, Any]]:
        taken, self.events = self.events, []
        return [event.as_dict() for event in taken]


@dataclass
class WebCitizen:
    """Someone with the page open."""

    app: App
    clock: SetClock
    page: httpx.AsyncClient
    observed: Observed
    count: itertools.count[int] = field(default_factory=itertools.count)
    seen: int = 0
    offered: dict[str, str] = field(default_factory=dict)

    async def say(self, given: dict[str, Any]) -> Said:
        """Post one message and read what the page shows since."""
        body: dict[str, Any] = {"client_id": f"message-{next(self.count)}"}
        if "button" in given:
            body |= {"text": given["button"], "button": self.offered[given["button"]]}
        else:
            body["text"] = given.get("text", "")
        body["attachments"] = [await self._attach(n) for n in range(given.get("photos", 0))]
        if "location" in given:
            body["location"] = dict(zip(("lat", "lon"), given["location"], strict=True))
        body["locale"] = given.get("locale")
        accepted = await self.page.post("/api/chat/messages", json=body)
        assert accepted.status_code == 202, accepted.text
        await self.app.worker.drain()
        return await self.hear()

    async def _attach(self, number: int) -> int:
        sent = await self.page.post(
            "/api/chat/attachments",
            files={"file": ("photo.jpg", picture(number), "image/jpeg")},
            data={"client_id": f"photo-{next(self.count)}-{number}"},
        )
        assert sent.status_code == 201, sent.text
        stored: int = sent.json()["id"]
        return stored

    async def hear(self) -> Said:
        await deliver(self.app)
        history = (await self.page.get("/api/chat/history")).json()["messages"]
        answers = [m for m in history if m["from"] != "citizen"]
        fresh, self.seen = answers[self.seen :], len(answers)
        buttons = [button for message in fresh for button in message["buttons"]]
        if buttons:
            self.offered = {button["label"]: button["value"] for button in buttons}
        texts = [message["text"] for message in fresh]
        return Said(texts, [b["label"] for b in buttons], self.observed.take())


@dataclass
class TelegramCitizen:
    """Someone with the bot open in Telegram."""

    app: App
    clock: SetClock
    api: TelegramApi
    observed: Observed
    offset: int | None = None
    seen: int = 0
    own: list[int] = field(default_factory=list)

    async def say(self, given: dict[str, Any]) -> Said:
        """Write, press or send; our poll takes it up and the answers arrive in the chat."""
        self._act(given)
        await self._poll()
        self.clock.advance(timedelta(seconds=2))  # an album is complete by then
        await self.app.worker.drain()
        return await self.hear()

    def _act(self, given: dict[str, Any]) -> None:
        sim = self.api.sim
        if "button" in given:
            sim.press(PERSON, self._offering(given["button"]), label=given["button"])
        elif given.get("photos"):
            pictures = [picture(number) for number in range(given["photos"])]
            sim.album(PERSON, pictures, given.get("text"))
        elif "location" in given:
            sim.location(PERSON, *given["location"])
        elif "edit" in given:
            sim.edit(PERSON, self.own[given["edit"] - 1], text=given["text"])
        else:
            sent = sim.text(PERSON, given["text"])
            self.own.append(sent["message"]["message_id"])

    def _offering(self, label: str) -> int:
        """The newest message that bears this button."""
        for message in reversed(self.api.view.messages(PERSON)):
            if any(label == b["text"] for row in message["buttons"] for b in row):
                number: int = message["message_id"]
                return number
        raise AssertionError(f"no button {label!r} in sight")

    async def _poll(self) -> None:
        assert self.app.telegram is not None
        updates = await self.app.telegram.bot(GetRawUpdates(offset=self.offset, timeout=0))
        await self.app.intake.accept([arrival(update) for update in updates])
        self.offset = max(update["update_id"] for update in updates) + 1

    async def hear(self) -> Said:
        await deliver(self.app)
        answers = self.api.view.messages(PERSON)
        fresh, self.seen = answers[self.seen :], len(answers)
        buttons = [b["text"] for message in fresh for row in message["buttons"] for b in row]
        return Said([_SIGNED.sub("", m["text"]) for m in fresh], buttons, self.observed.take())


async def deliver(app: App) -> None:
    """Send until nothing is left: one batch holds one message of each chat."""
    while await app.delivery.drain_once():
        pass


def picture(number: int) -> bytes:
    """A small JPEG, another for each number."""
    out = io.BytesIO()
    Image.new("RGB", (64, 48), (number * 40 % 256, 90, 120)).save(out, "JPEG")
    return out.getvalue()


@asynccontextmanager
async def on_web(data: Path, interpreter: Interpreter) -> AsyncIterator[Citizen]:
    """A citizen at the web page of a fresh deployment."""
    app, clock, observed = await _deployed(Settings(data=data), interpreter)
    transport = httpx.ASGITransport(create_server(app, background=False))
    async with (
        _closing(app),
        httpx.AsyncClient(transport=transport, base_url="http://shian.test") as page,
    ):
        await page.get("/")
        yield WebCitizen(app, clock, page, observed)


@asynccontextmanager
async def on_telegram(data: Path, interpreter: Interpreter) -> AsyncIterator[Citizen]:
    """A citizen in Telegram, with a fresh deployment behind the bot."""
    async with TelegramApi.running() as api:
        settings = Settings(data=data, telegram_token=SecretStr(api.token), telegram_api=api.url)
        app, clock, observed = await _deployed(settings, interpreter)
        assert app.telegram is not None
        app.telegram.channel._pacing = Pacing(sleep=_at_once)
        api.sim.user(PERSON)
        async with _closing(app):
            yield TelegramCitizen(app, clock, api, observed)


async def _deployed(settings: Settings, interpreter: Interpreter) -> tuple[App, SetClock, Observed]:
    clock, observed = SetClock(START), Observed()
    app = bootstrap(settings, clock=clock, interpreter=interpreter)
    app.worker.observe = observed
    await upgrade(app.database)
    return app, clock, observed


@asynccontextmanager
async def _closing(app: App) -> AsyncIterator[None]:
    try:
        yield
    finally:
        await app.close()


async def _at_once(_: float) -> None:
    return None


Opened = Callable[[Path, Interpreter], Any]
CHANNELS: dict[str, Opened] = {"web": on_web, "telegram": on_telegram}
