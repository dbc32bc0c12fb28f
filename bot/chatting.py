"""`shian chat`: the conversation in a terminal, or a script of one turned into JSON lines."""

from __future__ import annotations

import asyncio
import itertools
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import yaml

from bot.bootstrap import App, bootstrap
from bot.clock import SetClock, WallClock
from bot.db.migrate import upgrade
from bot.media import MediaRefused
from bot.settings import Settings
from bot.understanding import progress
from handlers.messages import Incoming, Location
from handlers.respond import respond
from handlers.turn import Turn

CHANNEL, SENDER = "terminal", "local"
_WAIT = re.compile(r"^\s*(\d+(?:\.\d+)?)\s*([smhd])\s*$")
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


@dataclass
class Conversation:
    """One citizen at a terminal; `clock` can be put forward."""

    app: App
    clock: SetClock
    offered: dict[str, str]
    count: Iterator[int]

    async def say(self, item: Any) -> dict[str, Any]:
        """One turn of the script, answered; raises ScriptError for an item of unknown form."""
        given = _item(item)
        self.clock.advance(_wait(given.pop("wait", "1s")))
        turn = await respond(await self._incoming(given), self.app.services)
        assert turn is not None
        self._remember(turn)
        replies = [
            {"text": r.text, "buttons": [asdict(b) for b in r.buttons]} for r in turn.replies
        ]
        events = [event.as_dict() for event in turn.events]
        return {"user": item, "replies": replies, "events": events}

    async def _incoming(self, given: dict[str, Any]) -> Incoming:
        number = next(self.count)
        incoming = Incoming(CHANNEL, str(number), SENDER, message_key=str(number))
        if "button" in given:
            wanted = str(given["button"])
            return replace(incoming, text=wanted, button=self.offered.get(wanted, wanted))
        if "photo" in given:
            incoming = await self._with_photo(incoming, Path(given["photo"]))
        if "location" in given:
            incoming = replace(incoming, location=_place(given["location"]))
        return replace(incoming, text=str(given.get("text", "")))

    async def _with_photo(self, incoming: Incoming, path: Path) -> Incoming:
        try:
            key = f"{incoming.external_id}:{path.name}"
            stored = await self.app.media.photo(CHANNEL, SENDER, key, path.read_bytes())
        except MediaRefused as error:
            return replace(incoming, refused=(error.phrase,))
        except OSError as error:
            raise ScriptError(f"{path}: {error.strerror}") from error
        return replace(incoming, attachments=(stored.id,))

    def _remember(self, turn: Turn) -> None:
        for reply in turn.replies:
            if reply.buttons:
                self.offered = {b.label: b.value for b in reply.buttons}


class ScriptError(Exception):
    """A script cannot be played."""


async def chat(settings: Settings, data: Path | None, script: Path | None) -> int:
    """Talk until the input ends; exit code."""
    with tempfile.TemporaryDirectory() as fresh:
        settings.data = data or Path(fresh)
        clock = SetClock(WallClock().now())
        app = bootstrap(settings, clock=clock, progress=progress)
        await upgrade(app.database)
        start = int(clock.now().timestamp() * 1000) if data else 0
        conversation = Conversation(app, clock, {}, itertools.count(start + 1))
        try:
            if script is None:
                return await _talk(conversation)
            return await _play(conversation, script)
        finally:
            await app.close()


async def _play(conversation: Conversation, script: Path) -> int:
    try:
        items = yaml.safe_load(script.read_text(encoding="utf-8"))
        if not isinstance(items, list):
            raise ScriptError(f"{script}: 要一个列表，一条一轮")
        for item in items:
            print(json.dumps(await conversation.say(item), ensure_ascii=False), flush=True)
    except (ScriptError, OSError, yaml.YAMLError) as error:
        print(error, file=sys.stderr)
        return 2
    return 0


async def _talk(conversation: Conversation) -> int:
    print("直接说话；Ctrl-D 结束。", file=sys.stderr)
    wall = WallClock()
    while line := await asyncio.to_thread(sys.stdin.readline):
        conversation.clock.at = wall.now()
        text = line.rstrip("\n")
        result = await conversation.say({"button": text} if text in conversation.offered else text)
        for reply in result["replies"]:
            print(reply["text"])
            if reply["buttons"]:
                print("  ".join(f"［{b['label']}］" for b in reply["buttons"]))
    return 0


def _item(item: Any) -> dict[str, Any]:
    if isinstance(item, str):
        return {"text": item}
    known = {"text", "button", "photo", "location", "wait"}
    if isinstance(item, dict) and item and set(item) <= known:
        return dict(item)
    raise ScriptError(f"不认识这一轮：{item!r} → 用字符串，或 {'|'.join(sorted(known))}")


def _wait(text: str) -> timedelta:
    match = _WAIT.match(str(text))
    if match is None:
        raise ScriptError(f"wait: {text!r} → 例如 90s、5m、3h、3d")
    return timedelta(**{_UNITS[match[2]]: float(match[1])})


def _place(raw: Any) -> Location:
    try:
        lat, lon = (raw["lat"], raw["lon"]) if isinstance(raw, dict) else raw
        return Location(float(lat), float(lon))
    except (TypeError, ValueError, KeyError) as error:
        raise ScriptError(f"location: {raw!r} → [纬度, 经度]") from error
