"""What comes in from any channel, and what goes out to it."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any


@dataclass(frozen=True, slots=True)
class Location:
    """WGS-84 degrees."""

    lat: float
    lon: float


@dataclass(frozen=True, slots=True)
class Incoming:
    """One turn of a citizen, whatever the channel.

    `sender` is the citizen's address in the channel; `message_key` names the message for later
    edits; `attachments` are ids of stored files; `refused` lists phrase keys of media that could
    not be taken.
    """

    channel: str
    external_id: str
    sender: str
    text: str = ""
    button: str | None = None
    attachments: tuple[int, ...] = ()
    location: Location | None = None
    at: datetime | None = None
    edited: bool = False
    message_key: str = ""
    locale: str | None = None
    refused: tuple[str, ...] = ()
    inbox_ids: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Button:
    """A quick reply: what the citizen sees, and what comes back (≤ 64 bytes for Telegram)."""

    label: str
    value: str


@dataclass(frozen=True, slots=True)
class Reply:
    """One message to a citizen."""

    text: str
    buttons: tuple[Button, ...] = ()
    sender_name: str | None = None
    picture: str | None = None
    """SHA-256 of a picture shown above the text."""


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened in a turn, as `shian chat` prints it (design §9)."""

    type: str
    ticket: str | None = None
    data: dict[str, Any] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        """The event as one flat mapping."""
        return {"type": self.type, "ticket": self.ticket, **self.data}
