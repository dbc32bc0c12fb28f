"""Where a conversation stands: plain data in our own table, the same for every channel."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from typing import Any

UNKNOWN = "〔不清楚〕"
STALE_AFTER = timedelta(hours=12)


@dataclass
class Draft:
    """A matter being told. `kind` is complaint, report, complaint_and_report or contact.

    `narrative` holds [message key, text] pairs in order; `facts` what was said, slot by slot;
    `chosen` says that the citizen named the kind; `registered` numbers of tickets already filed for
    it (an emergency files first, asks later);
    `doubts` slots whose value cannot be true and is asked again; `tries` how often a step was asked.
    """

    kind: str
    narrative: list[list[str]] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)
    attachments: list[int] = field(default_factory=list)
    consents: dict[str, bool] = field(default_factory=dict)
    registered: list[str] = field(default_factory=list)
    last_slot: str | None = None
    told: list[str] = field(default_factory=list)
    doubts: list[str] = field(default_factory=list)
    tries: dict[str, int] = field(default_factory=dict)
    anonymous: bool = False
    chosen: bool = False

    @property
    def urgent(self) -> bool:
        """Whether health is in danger: first aid and alert come before any form."""
        return self.labels.get("severity") == "urgent"

    @property
    def someone_ill(self) -> bool:
        """Whether the matter holds health data: a clue of poisoning, or a guess, is none."""
        severity, hazards = self.labels.get("severity"), self.labels.get("hazards", ())
        named = "symptom" in self.facts or "onset" in self.facts
        if severity == "urgent":
            return named or "illness" in hazards or "poisoning_crime" not in hazards
        return severity == "illness" or (named and "illness" in hazards)

    @property
    def wants_settlement(self) -> bool:
        """Whether the citizen's own dispute is part of it; then identity is required (art. 10)."""
        return self.kind in ("complaint", "complaint_and_report")

    def story(self) -> str:
        """All that was told about the matter, in order."""
        return "\n".join(text for _, text in self.narrative)

    def known(self, *slots: str) -> bool:
        """Whether any of the slots was answered, be it with 不清楚."""
        return any(slot in self.facts for slot in slots)


@dataclass
class Dialog:
    """State of one citizen's conversation.

    `asked` is the step the bot waits for; `offered` the buttons of its last message
    ([label, value]); `parked` a message kept while the citizen is asked what it is about;
    `question` the ticket an officer asked about; `reopening` the one whose reason for doing it again
    is awaited; `booking` the testing day for which it is awaited what is brought; `naming` the
    contest for which a nickname is awaited, `paces` when its last answers came; `wondering` the question just answered from the library; `quizzed` the questions of the
    quiz had so far, `quiz_right` how many were answered rightly; `last_ticket` the newest one; `later` matters
    (drafts as data) that wait until the one being told is filed or dropped.
    """

    draft: Draft | None = None
    asked: str | None = None
    offered: list[list[str]] = field(default_factory=list)
    parked: list[str] | None = None
    question: str | None = None
    choosing: str | None = None
    reopening: str | None = None
    booking: int | None = None
    naming: int | None = None
    paces: list[str] = field(default_factory=list)
    later: list[dict[str, Any]] = field(default_factory=list)
    wondering: str | None = None
    quizzed: list[str] = field(default_factory=list)
    quiz_right: int = 0
    last_ticket: str | None = None
    last_ticket_at: str | None = None
    at: str | None = None

    def stale(self, now: datetime) -> bool:
        """Whether the citizen was silent so long that the thread must be offered, not assumed."""
        return self.at is not None and now - datetime.fromisoformat(self.at) > STALE_AFTER

    def close_draft(self) -> None:
        """Forget the matter being told, and what was asked about it."""
        self.draft, self.asked, self.parked = None, None, None

    def to_json(self) -> dict[str, Any]:
        """The state as JSON-able data."""
        return asdict(self)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Dialog:
        """The state from stored data; unknown keys of newer code are dropped."""
        known = {k: v for k, v in data.items() if k in cls.__dataclass_fields__}
        draft = known.pop("draft", None)
        return cls(draft=draft_from(draft) if draft else None, **known)


def draft_from(data: dict[str, Any]) -> Draft:
    """A matter from stored data; unknown keys of newer code are dropped."""
    fields = Draft.__dataclass_fields__
    return Draft(**{k: v for k, v in data.items() if k in fields})
