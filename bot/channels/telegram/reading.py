"""Updates as turns: aiogram's router tells the kinds apart, what a turn holds is read here."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import structlog
from aiogram import Bot, Dispatcher, F
from aiogram.dispatcher.event.bases import UNHANDLED
from aiogram.enums import ChatType, ContentType
from aiogram.filters import KICKED, MEMBER, ChatMemberUpdatedFilter
from aiogram.types import CallbackQuery, ChatMemberUpdated, Message, User
from aiogram.types import Update as TelegramUpdate

from bot.channels import Update
from bot.channels.telegram.arrivals import ALLOWED_UPDATES, NAME
from bot.channels.telegram.citizens import TelegramCitizens
from bot.channels.telegram.errors import CALL_ERRORS, brief
from bot.channels.telegram.files import Files
from handlers.messages import Incoming, Location

log = structlog.get_logger()
COURTESY = 5  # seconds a best-effort call may take; the turn waits for it
TRADITIONAL = ("zh-hant", "zh-tw", "zh-hk", "zh-mo")
SPOKEN = frozenset(
    {
        *(ContentType.TEXT, ContentType.PHOTO, ContentType.LIVE_PHOTO, ContentType.PAID_MEDIA),
        *(ContentType.VOICE, ContentType.AUDIO, ContentType.VIDEO, ContentType.VIDEO_NOTE),
        *(ContentType.ANIMATION, ContentType.DOCUMENT, ContentType.STICKER, ContentType.STORY),
        *(ContentType.LOCATION, ContentType.VENUE, ContentType.CONTACT, ContentType.CHECKLIST),
        *(ContentType.POLL, ContentType.DICE, ContentType.GAME, ContentType.GIVEAWAY),
        *(ContentType.RICH_MESSAGE, ContentType.UNKNOWN),
    }
)
"""What a citizen sends, and what Telegram may add one day. All else only reports a change."""


class Reader:
    """Reads the updates of private chats; groups get no answer."""

    def __init__(self, bot: Bot, files: Files, citizens: TelegramCitizens) -> None:
        self._bot, self._files, self._citizens = bot, files, citizens
        self._kinds = kinds = Dispatcher(disable_fsm=True, name=NAME)
        private = F.chat.type == ChatType.PRIVATE
        kinds.message.register(self._message, private, F.content_type.in_(SPOKEN))
        kinds.edited_message.register(self._edited, private)
        kinds.callback_query.register(self._pressed, F.message.chat.type == ChatType.PRIVATE)
        kinds.my_chat_member.register(self._blocked, private, ChatMemberUpdatedFilter(KICKED))
        kinds.my_chat_member.register(self._unblocked, private, ChatMemberUpdatedFilter(MEMBER))

    async def read(self, updates: Sequence[Update]) -> Incoming | None:
        """One turn of one update, or of an album's; raises FileUnavailable, ValidationError."""
        payloads = [u.payload for u in updates if _readable(u)]
        if not payloads:
            return None
        parsed = [TelegramUpdate.model_validate(p, context={"bot": self._bot}) for p in payloads]
        messages = [update.message for update in parsed if update.message]
        turn: Incoming | None = await self._kinds.feed_update(
            self._bot, parsed[0], rows=updates, messages=messages
        )
        return None if turn is UNHANDLED else turn

    async def _message(
        self, message: Message, rows: Sequence[Update], messages: Sequence[Message]
    ) -> Incoming:
        return await self._turn(rows, messages, message.from_user)

    async def _edited(self, message: Message, rows: Sequence[Update]) -> Incoming | None:
        if message.location:
            return None  # a live location moves on every few seconds
        return await self._turn(rows, [message], message.from_user, edited=True)

    async def _pressed(self, query: CallbackQuery, rows: Sequence[Update]) -> Incoming | None:
        await self._acknowledge(query)
        if not query.data:
            return None
        return Incoming(
            channel=NAME,
            external_id=rows[0].external_id,
            sender=rows[0].sender,
            button=query.data,
            at=rows[0].received_at,
            locale=await self._locale(rows[0].sender, query.from_user),
            inbox_ids=tuple(row.id for row in rows),
        )

    async def _blocked(self, event: ChatMemberUpdated) -> None:
        await self._citizens.set_reachable(str(event.chat.id), False)

    async def _unblocked(self, event: ChatMemberUpdated) -> None:
        await self._citizens.set_reachable(str(event.chat.id), True)

    async def _turn(
        self,
        rows: Sequence[Update],
        messages: Sequence[Message],
        author: User | None,
        edited: bool = False,
    ) -> Incoming:
        sender = rows[0].sender
        attachments, refused = await self._files.take(sender, messages)
        return Incoming(
            channel=NAME,
            external_id=rows[0].external_id,
            sender=sender,
            text="\n".join(filter(None, map(_words, messages))),
            attachments=attachments,
            location=_place(messages[0]),
            at=rows[0].received_at,
            edited=edited,
            message_key=_editable(messages),
            locale=await self._locale(sender, author),
            refused=refused,
            inbox_ids=tuple(row.id for row in rows),
        )

    async def _locale(self, sender: str, author: User | None) -> str | None:
        """The script of somebody new; who is known may have chosen another since."""
        known = await self._citizens.heard_from(sender)
        code = (author.language_code or "").lower() if author else ""
        return "zh-Hant" if not known and code.startswith(TRADITIONAL) else None

    async def _acknowledge(self, query: CallbackQuery) -> None:
        """Stop the button's spinner and take the pressed keyboard away, if Telegram lets us."""
        calls = [self._bot.answer_callback_query(query.id, request_timeout=COURTESY)]
        if isinstance(query.message, Message):
            chat_id, message_id = query.message.chat.id, query.message.message_id
            calls.append(self._bare(chat_id, message_id))
        for result in await asyncio.gather(*calls, return_exceptions=True):
            if isinstance(result, CALL_ERRORS):
                log.info("telegram_courtesy_failed", error=brief(result, self._bot.token))
            elif isinstance(result, BaseException):
                raise result

    async def _bare(self, chat_id: int, message_id: int) -> bool:
        await self._bot.edit_message_reply_markup(
            chat_id=chat_id, message_id=message_id, reply_markup=None, request_timeout=COURTESY
        )
        return True


def _readable(update: Update) -> bool:
    """Not a kind we did not ask for, and not a row emptied because consent was refused."""
    return any(kind in update.payload for kind in ALLOWED_UPDATES)


def _words(message: Message) -> str:
    phone = message.contact.phone_number if message.contact else None
    return message.text or message.caption or phone or ""


def _place(message: Message) -> Location | None:
    place = message.venue.location if message.venue else message.location
    return Location(place.latitude, place.longitude) if place else None


def _editable(messages: Sequence[Message]) -> str:
    """The key of the message whose words may be edited later: in an album, that with a caption."""
    message = next((m for m in messages if _words(m)), messages[0])
    return str(message.message_id)
