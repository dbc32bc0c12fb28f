"""How the bot introduces itself to Telegram: where updates go, its menu and its description."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import BotCommand

from bot.channels.telegram.arrivals import ALLOWED_UPDATES
from bot.channels.telegram.errors import CALL_ERRORS, brief
from bot.channels.telegram.webhook import PATH, checked_secret

log = structlog.get_logger()
PAUSES = (0.5, 2.0)  # seconds between tries
TIMEOUT = 10  # seconds for each try
LONGEST_FLOOD = 60  # seconds
UNREACHABLE = (TelegramNetworkError, TelegramServerError, TelegramRetryAfter, ClientDecodeError)
COMMANDS = {"start": "开始", "help": "帮助", "status": "查进度", "cancel": "取消"}
DESCRIPTION = (
    "食品安全投诉举报小助手：登记投诉、举报，查进度，问办事流程。直接用自己的话说就行，"
    "也可以发照片、语音、位置。\n"
    "这里是登记和转办，不等于已向市场监管部门正式提出投诉举报；正式渠道是12315。"
    "有人昏迷、呼吸困难或多人不适，请先拨打120。"
)
SHORT_DESCRIPTION = "食品安全投诉举报登记、查进度、问流程。急病请先拨打120。"


@dataclass(frozen=True)
class Introduction:
    """Sets everything that Telegram keeps about the bot."""

    bot: Bot
    webhook_url: str
    webhook_secret: str

    async def run(self) -> None:
        """The way of updates matters; menu and descriptions are best effort."""
        try:
            await self._insist(self._choose_way)
        except UNREACHABLE as error:
            if self.webhook_url:
                raise
            log.error("telegram_not_prepared", error=brief(error, self.bot.token))
            return  # the poller will find its own way once Telegram answers
        for call in (self._commands, self._description, self._short_description):
            try:
                await call()
            except CALL_ERRORS as error:
                log.warning("telegram_introduction_failed", error=brief(error, self.bot.token))

    async def _choose_way(self) -> None:
        if not self.webhook_url:
            await self.bot.delete_webhook(drop_pending_updates=False, request_timeout=TIMEOUT)
            return
        site = self.webhook_url.rstrip("/").removesuffix(PATH)
        await self.bot.set_webhook(
            site + PATH,
            secret_token=checked_secret(self.webhook_secret),
            allowed_updates=ALLOWED_UPDATES,
            drop_pending_updates=False,
            request_timeout=TIMEOUT,
        )

    async def _commands(self) -> None:
        menu = [BotCommand(command=name, description=text) for name, text in COMMANDS.items()]
        await self.bot.set_my_commands(menu, request_timeout=TIMEOUT)

    async def _description(self) -> None:
        await self.bot.set_my_description(DESCRIPTION, request_timeout=TIMEOUT)

    async def _short_description(self) -> None:
        await self.bot.set_my_short_description(SHORT_DESCRIPTION, request_timeout=TIMEOUT)

    async def _insist(self, call: Callable[[], Awaitable[None]]) -> None:
        """Try again while it is only the network, the server or the flood limit."""
        for pause in PAUSES:
            try:
                await call()
                return
            except UNREACHABLE as error:
                log.warning("telegram_unreachable", error=brief(error, self.bot.token))
                flood = error.retry_after if isinstance(error, TelegramRetryAfter) else 0
                await asyncio.sleep(min(flood, LONGEST_FLOOD) or pause)
        await call()
