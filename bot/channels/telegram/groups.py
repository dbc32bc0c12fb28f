"""Groups that get broadcasts: their administrators subscribe them and end it; all others are told so.

/subscribe and /unsubscribe, the topics' buttons, the way out under each broadcast, the bot put out
of a group, and a group that became a supergroup and has another id since.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from aiogram import Bot
from aiogram.types import ReplyParameters

from bot.channels import Update
from bot.channels.telegram.arrivals import NAME
from bot.channels.telegram.errors import CALL_ERRORS, brief
from bot.channels.telegram.keyboards import inline_keyboard
from bot.channels.telegram.pacing import Pacing
from handlers.campaigns import groups
from handlers.campaigns.groups import Group
from handlers.campaigns.subscribing import ALL
from handlers.messages import Button
from handlers.services import Services

log = structlog.get_logger()
GROUPS = ("group", "supergroup")
ADMINS = frozenset({"creator", "administrator"})
AWAY = frozenset({"left", "kicked"})
PRESSED = ("sub:on-", groups.WAY_OUT)
LONGEST_ANSWER = 190  # characters; Telegram shows 200 in an alert
COMMANDS = frozenset({"/subscribe", "/unsubscribe"})


async def is_admin(bot: Bot, chat: int, person: int | None) -> bool:
    """Whether a person is an administrator of the group now; False where Telegram does not say."""
    if person is None:
        return False
    try:
        member = await bot.get_chat_member(chat, person)
    except CALL_ERRORS as error:
        log.info("telegram_member_unknown", error=brief(error, bot.token))
        return False
    return member.status in ADMINS


async def written_by_admin(bot: Bot, message: Mapping[str, Any]) -> bool:
    """The same for who wrote a message; administrators may write in the name of the group itself."""
    chat = message["chat"]["id"]
    if (message.get("sender_chat") or {}).get("id") == chat:
        return True
    return await is_admin(bot, chat, (message.get("from") or {}).get("id"))


@dataclass
class GroupDesk:
    """Takes what concerns a group's subscription."""

    bot: Bot
    services: Services
    pacing: Pacing

    async def take(self, update: Update) -> bool:
        """Whether it concerned the subscription of a group; then it has been dealt with."""
        for kind, handle in (
            ("callback_query", self._pressed),
            ("my_chat_member", self._membership),
            ("message", self._message),
        ):
            content = update.payload.get(kind)
            if isinstance(content, dict):
                return await handle(content)
        return False

    async def moved(self, old: str, new: str) -> bool:
        """Follow a group to its new id; False where the new one is a subscriber of its own."""
        log.info("telegram_group_moved", chat=old, to=new)
        return await groups.moved(self.services, Group(NAME, old), new)

    async def _message(self, message: dict[str, Any]) -> bool:
        chat = message.get("chat", {})
        if chat.get("type") not in GROUPS:
            return False
        if isinstance(message.get("migrate_to_chat_id"), int):
            await self.moved(str(chat["id"]), str(message["migrate_to_chat_id"]))
            return True
        me = (await self.bot.me()).username or ""
        text = str(message.get("text") or "").strip()
        answered = ((message.get("reply_to_message") or {}).get("from") or {}).get("username") == me
        command = text.split(" ")[0].removesuffix(f"@{me}")
        command = "/unsubscribe" if answered and text == self._t("campaign.stop") else command
        if command not in COMMANDS:
            return False
        await self._commanded(message, command)
        return True

    async def _commanded(self, message: dict[str, Any], command: str) -> None:
        if not await written_by_admin(self.bot, message):
            await self._say(message, self._t("ingroup.sub_not_admin"))
            return
        group = Group(NAME, str(message["chat"]["id"]))
        if command == "/unsubscribe":
            by = (message.get("from") or {}).get("id")
            ended = await groups.end(self.services, group, by, "asked")
            await self._say(message, self._t(f"ingroup.{'un' if ended else 'not_'}subscribed"))
            return
        held = await groups.held(self.services, group)
        text = self._t("ingroup.subscribe")
        if held:
            text = f"{self._t('ingroup.subscribed', topics=self._named(held))}\n{text}"
        await self._say(message, text, self._topics())

    async def _pressed(self, query: dict[str, Any]) -> bool:
        """A topic, or the way out: both only by administrators; the others read why not."""
        message, data = query.get("message"), str(query.get("data", ""))
        chat = message.get("chat", {}) if isinstance(message, dict) else {}
        if chat.get("type") not in GROUPS or not data.startswith(PRESSED):
            return False
        told, person = self._t("ingroup.sub_not_admin"), query["from"]["id"]
        if await is_admin(self.bot, chat["id"], person):
            told = await self._chosen(Group(NAME, str(chat["id"])), person, data)
        try:
            await self.bot.answer_callback_query(
                query["id"], text=told[:LONGEST_ANSWER], show_alert=True
            )
        except CALL_ERRORS as error:
            log.info("telegram_courtesy_failed", error=brief(error, self.bot.token))
        return True

    async def _chosen(self, group: Group, person: int, data: str) -> str:
        if data.startswith(groups.WAY_OUT):
            campaign = data.removeprefix(groups.WAY_OUT).lstrip(":")
            ended = await groups.end(self.services, group, person, "button", campaign)
            return self._t(f"ingroup.{'un' if ended else 'not_'}subscribed")
        topics = await groups.subscribe(self.services, group, person, data.partition("-")[2])
        if not topics:
            return self._t("bad.old_button")
        return self._t("ingroup.subscribed", topics=self._named(topics))

    async def _membership(self, change: dict[str, Any]) -> bool:
        """The bot was put out of a group, or the group let it go."""
        chat, now = change.get("chat", {}), change.get("new_chat_member", {})
        if chat.get("type") not in GROUPS:
            return False
        if now.get("status") in AWAY:
            await groups.end(self.services, Group(NAME, str(chat["id"])), None, "removed")
        return True

    def _topics(self) -> list[Button]:
        known = self.services.subscriptions.topics
        buttons = [Button(name, f"sub:on-{key}") for key, name in known.items()]
        return [*buttons, Button(self._t("subscribe.all"), f"sub:on-{ALL}")]

    def _named(self, topics: frozenset[str]) -> str:
        known = self.services.subscriptions.topics
        return "、".join(name for key, name in known.items() if key in topics)

    async def _say(
        self, message: Mapping[str, Any], text: str, buttons: list[Button] | None = None
    ) -> None:
        chat = message["chat"]["id"]
        await self.pacing.wait(str(chat))
        to = ReplyParameters(message_id=message["message_id"], allow_sending_without_reply=True)
        try:
            await self.bot.send_message(
                chat,
                text,
                reply_parameters=to,
                reply_markup=inline_keyboard(buttons or ()),
                parse_mode=None,
            )
        except CALL_ERRORS as error:
            log.info("telegram_group_unanswered", error=brief(error, self.bot.token))

    def _t(self, key: str, **values: object) -> str:
        return self.services.phrases.text(key, "zh-Hans", **values)
