"""How the bot behaves in a group: silent, unless spoken to or a known rumour is passed on.

It never opens a matter there, and keeps nothing of what people write. Administrators of the group
silence it with /quiet, which ends broadcasts to the group as well, and let it speak with /speak.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from aiogram import Bot
from aiogram.types import ReplyParameters

from bot.channels import Update
from bot.channels.telegram.arrivals import NAME
from bot.channels.telegram.errors import CALL_ERRORS, brief
from bot.channels.telegram.groups import GROUPS, written_by_admin
from bot.channels.telegram.pacing import Pacing
from bot.db.engine import Database
from bot.db.knowledge_tables import group_manners
from bot.db.statements import insert_into
from handlers.campaigns import groups
from handlers.campaigns.groups import Group
from handlers.knowledge.answering import told
from handlers.knowledge.reviewing import taught
from handlers.services import Services

log = structlog.get_logger()
NEAR_CERTAIN = 0.98
"""Score from which a passed-on text is taken for a known rumour unasked. None of the questions of
nlu/evaluation/knowledge/no_item.yml reaches it (tests/unit/nlu/test_retrieval.py)."""
SILENCE = {"/quiet": True, "/speak": False}


@dataclass
class Manners:
    """Takes the messages of groups."""

    bot: Bot
    database: Database
    services: Services
    pacing: Pacing

    async def take(self, update: Update) -> bool:
        """Whether this came from a group; then all there was to do has been done."""
        message = update.payload.get("message")
        if not isinstance(message, dict) or message.get("chat", {}).get("type") not in GROUPS:
            return False
        text = str(message.get("text") or message.get("caption") or "")
        answer = await self._answer(message, text)
        if answer:
            await self._say(message, answer)
        return True

    async def _answer(self, message: Mapping[str, Any], text: str) -> str | None:
        me = (await self.bot.me()).username or ""
        command = text.split(" ")[0].removesuffix(f"@{me}")
        if command in SILENCE:
            return await self._silence(message, quiet=SILENCE[command])
        if await self._quiet(message["chat"]["id"]):
            return None
        if message.get("forward_origin") or message.get("forward_date"):
            return await self._known(text, NEAR_CERTAIN, only_rumours=True)
        if not self._addressed(message, text, me):
            return None
        asked = text.replace(f"@{me}", "").strip()
        known = await self._known(asked, 0.5) if asked else None
        return known or self.services.phrases.text("ingroup.private", link=f"https://t.me/{me}")

    def _addressed(self, message: Mapping[str, Any], text: str, me: str) -> bool:
        answered = (message.get("reply_to_message") or {}).get("from", {})
        command = text.startswith("/") and text.split(" ")[0].endswith(f"@{me}")
        return f"@{me}" in text or command or answered.get("username") == me

    async def _known(self, text: str, score: float, *, only_rumours: bool = False) -> str | None:
        """The live item the text is about; None where that is less certain than `score`."""
        found = self.services.finder.find(text)
        if found is None or found.score < score:
            return None
        async with self.services.unit_of_work() as work:
            items = await taught(self.services, work, self.services.clock.now().date())
        item = items.get(found.key)
        if item is None or (only_rumours and item.kind != "rumour"):
            return None
        return told(item, self.services.phrases)

    async def _silence(self, message: Mapping[str, Any], *, quiet: bool) -> str | None:
        chat, person = message["chat"]["id"], message.get("from", {}).get("id")
        if person is None or not await written_by_admin(self.bot, message):
            return self.services.phrases.text("ingroup.not_admin")
        row = {"chat_id": chat, "quiet": quiet, "by": person, "at": self.services.clock.now()}
        async with self.database.write() as connection:
            insert = insert_into(connection.dialect.name, group_manners).values(row)
            kept = insert.on_conflict_do_update(index_elements=["chat_id"], set_=row)
            await connection.execute(kept)
        if quiet:
            await groups.end(self.services, Group(NAME, str(chat)), person, "quiet")
        return self.services.phrases.text("ingroup.silenced" if quiet else "ingroup.speaking")

    async def _quiet(self, chat: int) -> bool:
        c = group_manners.c
        async with self.database.read() as connection:
            return bool(await connection.scalar(sa.select(c.quiet).where(c.chat_id == chat)))

    async def _say(self, message: Mapping[str, Any], text: str) -> None:
        chat = message["chat"]["id"]
        await self.pacing.wait(str(chat))
        to = ReplyParameters(message_id=message["message_id"], allow_sending_without_reply=True)
        try:
            await self.bot.send_message(chat, text, reply_parameters=to, parse_mode=None)
        except CALL_ERRORS as error:
            log.info("telegram_group_unanswered", error=brief(error, self.bot.token))
