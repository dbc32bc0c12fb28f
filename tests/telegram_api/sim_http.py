"""``POST /sim/<operation>``: the people, the view and the faults for other processes.

The body is a JSON object with the arguments of the Python method of the same name (bytes as
base64); ``token`` chooses the bot when there are several. The answer is ``{"ok", "result"}``.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import inspect
import json
from collections.abc import Callable
from typing import Any, Self

from aiohttp import ClientSession, web

from .errors import ApiError, SimError
from .faults import Fault
from .sim import Sim
from .state import BotState
from .view import View

ACTS = (
    "user", "users", "group", "member", "topic", "migrate", "bot_status", "block", "unblock",
    "deactivate", "text", "start", "photo", "album", "voice", "video", "document", "location",
    "contact", "message", "edit", "press", "vote", "redeliver", "update",
)  # fmt: skip
SIGHTS = (
    "messages", "last", "chats", "actions", "callback", "download", "counts", "calls",
    "peak_rate", "pending", "wait_messages", "wait_calls", "wait_drained",
)  # fmt: skip
BINARY = ("data", "photos")
WRONG = (SimError, KeyError, TypeError, ValueError)


def operations(bot: BotState) -> dict[str, Callable[..., Any]]:
    """Everything that can be asked over HTTP, by name."""
    sim, view = Sim(bot), View(bot)
    return {
        **{name: getattr(sim, name) for name in ACTS},
        **{name: getattr(view, name) for name in SIGHTS},
        "fault": bot.faults.add,
        "fault_log": bot.faults.entries,
        "clear_faults": bot.faults.clear,
        "rate_limit": bot.limits.enable,
        "no_rate_limit": bot.limits.disable,
    }


def _decoded(name: str, value: Any) -> Any:
    if name not in BINARY:
        return value
    if isinstance(value, list):
        return [base64.b64decode(item, validate=True) for item in value]
    return base64.b64decode(value, validate=True)


def _plain(value: Any) -> str:
    if isinstance(value, bytes):
        return base64.b64encode(value).decode()
    raise TypeError(f"{type(value).__name__} cannot be sent as JSON")


def _answer(status: int, **body: Any) -> web.Response:
    text = json.dumps(body, ensure_ascii=False, default=_plain)
    return web.Response(text=text, status=status, content_type="application/json")


async def answer(request: web.Request, bots: dict[str, BotState]) -> web.Response:
    """Carries out one operation: 400 for a wrong one, 404 unknown, 408 waited in vain."""
    try:
        body = json.loads(await request.read() or b"{}")
        bot = bots[body.pop("token")] if "token" in body else next(iter(bots.values()))
        operation = operations(bot).get(request.match_info["operation"])
        if operation is None:
            return _answer(404, ok=False, description="no such operation")
        result = operation(**{name: _decoded(name, value) for name, value in body.items()})
        if inspect.isawaitable(result):
            result = await result
    except TimeoutError as error:
        return _answer(408, ok=False, description=str(error))
    except (*WRONG, AttributeError, binascii.Error, ApiError) as error:
        return _answer(400, ok=False, description=f"{type(error).__name__}: {error}")
    return _answer(200, ok=True, result=result)


async def pause(fault: Fault) -> None:
    """The wait of a slow answer."""
    if fault.kind == "slow":
        await asyncio.sleep(fault.delay)


class SimClient:
    """Drives an emulator in another process: ``await client("text", user_id=1, text="hi")``."""

    def __init__(self, url: str) -> None:
        self._url = url.rstrip("/")
        self._http = ClientSession()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *error: object) -> None:
        await self._http.close()

    async def __call__(self, operation: str, **arguments: Any) -> Any:
        """Raises SimError when refused, TimeoutError when waited in vain."""
        data = json.dumps(arguments, default=_plain)
        async with self._http.post(f"{self._url}/sim/{operation}", data=data) as response:
            body = await response.json()
        if response.status == 408:
            raise TimeoutError(body["description"])
        if not body["ok"]:
            raise SimError(body["description"])
        return body["result"]
