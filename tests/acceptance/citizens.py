"""Citizens who do not give up: on the page, where a post is repeated until it is taken, and on
Telegram, where the emulator keeps what the bot has not confirmed."""

from __future__ import annotations

import asyncio
import random
from dataclasses import dataclass, field
from typing import Any

import httpx

from tests.telegram_api import TelegramApi

PAUSE = 0.1  # seconds between tries
REPORTS = (
    "举报薛家镇有个黑作坊用工业松香给猪头拔毛",
    "天宁路老赵面馆后厨全是蟑螂，碗都不洗，我要举报",
    "举报城南农贸市场三号摊卖发霉的花生米",
    "我要举报通江路福满楼饭店用过期的油炒菜",
    "匿名举报万达广场的奶茶店用发霉的水果榨汁",
    "举报河海路口的早点摊没有健康证，苍蝇乱飞",
    "举报新桥镇一个冷库把过期冻肉改了日期再卖",
    "举报小区门口联华超市卖过期酸奶",
)
COMPLAINT = (
    "我在老王超市买到过期牛奶，要求退款",
    "新北区通江路1号",
    "昨天上午",
    "同意",
    "张三",
    "13812345678",
    "不知道",
)


@dataclass(frozen=True)
class Message:
    """What one citizen says; `marker` stands in the first message of each matter."""

    client_id: str
    text: str
    marker: str | None


def report(marker: str, rng: random.Random) -> list[Message]:
    """An anonymous report that files at once."""
    return [Message(f"message-{marker}", f"{rng.choice(REPORTS)}，暗号{marker}", marker)]


def complaint(marker: str) -> list[Message]:
    """A complaint told in seven messages."""
    texts = (f"{COMPLAINT[0]}，暗号{marker}", *COMPLAINT[1:])
    return [
        Message(f"message-{marker}-{n}", s, marker if n == 0 else None) for n, s in enumerate(texts)
    ]


@dataclass
class Watch:
    """What has happened so far, for choosing the moment of a kill."""

    posted: int = 0
    accepted: int = 0
    told: int = 0


@dataclass
class WebCitizen:
    """A browser with a session; says one thing after the other, each until it is taken."""

    name: str
    client: httpx.AsyncClient
    watch: Watch
    rng: random.Random
    said: list[Message] = field(default_factory=list)

    async def enter(self) -> None:
        """Open the page; the cookie is the session."""
        await self._insist("GET", "/", 200)

    async def say(self, message: Message) -> None:
        await asyncio.sleep(self.rng.uniform(0, 0.3))
        self.said.append(message)
        self.watch.posted += 1
        body = {"client_id": message.client_id, "text": message.text}
        await self._insist("POST", "/api/chat/messages", 202, json=body)
        self.watch.accepted += 1

    async def sees(self) -> list[dict[str, Any]]:
        """The conversation as the page shows it."""
        response = await self._insist("GET", "/api/chat/history", 200)
        messages: list[dict[str, Any]] = response.json()["messages"]
        return messages

    async def _insist(self, method: str, path: str, status: int, **more: Any) -> httpx.Response:
        while True:
            try:
                response = await self.client.request(method, path, timeout=10, **more)
            except httpx.TransportError:
                await asyncio.sleep(PAUSE)
                continue
            assert response.status_code == status, response.text
            return response


@dataclass
class TelegramCitizen:
    """A person on Telegram; what is said waits at Telegram until the bot asks for it."""

    user_id: int
    api: TelegramApi
    watch: Watch
    rng: random.Random
    said: list[Message] = field(default_factory=list)

    async def say(self, message: Message) -> None:
        await asyncio.sleep(self.rng.uniform(0, 0.3))
        self.said.append(message)
        self.api.sim.text(self.user_id, message.text)
        self.watch.told += 1

    def sees(self) -> list[dict[str, Any]]:
        """The bot's messages in this chat."""
        return self.api.view.messages(self.user_id)


Citizen = WebCitizen | TelegramCitizen
