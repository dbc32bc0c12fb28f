"""A unit's tickets as cards in its Telegram group: one message each, kept in step with the ticket.

Rows of `cards` are the truth. A card is noted as pending before it is sent. Where nobody knows
whether Telegram took it (a crash, an answer lost) it is sent again, so it may stand there twice;
an edit can be repeated without harm.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramMigrateToChat
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, LinkPreviewOptions

from bot.channels import Sent
from bot.channels.telegram.errors import CALL_ERRORS, outcome_of
from bot.channels.telegram.pacing import Pacing
from bot.clock import SHANGHAI
from bot.db import card_rows
from bot.db.card_rows import Group, Owed
from bot.db.engine import Database
from handlers.services import Services
from handlers.tickets import clocks
from handlers.tickets.ticket import Ticket

log = structlog.get_logger()
POLL = 3.0  # seconds between looks
SWEEP = 100  # looks between those that take in the cards of tickets that are over
LONGEST = 600  # characters of the story on a card
SHIELDED = 60  # of a report's
FIRST_PAUSE, LONGEST_PAUSE = 5, 3600  # seconds before a card is tried again; doubled each time
CHAT_WIDE: Mapping[str, int] = {"retry": 0, "blocked": 300}
"""Outcomes that concern the whole group, and the seconds for which it is left alone at least."""
NOTED: Mapping[str, str] = {"retry": "pending", "unknown": "unknown"}  # all else: failed
SETTLED = ("message is not modified", "message to edit not found", "message can't be edited")
"""Refusals of an edit after which there is nothing left to mend: people took the card away."""
NO_PREVIEW = LinkPreviewOptions(is_disabled=True)


@dataclass
class Cards:
    """Shows the tickets of units in their groups."""

    bot: Bot
    pacing: Pacing
    database: Database
    services: Services
    console: str = ""
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _held: dict[int, datetime] = field(default_factory=dict)  # chat → left alone until then
    _looks: int = 0

    async def run(self, stop: asyncio.Event) -> None:
        """Look for cards to send and to mend until told to stop."""
        self._stop = stop
        while not stop.is_set():
            await self.drain()
            try:
                await asyncio.wait_for(stop.wait(), POLL)
            except TimeoutError:
                continue

    async def drain(self) -> int:
        """Send and mend what may leave now, groups side by side; gives how many arrived."""
        async with self.database.read() as connection:
            known = await card_rows.groups(connection)
        states = ("shown",) if self._looks % SWEEP else ("shown", "ended")
        self._looks += 1
        async with asyncio.TaskGroup() as tasks:
            under_way = [tasks.create_task(self._group(group, states)) for group in known]
        return sum(task.result() for task in under_way)

    async def _group(self, group: Group, states: tuple[str, ...]) -> int:
        now = self.services.clock.now()
        async with self.database.read() as connection:
            owed = await card_rows.unsent(connection, group, now)
            owed += await card_rows.outdated(connection, group, now, states)
        arrived = 0
        for card in owed:
            if self._stop.is_set() or self._held.get(group.chat_id, now) > now:
                break
            arrived += await self._show(group, card)
        return arrived

    async def _show(self, group: Group, card: Owed) -> bool:
        """Send or mend one card and note how that went; whether Telegram took it."""
        await self.pacing.wait(str(group.chat_id))
        ticket = await self._ticket(card.number)
        try:
            message_id = await self._deliver(group, card.message_id, ticket)
        except TelegramMigrateToChat as error:
            await self._moved(group, error.migrate_to_chat_id)
            return False
        except CALL_ERRORS as error:
            await self._failed(ticket, group, card, outcome_of(error, self.bot.token))
            return False
        over = ticket.done or ticket.lead != group.unit
        shown = {"message_id": message_id, "shown_version": ticket.version}
        kept = {"state": "ended" if over else "shown", "attempts": 0, "not_before": None}
        await self._note(ticket, group, **shown, **kept)
        return True

    async def _deliver(self, group: Group, message_id: int | None, ticket: Ticket) -> int:
        text, keys = self.text(ticket, group.unit), self.buttons(ticket, group.unit)
        if message_id is not None:
            await self._mend(group, message_id, text, keys)
            return message_id
        await self._note(ticket, group, state="pending", message_id=None)
        sent = await self.bot.send_message(
            group.chat_id,
            text,
            message_thread_id=group.thread_id,
            reply_markup=keys,
            parse_mode=None,
            link_preview_options=NO_PREVIEW,
        )
        return sent.message_id

    async def _mend(
        self, group: Group, message_id: int, text: str, keys: InlineKeyboardMarkup | None
    ) -> None:
        try:
            await self.bot.edit_message_text(
                text,
                chat_id=group.chat_id,
                message_id=message_id,
                reply_markup=keys,
                parse_mode=None,
                link_preview_options=NO_PREVIEW,
            )
        except TelegramBadRequest as error:
            if not any(sign in str(error).lower() for sign in SETTLED):
                raise

    async def _failed(self, ticket: Ticket, group: Group, card: Owed, outcome: Sent) -> None:
        """Note the outcome and when to try again; a whole group waits as long as Telegram says."""
        log.warning("card_not_shown", ticket=ticket.number, unit=group.unit, error=outcome.error)
        pause = min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** min(card.attempts, 10))
        pause = max(pause, outcome.retry_after, CHAT_WIDE.get(outcome.state, 0))
        again = self.services.clock.now() + timedelta(seconds=pause)
        if outcome.state in CHAT_WIDE:
            self._held[group.chat_id] = again
        tried: dict[str, object] = {"attempts": card.attempts + 1, "not_before": again}
        if card.message_id is None:
            tried["state"] = NOTED.get(outcome.state, "failed")
        await self._note(ticket, group, **tried)

    async def _moved(self, group: Group, chat_id: int) -> None:
        log.info("unit_group_moved", unit=group.unit, to=chat_id)
        async with self.database.write() as connection:
            await card_rows.move_group(connection, group.chat_id, chat_id)

    async def _ticket(self, number: str) -> Ticket:
        async with self.services.unit_of_work() as work:
            return await work.tickets.get(number)

    async def _note(self, ticket: Ticket, group: Group, **shown: object) -> None:
        assert ticket.id is not None
        async with self.database.write() as connection:
            await card_rows.note_card(connection, ticket.id, group, **shown)

    def text(self, ticket: Ticket, unit: str) -> str:
        """What a card says to a unit; after a transfer only where the ticket went."""
        phrases, place = self.services.phrases, self.services.jurisdiction
        state, kind = phrases.text(f"state.{ticket.state}"), phrases.text(f"kind.{ticket.kind}")
        head = phrases.text("group.head", number=ticket.number, kind=kind, state=state)
        if ticket.lead != unit:
            return "\n".join([head, phrases.text("group.gone", unit=place.unit_name(ticket.lead))])
        urgent = phrases.text("group.urgent") if ticket.severity == "urgent" else ""
        story = ticket.summary[: SHIELDED if ticket.shielded else LONGEST]
        story = "" if ticket.secrecy == "insider" else story
        filed = ticket.created_at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")
        filed = phrases.text("group.filed", at=filed)
        nearest = clocks.nearest(ticket.clocks)
        due = phrases.text("group.due", due=nearest.due_on) if nearest else ""
        officer = phrases.text("group.officer", who=ticket.officer) if ticket.officer else ""
        link = f"{self.console}/console/tickets/{ticket.number}" if self.console else ""
        return "\n".join(filter(None, [urgent, head, filed, story, due, officer, link]))

    def buttons(self, ticket: Ticket, unit: str) -> InlineKeyboardMarkup | None:
        """Claim, reply, transfer, resolve: what the ticket's state lets the unit do."""
        if ticket.lead != unit or ticket.done:
            return None
        acts = ["claim"] if ticket.state == "dispatched" else []
        acts += ["reply", "transfer"] + (["resolve"] if ticket.state not in ("dispatched",) else [])
        return InlineKeyboardMarkup(
            inline_keyboard=[
                [
                    InlineKeyboardButton(
                        text=self.services.phrases.text(f"group.{act}"),
                        callback_data=f"case:{act}:{ticket.number}:{ticket.version}",
                    )
                    for act in acts
                ]
            ]
        )
