"""The core's repositories over Core statements: one class per port of handlers/ports.py."""

from __future__ import annotations

import functools
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db import statements
from bot.db import tables as t
from bot.db.ticket_rows import storable
from bot.vault import Vault as Cipher
from bot.vault import sealing_context
from handlers.errors import NoSuchTicket
from handlers.messages import Reply
from handlers.ports import Citizen
from handlers.tickets.ports import Alert, Correction

RECENT = 200  # stored messages of one citizen looked through for redaction


@dataclass
class SqlCitizens:
    """Citizens by channel and address. Reading one locks it, so two turns never interleave."""

    connection: AsyncConnection
    now: datetime

    async def get_or_add(self, channel: str, address: str, locale: str) -> Citizen:
        row = {
            "channel": channel,
            "address": address,
            "locale": locale,
            "reachable": True,
            "created_at": self.now,
        }
        statement = statements.citizen_kept(self.connection.dialect.name)
        return Citizen(*(await self.connection.execute(statement, row)).one())

    async def get(self, citizen_id: int) -> Citizen:
        found = await self._one(t.citizens.c.id == citizen_id)
        if found is None:
            raise NoSuchTicket(citizen=citizen_id)
        return found

    async def set_locale(self, citizen_id: int, locale: str) -> None:
        where = t.citizens.c.id == citizen_id
        await self.connection.execute(sa.update(t.citizens).where(where).values(locale=locale))

    async def _one(self, where: sa.ColumnElement[bool]) -> Citizen | None:
        columns = t.citizens.c
        statement = sa.select(
            columns.id, columns.channel, columns.address, columns.locale, columns.reachable
        )
        row = (await self.connection.execute(statement.where(where).with_for_update())).first()
        return Citizen(*row) if row else None


@dataclass
class SqlDialogs:
    """Dialog state, sealed."""

    connection: AsyncConnection
    cipher: Cipher

    async def load(self, citizen_id: int) -> dict[str, Any]:
        found = await self.connection.execute(statements.dialog_state(), {"citizen": citizen_id})
        sealed = found.scalar_one_or_none()
        if sealed is None:
            return {}
        state: dict[str, Any] = self.cipher.open_json(f"dialogs.state|{citizen_id}", sealed)
        return state

    async def save(self, citizen_id: int, state: dict[str, Any], at: datetime) -> None:
        sealed = self.cipher.seal_json(f"dialogs.state|{citizen_id}", state)
        row = {"citizen_id": citizen_id, "state": sealed, "updated_at": at}
        statement = statements.dialog_kept(self.connection.dialect.name)
        await self.connection.execute(statement, row)


@dataclass
class SqlOutbox:
    """Messages to leave after commit."""

    connection: AsyncConnection
    cipher: Cipher
    now: datetime

    async def reply(
        self, citizen: Citizen, reply: Reply, dedup_key: str, priority: int = 0
    ) -> None:
        sealed = self.cipher.seal_json(f"outbox.payload|{dedup_key}", asdict(reply))
        row = {
            "citizen_id": citizen.id,
            "channel": citizen.channel,
            "address": citizen.address,
            "dedup_key": dedup_key,
            "payload": sealed,
            "priority": priority,
            "state": "pending",
            "attempts": 0,
            "created_at": self.now,
        }
        statement = statements.added_once(self.connection.dialect.name, t.outbox)
        await self.connection.execute(statement, row)


@dataclass
class SqlInbox:
    """The done mark that makes a message count once."""

    connection: AsyncConnection
    cipher: Cipher

    async def done(self, inbox_ids: Sequence[int], at: datetime) -> bool:
        if not inbox_ids:
            return True
        rows = {"ids": list(inbox_ids), "done_at": at}
        result = await self.connection.execute(statements.inbox_done(), rows)
        return bool(result.rowcount)

    async def redact(self, message_keys: Sequence[str], citizen_id: int) -> None:
        where = t.inbox.c.message_key.in_(message_keys)
        for row in await self._of(citizen_id, where):
            await self._replace(row, {"redacted": True})

    async def redact_words(self, citizen_id: int, words: Sequence[str]) -> None:
        for row in await self._of(citizen_id, sa.true()):
            raw = self.cipher.open_json(_context(row), row["payload"])
            text = json.dumps(raw, ensure_ascii=False)
            blotted = functools.reduce(
                lambda s, word: s.replace(word, "＊" * len(word)), words, text
            )
            if blotted != text:
                await self._replace(row, json.loads(blotted))

    async def _of(self, citizen_id: int, where: sa.ColumnElement[bool]) -> Sequence[sa.RowMapping]:
        c = t.citizens.c
        statement = (
            sa.select(t.inbox)
            .join(
                t.citizens, sa.and_(c.channel == t.inbox.c.channel, c.address == t.inbox.c.sender)
            )
            .where(c.id == citizen_id, where)
            .order_by(t.inbox.c.id.desc())
            .limit(RECENT)
        )
        return (await self.connection.execute(statement)).mappings().all()

    async def _replace(self, row: sa.RowMapping, payload: object) -> None:
        sealed = self.cipher.seal_json(_context(row), payload)
        change = sa.update(t.inbox).where(t.inbox.c.id == row["id"]).values(payload=sealed)
        await self.connection.execute(change)


def _context(row: sa.RowMapping) -> str:
    return sealing_context(row["channel"], row["external_id"])


@dataclass
class SqlConsents:
    """What was asked, in which words, and the answer."""

    connection: AsyncConnection

    async def record(
        self, citizen_id: int, purpose: str, granted: bool, wording: str, at: datetime
    ) -> None:
        row = {
            "citizen_id": citizen_id,
            "purpose": purpose,
            "granted": granted,
            "wording": wording,
            "at": at,
        }
        await self.connection.execute(sa.insert(t.consents).values(row))


@dataclass
class SqlAttachments:
    """Files already stored, tied to a ticket."""

    connection: AsyncConnection

    async def attach(self, attachment_ids: Sequence[int], ticket_number: str) -> None:
        if not attachment_ids:
            return
        where = sa.and_(
            t.attachments.c.id.in_(attachment_ids), t.attachments.c.ticket_number.is_(None)
        )
        change = sa.update(t.attachments).where(where).values(ticket_number=ticket_number)
        await self.connection.execute(change)


@dataclass
class SqlAlerts:
    """One row per unit to be told; the console shows it until somebody has seen it."""

    connection: AsyncConnection

    async def raise_alert(self, alert: Alert, at: datetime) -> None:
        for unit in alert.units:
            row = {"ticket_number": alert.ticket, "unit": unit, "text": alert.text, "raised_at": at}
            statement = statements.added_once(self.connection.dialect.name, t.alerts)
            await self.connection.execute(statement, row)


@dataclass
class SqlCorrections:
    """What officers corrected; one row for each ticket and subject."""

    connection: AsyncConnection

    async def keep(self, correction: Correction) -> None:
        statement = statements.correction_kept(self.connection.dialect.name)
        texts = {"text": storable(correction.text), "reason": storable(correction.reason)}
        await self.connection.execute(statement, {**asdict(correction), **texts})
