"""One turn of a conversation: what came in, what is known, and what is said back."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from handlers.dialog import Dialog
from handlers.messages import Button, Event, Incoming, Reply
from handlers.ports import Citizen, UnitOfWork
from handlers.services import Services
from nlu.understanding import Understanding


@dataclass
class Turn:
    """Everything a handler reads and writes while answering one message."""

    incoming: Incoming
    citizen: Citizen
    dialog: Dialog
    services: Services
    work: UnitOfWork
    now: datetime
    text: str
    understanding: Understanding
    replies: list[Reply] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)

    def phrase(self, key: str, **values: object) -> str:
        """A phrase in the citizen's script."""
        return self.services.phrases.text(key, self.citizen.locale, **values)

    def say(self, key: str, buttons: Iterable[tuple[str, str]] = (), **values: object) -> None:
        """Answer with a phrase; `buttons` are (phrase key or literal label, value)."""
        self.say_text(self.phrase(key, **values), buttons)

    def say_text(self, text: str, buttons: Iterable[tuple[str, str]] = ()) -> None:
        """Answer with a text made elsewhere."""
        made = tuple(Button(self._label(label), value) for label, value in buttons)
        self.replies.append(Reply(text, made))
        if made:
            self.dialog.offered = [[b.label, b.value] for b in made]

    def hear(self, text: str) -> None:
        """Read `text` as if it had just been written (a message parked earlier)."""
        self.text = text
        self.understanding = self.services.interpreter.understand(text, self.now)

    def record(self, type: str, ticket: str | None = None, **data: Any) -> None:
        """Note an event of this turn."""
        self.events.append(Event(type, ticket, data))

    def unit_name(self, unit_id: str | None) -> str:
        """The Chinese name of a unit."""
        return self.services.jurisdiction.unit_name(unit_id)

    def _label(self, label: str) -> str:
        return self.phrase(label) if self.services.phrases.has(label) else label
