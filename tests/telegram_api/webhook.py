"""Delivery of updates to the bot's webhook.

Updates of one chat arrive in order, different chats up to ``max_connections`` at a time (with
1: all strictly in order). Anything but 2xx is repeated after a growing pause.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from aiohttp import (
    ClientError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    MultipartReader,
)

from .faults import AFTER, Fault
from .state import BotState
from .updates import Entry
from .wire import Parameters, read_parts

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # a header's name
ONE_LANE = 0
Execute = Callable[[BotState, str, Parameters], Awaitable[object]]


@dataclass(slots=True, frozen=True)
class Retry:
    """Pauses between attempts, in seconds; ``attempts`` None means until it succeeds."""

    first: float = 0.05
    longest: float = 1.0
    attempts: int | None = None
    timeout: float = 60.0


class WebhookSender:
    """Delivers the updates of one bot for as long as its webhook stands."""

    def __init__(self, bot: BotState, http: ClientSession, retry: Retry, execute: Execute) -> None:
        self._bot = bot
        self._hook = bot.webhook
        self._http = http
        self._retry = retry
        self._execute = execute
        self._slots = asyncio.Semaphore(self._hook.max_connections)
        self._lanes: dict[int, deque[Entry]] = {}
        self._tasks: set[asyncio.Task[None]] = set()

    def start(self) -> None:
        """Takes up all that waits and whatever comes."""
        for entry in self._bot.updates.waiting():
            self._take(entry)
        self._bot.updates.on_push = self._take

    async def stop(self) -> None:
        """Stops at once; undelivered updates keep waiting."""
        if self._bot.updates.on_push == self._take:
            self._bot.updates.on_push = None
        for lane in self._lanes.values():
            lane.clear()
        # A bot may remove its webhook in the answer to one: that delivery must finish.
        others = self._tasks - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _take(self, entry: Entry) -> None:
        key = entry.lane if self._hook.max_connections > 1 else ONE_LANE
        lane = self._lanes.get(key)
        if lane is not None:
            lane.append(entry)
            return
        self._lanes[key] = deque([entry])
        task = asyncio.create_task(self._drain(key))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _drain(self, key: int) -> None:
        lane = self._lanes[key]
        while lane:
            await self._deliver(lane.popleft())
        del self._lanes[key]

    async def _deliver(self, entry: Entry) -> None:
        pause, attempts = self._retry.first, 0
        while attempts != self._retry.attempts:
            async with self._slots:
                error = await self._attempt(entry)
            if error is None:
                break
            self._hook.last_error, self._hook.last_error_at = error, int(time.time())
            attempts += 1
            await asyncio.sleep(pause)
            pause = min(pause * 2, self._retry.longest)
        self._bot.updates.done(entry)

    async def _attempt(self, entry: Entry) -> str | None:
        """One request; returns what went wrong."""
        fault = self._bot.faults.take("webhook", str(entry.lane))
        if fault is not None:
            self._bot.faults.record(fault, "webhook", str(entry.lane), ())
            if fault.kind not in AFTER:
                return "Connection reset by peer"
        error = await self._post(entry)
        return await _outcome(fault, error)

    async def _post(self, entry: Entry) -> str | None:
        entry.handed_out += 1
        headers = {SECRET_HEADER: self._hook.secret} if self._hook.secret else {}
        timeout = ClientTimeout(total=self._retry.timeout)
        try:
            async with self._http.post(
                self._hook.url, json=entry.body, headers=headers, timeout=timeout
            ) as answer:
                if 200 <= answer.status < 300:
                    await self._obey(answer)
                    return None
                return f"Wrong response from the webhook: {answer.status} {answer.reason}"
        except TimeoutError:
            return "Read timeout expired"
        except ClientError as error:
            return f"Connection failed: {type(error).__name__}"

    async def _obey(self, answer: ClientResponse) -> None:
        """A bot may put one method call into its answer; it never learns the result."""
        parameters = Parameters()
        if answer.content_type == "application/json":
            body = await answer.json()
            parameters.values.update(body if isinstance(body, dict) else {})
        elif answer.content_type.startswith("multipart/"):
            await read_parts(MultipartReader.from_response(answer), parameters)
        name = parameters.values.pop("method", None)
        if name:
            await self._execute(self._bot, str(name), parameters)


async def _outcome(fault: Fault | None, error: str | None) -> str | None:
    """``slow`` holds the 2xx back, the other after-faults lose it."""
    if fault is None:
        return error
    if fault.kind == "slow":
        await asyncio.sleep(fault.delay)
        return error
    return error or "Read timeout expired"
