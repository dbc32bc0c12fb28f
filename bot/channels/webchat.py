"""The web page as a channel: the browser's session is the address, the outbox is the mailbox."""

from __future__ import annotations

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from bot.channels import Sent, Update
from bot.clock import SHANGHAI
from bot.db import tables as t
from bot.db.engine import Database
from bot.intake import Arrival
from bot.vault import Vault, sealing_context
from handlers.messages import Incoming, Location, Reply

NAME = "web"
HISTORY = 200  # messages of each direction shown after a reload
HEARTBEAT = 15.0  # seconds


def address_of(session_token: str) -> str:
    """The citizen's address: a hash, so that the database cannot open anybody's chat."""
    return hashlib.sha256(session_token.encode()).hexdigest()[:40]


def arrival(address: str, message: dict[str, Any]) -> Arrival:
    """A posted message as an inbox row; the client's id makes a repeat harmless."""
    client_id = str(message["client_id"])
    return Arrival(NAME, f"{address}:{client_id}", address, message, message_key=client_id)


@dataclass
class Hub:
    """Wakes the event streams of a chat when something for it was committed."""

    _events: dict[str, set[asyncio.Event]] = field(default_factory=lambda: defaultdict(set))
    closed: bool = False
    away: Callable[[str], None] | None = None  # told of news for a chat nobody has open

    def close(self) -> None:
        """End all streams: the server is going away, the pages come back by themselves."""
        self.closed = True
        for event in [e for events in self._events.values() for e in events]:
            event.set()

    def publish(self, address: str) -> None:
        """Something new lies in the mailbox of this chat."""
        listening = self._events.get(address, ())
        if not listening and self.away is not None:
            self.away(address)
        for event in listening:
            event.set()

    def subscribe(self, address: str) -> asyncio.Event:
        """An event that is set on news."""
        event = asyncio.Event()
        self._events[address].add(event)
        return event

    def leave(self, address: str, event: asyncio.Event) -> None:
        """Stop listening."""
        self._events[address].discard(event)
        if not self._events[address]:
            del self._events[address]


@dataclass(frozen=True)
class WebChannel:
    """Both directions of the page."""

    hub: Hub
    name: str = NAME

    async def read(self, updates: Sequence[Update]) -> Incoming | None:
        """One posted message as a turn."""
        update = updates[0]
        raw = update.payload
        place = raw.get("location")
        return Incoming(
            channel=NAME,
            external_id=update.external_id,
            sender=update.sender,
            text=raw.get("text") or "",
            button=raw.get("button"),
            attachments=tuple(raw.get("attachments") or ()),
            location=Location(place["lat"], place["lon"]) if place else None,
            message_key=update.message_key,
            locale=raw.get("locale"),
            refused=tuple(raw.get("refused") or ()),
            inbox_ids=tuple(u.id for u in updates),
        )

    async def send(self, address: str, reply: Reply, outbox_id: int) -> Sent:
        """The row itself is the mailbox; open pages are told to look."""
        self.hub.publish(address)
        return Sent("sent", external_id=str(outbox_id))

    async def push(self, address: str, reply: Reply, key: int) -> Sent:
        """Tell open pages to look; a broadcast lies in the mailbox already."""
        return await self.send(address, reply, key)


@dataclass(frozen=True)
class Mailbox:
    """What a page shows: the conversation so far, and what comes."""

    database: Database
    vault: Vault
    hub: Hub

    async def history(self, address: str) -> tuple[list[dict[str, Any]], int]:
        """The conversation in order, and the id of the newest message from us."""
        said, answered = await self._inbox(address), await self._outbox(address, after=0)
        newest = answered[-1]["event_id"] if answered else 0
        merged = sorted([*said, *answered], key=lambda m: (m["at"], m["from"] != "citizen"))
        return [{k: v for k, v in m.items() if k != "event_id"} for m in merged], newest

    async def locale(self, address: str) -> str:
        """The script this citizen reads."""
        c = t.citizens.c
        statement = sa.select(c.locale).where(c.channel == NAME, c.address == address)
        async with self.database.read() as connection:
            return (await connection.execute(statement)).scalar_one_or_none() or "zh-Hans"

    async def stream(self, address: str, after: int) -> AsyncIterator[dict[str, Any] | None]:
        """Messages newer than `after` as they come; None every HEARTBEAT seconds of silence."""
        event = self.hub.subscribe(address)
        try:
            while not self.hub.closed:
                event.clear()
                for message in await self._outbox(address, after):
                    after = message["event_id"]
                    yield message
                if not await _within(event, HEARTBEAT):
                    yield None
        finally:
            self.hub.leave(address, event)

    async def _inbox(self, address: str) -> list[dict[str, Any]]:
        c = t.inbox.c
        statement = (
            sa.select(t.inbox)
            .where(c.channel == NAME, c.sender == address)
            .order_by(c.id.desc())
            .limit(HISTORY)
        )
        async with self.database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [self._said(row) for row in reversed(rows)]

    def _said(self, row: sa.RowMapping) -> dict[str, Any]:
        raw = self.vault.open_json(sealing_context(NAME, row["external_id"]), row["payload"])
        files = [_file(i) for i in raw.get("attachments") or ()]
        return {
            "id": f"in-{row['id']}",
            "from": "citizen",
            "text": raw.get("text") or ("〔内容已按您的意思删除〕" if raw.get("redacted") else ""),
            "at": _shown(row["received_at"]),
            "buttons": [],
            "attachments": files,
            "location": raw.get("location"),
            "client_id": row["message_key"],
            "sender_name": None,
        }

    async def _outbox(self, address: str, after: int) -> list[dict[str, Any]]:
        c = t.outbox.c
        where = sa.and_(c.channel == NAME, c.address == address, c.id > after)
        statement = sa.select(t.outbox).where(where).order_by(c.id.desc()).limit(HISTORY)
        async with self.database.read() as connection:
            rows = (await connection.execute(statement)).mappings().all()
        return [self._answered(row) for row in reversed(rows)]

    def _answered(self, row: sa.RowMapping) -> dict[str, Any]:
        raw = self.vault.open_json(f"outbox.payload|{row['dedup_key']}", row["payload"])
        sender = raw.get("sender_name")
        return {
            "id": f"out-{row['id']}",
            "event_id": row["id"],
            "from": "officer" if sender else "bot",
            "text": raw["text"],
            "at": _shown(row["created_at"]),
            "buttons": raw["buttons"],
            "attachments": _picture(raw.get("picture")),
            "location": None,
            "client_id": None,
            "sender_name": sender,
        }


async def _within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True


def _picture(sha256: str | None) -> list[dict[str, Any]]:
    if sha256 is None:
        return []
    return [{"id": sha256, "kind": "photo", "url": f"/api/chat/pictures/{sha256}"}]


def _file(attachment_id: int) -> dict[str, Any]:
    return {
        "id": attachment_id,
        "kind": "photo",
        "url": f"/api/chat/attachments/{attachment_id}",
    }


def _shown(at: datetime) -> str:
    return at.astimezone(SHANGHAI).isoformat(timespec="milliseconds")
