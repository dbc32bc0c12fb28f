"""Telegram behind our own durable intake: an update is a committed row before Telegram hears so.

aiogram is imported with this package and nowhere else: it takes seconds and much memory. It does
types, filters, methods and errors; what is said is decided in `handlers`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from fastapi import APIRouter

from bot.channels.telegram import webhook
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.citizens import TelegramCitizens
from bot.channels.telegram.commands import Introduction
from bot.channels.telegram.files import Files
from bot.channels.telegram.groups import GroupDesk
from bot.channels.telegram.manners import Manners
from bot.channels.telegram.pacing import Pacing, overall_limit
from bot.channels.telegram.polling import Poller
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.staff_buttons import StaffDesk
from bot.channels.telegram.staff_cards import Cards
from bot.intake import Intake
from bot.media import MediaStore
from handlers.errors import ShianError
from handlers.services import Services

REQUEST_TIMEOUT = 30.0  # seconds; after that nobody knows whether Telegram took a message


@dataclass(frozen=True)
class Telegram:
    """One bot. With a webhook URL updates come by `webhook_router`, without one by `poll`."""

    bot: Bot
    intake: Intake
    channel: TelegramChannel
    introduction: Introduction
    pacing: Pacing

    def open_office(
        self,
        services: Services,
        refusal: Callable[[ShianError], str],
        console: str,
        acted: Callable[[], None],
    ) -> Cards:
        """Let units work in their groups; gives the loop that keeps their cards."""
        database = self.intake.database
        self.channel.staff = StaffDesk(self.bot, database, services, refusal, acted)
        self.channel.groups = GroupDesk(self.bot, services, self.pacing)
        self.channel.manners = Manners(self.bot, database, services, self.pacing)
        return Cards(self.bot, self.pacing, database, services, console)

    async def prepare(self) -> None:
        """Tell Telegram how updates reach us, and what the bot is called and can do.

        Raises aiogram's TelegramUnauthorizedError (or TelegramNotFound) when the token is wrong.
        Telegram out of reach is logged, for the poller goes on trying; with a webhook it raises
        TelegramNetworkError or TelegramServerError. What waits at Telegram is never dropped.
        """
        await self.introduction.run()

    async def poll(self, stop: asyncio.Event) -> None:
        """Fetch updates until told to stop; survives every refusal and outage of Telegram."""
        await Poller(self.bot, self.intake).run(stop)

    def webhook_router(self, secret: str) -> APIRouter:
        """POST /telegram/webhook for FastAPI; raises ValueError for a secret Telegram refuses."""
        return webhook.webhook_router(self.intake, secret)

    async def close(self) -> None:
        """End the connections to Telegram."""
        await self.bot.session.close()


def create_telegram(
    token: str,
    api: str,
    intake: Intake,
    media: MediaStore,
    *,
    webhook_url: str = "",
    webhook_secret: str = "",
    rate: float = 30.0,
    pictures: Path = Path(),
) -> Telegram:
    """The Telegram channel; nothing is connected yet.

    `api` is the base URL of the Bot API (https://api.telegram.org or a local server).
    `rate` is what Telegram allows the bot in messages per second. `webhook_url` is where Telegram reaches us from outside: the site, or the whole address.
    Raises aiogram's TokenValidationError for what is no token.
    """
    server = TelegramAPIServer.from_base(api)
    bot = Bot(token, AiohttpSession(api=server, timeout=REQUEST_TIMEOUT))
    citizens = TelegramCitizens(intake.database)
    reader = Reader(bot, Files(bot, media), citizens)
    pacing = Pacing(overall_limit(rate))
    channel = TelegramChannel(bot, reader, pacing, pictures)
    introduction = Introduction(bot, webhook_url, webhook_secret)
    return Telegram(bot, intake, channel, introduction, pacing)
