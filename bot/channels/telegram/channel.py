"""Telegram as a channel: turns in, replies out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramMigrateToChat
from aiogram.types import FSInputFile, InlineKeyboardMarkup, LinkPreviewOptions, Message

from bot.channels import Sent, Update
from bot.channels.telegram.arrivals import NAME
from bot.channels.telegram.errors import CALL_ERRORS, outcome_of
from bot.channels.telegram.groups import GroupDesk
from bot.channels.telegram.keyboards import UnusableButton, inline_keyboard
from bot.channels.telegram.manners import Manners
from bot.channels.telegram.pacing import Pacing
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.splitting import split
from bot.channels.telegram.staff_buttons import StaffDesk
from handlers.campaigns.groups import for_group
from handlers.messages import Incoming, Reply

log = structlog.get_logger()
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)
AGAIN = ("retry", "unknown")


class TelegramChannel:
    """See bot.channels.Channel."""

    name = NAME

    def __init__(self, bot: Bot, reader: Reader, pacing: Pacing, pictures: Path = Path()) -> None:
        self._pictures = pictures
        self._uploaded: dict[str, str] = {}  # picture → its id at Telegram
        self._bot, self._reader, self._pacing = bot, reader, pacing
        self.staff: StaffDesk | None = None
        self.groups: GroupDesk | None = None
        self.manners: Manners | None = None
        self._moved: dict[str, str] = {}
        self._begun: dict[int, int] = {}  # outbox row → pieces that have arrived

    async def read(self, updates: Sequence[Update]) -> Incoming | None:
        """One turn from an update, or from the parts of an album; None when it is no turn.

        Raises FileUnavailable when a file cannot be fetched now; then nothing is lost by trying
        again.
        """
        if self.staff is not None and await self.staff.take(updates[0]):
            return None
        if self.groups is not None and await self.groups.take(updates[0]):
            return None
        if self.manners is not None and await self.manners.take(updates[0]):
            return None
        return await self._reader.read(updates)

    async def send(self, address: str, reply: Reply, outbox_id: int) -> Sent:
        """Deliver one reply, in several messages when it is long; never raises for Telegram.

        A reply that broke off between two messages goes on where it stopped.
        """
        try:
            keyboard = inline_keyboard(reply.buttons)
        except UnusableButton as error:
            return self._ended(outbox_id, Sent("failed", error=str(error)))
        pieces = split(reply.text)
        sent = Sent("failed", error="nothing to say")
        for number in range(self._begun.get(outbox_id, 0), len(pieces)):
            last = number == len(pieces) - 1
            sent = await self._say(address, pieces[number], keyboard if last else None)
            if sent.state != "sent":
                break
            self._begun[outbox_id] = number + 1
        return self._ended(outbox_id, sent)

    async def push(self, address: str, reply: Reply, key: int) -> Sent:
        """Deliver one message of a broadcast: it waits behind every reply, and for a flood to pass."""
        reply = for_group(reply) if address.startswith("-") else reply
        try:
            keyboard = inline_keyboard(reply.buttons)
        except UnusableButton as error:
            return Sent("failed", error=str(error))
        await self._pacing.wait_in_line(address)
        sent = await self._call(address, reply.text, keyboard, reply.picture)
        if sent.state == "retry" and sent.retry_after and not address.startswith("-"):
            self._pacing.hold(sent.retry_after)
        return sent

    async def _call(
        self, chat: str, text: str, keyboard: InlineKeyboardMarkup | None, picture: str | None
    ) -> Sent:
        try:
            message = await self._message(chat, text, keyboard, picture)
        except TelegramMigrateToChat as error:
            to = str(error.migrate_to_chat_id)
            if self.groups is not None and not await self.groups.moved(chat, to):
                return Sent("skipped", error="moved")  # the new one is in the ledger by itself
            return await self._call(to, text, keyboard, picture)
        except CALL_ERRORS as error:
            return outcome_of(error, self._bot.token)
        if picture is not None and message.photo:
            self._uploaded[picture] = message.photo[-1].file_id
        return Sent("sent", external_id=str(message.message_id))

    async def _message(
        self, chat: str, text: str, keyboard: InlineKeyboardMarkup | None, picture: str | None
    ) -> Message:
        if picture is None:
            return await self._bot.send_message(
                chat, text, reply_markup=keyboard, parse_mode=None, link_preview_options=NO_PREVIEW
            )
        photo = self._uploaded.get(picture) or FSInputFile(self._pictures / picture)
        return await self._bot.send_photo(
            chat, photo, caption=text, reply_markup=keyboard, parse_mode=None
        )

    async def _say(self, address: str, text: str, keyboard: InlineKeyboardMarkup | None) -> Sent:
        chat = self._moved.get(address, address)
        await self._pacing.wait(chat)
        try:
            message = await self._bot.send_message(
                chat, text, reply_markup=keyboard, parse_mode=None, link_preview_options=NO_PREVIEW
            )
        except TelegramMigrateToChat as error:
            log.info("telegram_chat_moved", chat=chat, to=error.migrate_to_chat_id)
            self._moved[address] = str(error.migrate_to_chat_id)
            return await self._say(address, text, keyboard)
        except CALL_ERRORS as error:
            return outcome_of(error, self._bot.token)
        return Sent("sent", external_id=str(message.message_id))

    def _ended(self, outbox_id: int, sent: Sent) -> Sent:
        if sent.state not in AGAIN:
            self._begun.pop(outbox_id, None)
        if sent.state == "failed":
            log.error("telegram_send_failed", row=outbox_id, error=sent.error)
        return sent
