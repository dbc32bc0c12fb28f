"""A unit's tickets as cards in its Telegram group: one message each, kept in step with the ticket.

Rows of `cards` are the truth. A card is noted as pending before it is sent: after a crash it is sent
again, at most once more; an edit can be repeated without harm.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from bot.channels.telegram.errors import CALL_ERRORS, outcome_of
from bot.channels.telegram.pacing import Pacing
from bot.db import card_rows
from bot.db.card_rows import Group
from bot.db.engine import Database
from handlers.services import Services
from handlers.tickets import clocks
from handlers.tickets.ticket import Ticket

log = structlog.get_logger()
POLL = 3.0  # seconds between looks
LONGEST = 600  # characters of the story on a card
SHIELDED = 60  # of a report's
TAKEN = frozenset({"claimed", "accepted", "mediating", "verifying", "filed", "decided"})


@dataclass
class Cards:
    """Shows the tickets of units in their groups."""

    bot: Bot
    pacing: Pacing
    database: Database
    services: Services
    console: str = ""

    async def run(self, stop: asyncio.Event) -> None:
        """Look for cards to send and to mend until told to stop."""
        while not stop.is_set():
            await self.drain()
            try:
                await asyncio.wait_for(stop.wait(), POLL)
            except TimeoutError:
                continue

    async def drain(self) -> int:
        """Send and mend what waits now; gives how many messages Telegram took."""
        async with self.database.read() as connection:
            known = await card_rows.groups(connection)
        return sum([await self._group(group) for group in known])

    async def _group(self, group: Group) -> int:
        async with self.database.read() as connection:
            fresh = await card_rows.without_card(connection, group)
            old = await card_rows.outdated(connection, group)
        sent = [await self._send(group, number) for number in fresh]
        mended = [await self._mend(group, row.number, row.message_id) for row in old]
        return sum(sent) + sum(mended)

    async def _send(self, group: Group, number: str) -> bool:
        ticket = await self._ticket(number)
        await self._note(ticket, group, state="pending")
        await self.pacing.wait(str(group.chat_id))
        try:
            message = await self.bot.send_message(
                group.chat_id,
                self.text(ticket, group.unit),
                message_thread_id=group.thread_id,
                reply_markup=self.buttons(ticket, group.unit),
                parse_mode=None,
            )
        except CALL_ERRORS as error:
            return await self._failed(ticket, group, error)
        shown = {"message_id": message.message_id, "shown_version": ticket.version}
        await self._note(ticket, group, state="shown", **shown)
        return True

    async def _mend(self, group: Group, number: str, message_id: int) -> bool:
        ticket = await self._ticket(number)
        await self.pacing.wait(str(group.chat_id))
        try:
            await self.bot.edit_message_text(
                self.text(ticket, group.unit),
                chat_id=group.chat_id,
                message_id=message_id,
                reply_markup=self.buttons(ticket, group.unit),
                parse_mode=None,
            )
        except TelegramBadRequest as error:  # deleted by people, or it says the same already
            log.info("card_not_mended", ticket=number, error=str(error)[:100])
        except CALL_ERRORS as error:
            return await self._failed(ticket, group, error)
        await self._note(ticket, group, shown_version=ticket.version, state="shown")
        return True

    async def _failed(self, ticket: Ticket, group: Group, error: Exception) -> bool:
        """Wait as long as Telegram says; the row stays as it is and is taken up again."""
        outcome = outcome_of(error, self.bot.token)  # type: ignore[arg-type]
        log.warning("card_not_sent", ticket=ticket.number, unit=group.unit, error=outcome.error)
        await asyncio.sleep(min(outcome.retry_after, 60.0))
        return False

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
        nearest = clocks.nearest(ticket.clocks)
        due = phrases.text("group.due", due=nearest.due_on) if nearest else ""
        officer = phrases.text("group.officer", who=ticket.officer) if ticket.officer else ""
        link = f"{self.console}/console/tickets/{ticket.number}" if self.console else ""
        return "\n".join(filter(None, [urgent, head, story, due, officer, link]))

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
