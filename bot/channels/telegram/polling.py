"""Our own long poll: ask, store and commit, and only then confirm by asking for what follows.

aiogram's polling confirms what is still being handled; a kill loses it. Here the offset needs no
storage: what was not confirmed comes again, and the inbox drops what it already has.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable
from dataclasses import dataclass
from typing import Any, TypeVar

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    TelegramConflictError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramUnauthorizedError,
)
from aiogram.methods import TelegramMethod
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.telegram.arrivals import ALLOWED_UPDATES, arrival
from bot.channels.telegram.errors import CALL_ERRORS, brief
from bot.intake import Intake

T = TypeVar("T")
log = structlog.get_logger()
WAIT = 25  # seconds Telegram holds an empty answer back
GRACE = 10  # seconds more before we take the connection for dead
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 30.0  # seconds after a failure, doubling
TOKEN_PAUSE = 60.0  # seconds after a refused token
EXPECTED = (*CALL_ERRORS, SQLAlchemyError, OSError)


class GetRawUpdates(TelegramMethod[list[dict[str, Any]]]):
    """getUpdates with the updates as they came: one that aiogram cannot read must not stop all."""

    __returning__ = list[dict[str, Any]]
    __api_method__ = "getUpdates"

    offset: int | None = None
    timeout: int | None = None
    allowed_updates: list[str] | None = None


@dataclass
class Poller:
    """One poller per bot; a second one makes Telegram answer 409 to both."""

    bot: Bot
    intake: Intake
    first_pause: float = FIRST_PAUSE
    longest_pause: float = LONGEST_PAUSE

    async def run(self, stop: asyncio.Event) -> None:
        """Fetch and store until told to stop."""
        offset: int | None = None
        failures = 0
        while not stop.is_set():
            try:
                updates = await _unless(stop, self._ask(offset))
                if updates is None:
                    return
                await self.intake.accept([arrival(update) for update in updates])
            except EXPECTED as error:
                failures += 1
                await self._recover(error, failures, stop)
                continue
            failures = 0
            offset = _after(updates)

    async def _ask(self, offset: int | None) -> list[dict[str, Any]]:
        ask = GetRawUpdates(offset=offset, timeout=WAIT, allowed_updates=ALLOWED_UPDATES)
        return await self.bot(ask, request_timeout=WAIT + GRACE)

    async def _recover(self, error: Exception, failures: int, stop: asyncio.Event) -> None:
        pause = self._pause(error, failures)
        log.warning(
            "telegram_poll_failed",
            error=brief(error, self.bot.token),
            failures=failures,
            pause=round(pause, 1),
        )
        if isinstance(error, TelegramConflictError) and "webhook" in error.message:
            await self._take_over()
        await _unless(stop, asyncio.sleep(pause))

    def _pause(self, error: Exception, failures: int) -> float:
        if isinstance(error, TelegramRetryAfter):
            return float(error.retry_after)
        if isinstance(error, TelegramUnauthorizedError | TelegramNotFound):
            return TOKEN_PAUSE
        doubled = self.first_pause * 2.0 ** min(failures - 1, 10)
        return min(self.longest_pause, doubled) * random.uniform(0.8, 1.2)  # noqa: S311 (spreads retries)

    async def _take_over(self) -> None:
        """A webhook left from before stands in the way; what waits stays."""
        try:
            await self.bot.delete_webhook(drop_pending_updates=False)
            log.info("telegram_webhook_removed")
        except CALL_ERRORS as error:
            log.warning("telegram_webhook_stays", error=brief(error, self.bot.token))


def _after(updates: list[dict[str, Any]]) -> int | None:
    """The offset that confirms `updates`.

    None after an empty answer: all before is confirmed then, and after a quiet week Telegram
    starts at a random id, which may be lower than an offset we held on to.
    """
    return max(update["update_id"] for update in updates) + 1 if updates else None


async def _unless(stop: asyncio.Event, doing: Awaitable[T]) -> T | None:
    """The result, or None when told to stop before."""
    task = asyncio.ensure_future(doing)
    stopped = asyncio.ensure_future(stop.wait())
    try:
        await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        task.cancel()
        stopped.cancel()
        await asyncio.gather(task, stopped, return_exceptions=True)
