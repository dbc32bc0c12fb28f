"""A citizen's browser without the browser: the real application over ASGI."""

from __future__ import annotations

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

import httpx

from bot.api.server import create_server
from bot.bootstrap import App


@dataclass
class Page:
    """One open chat page."""

    app: App
    http: httpx.AsyncClient
    ids: itertools.count[int] = field(default_factory=itertools.count)

    async def post(self, text: str = "", **more: Any) -> httpx.Response:
        """Post a message as the page does."""
        body = {"client_id": f"client-{next(self.ids):04d}", "text": text, **more}
        return await self.http.post("/api/chat/messages", json=body)

    async def say(self, text: str = "", **more: Any) -> list[dict[str, Any]]:
        """Post, let the application work, and read what was answered to it."""
        before = len(await self.answers())
        response = await self.post(text, **more)
        assert response.status_code == 202, response.text
        await self.work()
        return (await self.answers())[before:]

    async def work(self) -> None:
        """Answer and deliver everything that waits."""
        await self.app.worker.drain()
        while await self.app.delivery.drain_once():
            pass

    async def history(self) -> list[dict[str, Any]]:
        """The conversation as a reload shows it."""
        messages: list[dict[str, Any]] = (await self.http.get("/api/chat/history")).json()[
            "messages"
        ]
        return messages

    async def answers(self) -> list[dict[str, Any]]:
        """What was said to the citizen."""
        return [m for m in await self.history() if m["from"] != "citizen"]


@asynccontextmanager
async def open_page(app: App) -> AsyncIterator[Page]:
    """A fresh citizen's page; background loops are driven by the test."""
    transport = httpx.ASGITransport(create_server(app, background=False))
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as http:
        assert (await http.get("/")).status_code == 200
        yield Page(app, http)
