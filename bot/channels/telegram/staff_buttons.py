"""What staff do on Telegram: link an account or a group, press a card's buttons, answer its prompts.

Nothing here remembers anything: a button carries ticket and version, and so does the prompt an
officer replies to. Who may do it is checked by the act itself, against the linked account.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from aiogram import Bot
from aiogram.types import (
    ForceReply,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    MessageEntity,
    User,
)

from bot.channels import Update
from bot.channels.telegram.errors import CALL_ERRORS
from bot.db import card_rows
from bot.db.card_rows import Group
from bot.db.engine import Database
from handlers.errors import ShianError
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import actions, closing, dispatching

_ACTS = "claim|reply|resolve|transfer"
_PRESSED = re.compile(rf"case:({_ACTS}):(SA\d{{8}}-\d+):(\d{{1,9}})(?::(\w+))?", re.ASCII)
# At the very start of a message of ours: what citizens wrote stands on cards too, but never there.
_PROMPT = re.compile(rf"【({_ACTS}) (SA\d{{8}}-\d+) (\d{{1,9}})(?: (\w+))?】", re.ASCII)
GROUPS = ("group", "supergroup")


@dataclass(frozen=True)
class Prompt:
    """What an officer was asked for: an act, the ticket and its version, perhaps a unit."""

    act: str
    number: str
    version: int
    unit: str = ""

    def mark(self) -> str:
        """As it stands in the prompt's text."""
        return f"【{self.act} {self.number} {self.version}{self.unit and ' ' + self.unit}】"


Do = Callable[[Services, Staff, Prompt, str], Awaitable[object]]
DOES: Mapping[str, Do] = {
    "reply": lambda s, who, p, text: actions.reply(s, who, p.number, text, p.version),
    "resolve": lambda s, who, p, text: closing.resolve(s, who, p.number, text, p.version),
    "transfer": lambda s, who, p, text: dispatching.transfer(
        s, who, p.number, p.unit, text, p.version
    ),
}


@dataclass
class StaffDesk:
    """Takes the updates that come from staff."""

    bot: Bot
    database: Database
    services: Services
    refusal: Callable[[ShianError], str]
    acted: Callable[[], None]

    async def take(self, update: Update) -> bool:
        """Whether the update was one of staff; then it has been dealt with."""
        query, message = update.payload.get("callback_query"), update.payload.get("message")
        if isinstance(query, dict) and str(query.get("data", "")).startswith("case:"):
            await self._pressed(query)
            return True
        if not isinstance(message, dict) or not isinstance(message.get("text"), str):
            return False
        word = message["text"].split()
        command = word[0].split("@")[0] if word else ""
        if command in ("/staff", "/unit"):
            await (self._link if command == "/staff" else self._bind)(message, word[1:])
            return True
        return await self._answered(message)

    async def _link(self, message: dict[str, Any], words: list[str]) -> None:
        """/staff WORD in a private chat."""
        now, done = self.services.clock.now(), None
        if message["chat"]["type"] == "private" and words:
            async with self.database.write() as connection:
                done = await card_rows.spend_word(connection, words[0], "account", now)
                if done is not None:
                    person = message["from"]["id"]
                    await card_rows.link_account(connection, person, done.id, now)
        key = "group.linked" if done else "group.bad_word"
        await self._say(message, self._t(key, name=done.name if done else ""))

    async def _bind(self, message: dict[str, Any], words: list[str]) -> None:
        """/unit WORD in a group, or in a topic of one."""
        now, done = self.services.clock.now(), None
        if message["chat"]["type"] in GROUPS and words:
            async with self.database.write() as connection:
                done = await card_rows.spend_word(connection, words[0], "group", now)
                done = done if done is not None and done.role in card_rows.LEADERS else None
                if done is not None:
                    thread = message.get("message_thread_id")
                    group = Group(done.unit, message["chat"]["id"], thread, now)
                    await card_rows.link_group(connection, group, done.login)
        unit = self.services.jurisdiction.unit_name(done.unit) if done else ""
        await self._say(message, self._t("group.bound" if done else "group.bad_word", unit=unit))

    async def _pressed(self, query: dict[str, Any]) -> None:
        """A button of a card: claim at once, ask for words or for a unit first."""
        found = _PRESSED.fullmatch(str(query["data"]))
        who = await self._who(query["from"]["id"])
        told = self._t("group.not_linked" if who is None else "group.too_old")
        if who is not None and found is not None:
            told = await self._press(query, who, _prompt(found))
        try:
            await self.bot.answer_callback_query(query["id"], text=told[:190], show_alert=True)
        except CALL_ERRORS:
            return  # too late to be answered; what was done stays done

    async def _press(self, query: dict[str, Any], who: Staff, prompt: Prompt) -> str:
        message = query.get("message")
        if prompt.act == "claim":
            claim = actions.claim(self.services, who, prompt.number, prompt.version)
            return await self._guarded(claim, "group.claimed")
        if not isinstance(message, dict):
            return self._t("group.too_old")
        if prompt.act == "transfer" and not prompt.unit:
            await self._say(message, self._t("group.which_unit"), self._units(prompt))
        elif prompt.act in DOES:
            await self._ask(message, query["from"], prompt)
        return self._t("group.see_below")

    async def _ask(self, message: dict[str, Any], person: dict[str, Any], prompt: Prompt) -> None:
        """Ask for words, opening the reply field of the one who pressed (by naming them) only."""
        mark, name = prompt.mark(), str(person.get("first_name") or "·")
        text = f"{mark}{name} {self._t(f'group.ask_{prompt.act}')}"
        named = MessageEntity(
            type="text_mention",
            offset=_units_of(mark),
            length=_units_of(name),
            user=User(id=person["id"], is_bot=False, first_name=name),
        )
        await self._say(message, text, ForceReply(selective=True), [named])

    async def _answered(self, message: dict[str, Any]) -> bool:
        """An officer's reply to one of our prompts."""
        asked = message.get("reply_to_message")
        if not isinstance(asked, dict) or asked.get("from", {}).get("id") != self.bot.id:
            return False
        found = _PROMPT.match(str(asked.get("text", "")))
        if found is None or found[1] not in DOES:
            return False
        prompt = _prompt(found)
        who = await self._who(message["from"]["id"])
        told = self._t("group.not_linked")
        if who is not None:
            doing = DOES[prompt.act](self.services, who, prompt, message["text"])
            told = await self._guarded(doing, "group.done")
        await self._say(message, told)
        return True

    async def _guarded(self, doing: Awaitable[object], done: str) -> str:
        try:
            await doing
        except ShianError as error:
            return self.refusal(error)
        self.acted()
        return self._t(done)

    async def _who(self, telegram_id: int) -> Staff | None:
        async with self.database.read() as connection:
            return await card_rows.staff_of(connection, telegram_id)

    async def _say(
        self,
        message: dict[str, Any],
        text: str,
        keyboard: Any = None,
        entities: list[MessageEntity] | None = None,
    ) -> None:
        thread = message.get("message_thread_id") if message.get("is_topic_message") else None
        try:
            await self.bot.send_message(
                message["chat"]["id"],
                text,
                message_thread_id=thread,
                reply_markup=keyboard,
                parse_mode=None,
                entities=entities,
            )
        except CALL_ERRORS:
            return  # courtesy; the card shows how things are

    def _units(self, prompt: Prompt) -> InlineKeyboardMarkup:
        units = [u for u in self.services.jurisdiction.units.values() if not u.collective]
        data = f"case:transfer:{prompt.number}:{prompt.version}"
        keys = [InlineKeyboardButton(text=u.name, callback_data=f"{data}:{u.id}") for u in units]
        rows = [keys[i : i + 2] for i in range(0, len(keys), 2)]
        return InlineKeyboardMarkup(inline_keyboard=rows)

    def _t(self, key: str, **values: object) -> str:
        return self.services.phrases.text(key, "zh-Hans", **values)


def _prompt(found: re.Match[str]) -> Prompt:
    return Prompt(found[1], found[2], int(found[3]), found[4] or "")


def _units_of(text: str) -> int:
    """Length as Telegram counts it: UTF-16 code units."""
    return len(text.encode("utf-16-le")) // 2
