"""What campaigns need from outside: their records, and the repositories that keep them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True)
class Subscription:
    """What a citizen agreed to be sent.

    Quiet hours are whole hours of the clock (22 to 8 spans midnight), None without any;
    `every_days` is the least number of days between two broadcasts, 0 without a limit.
    """

    citizen_id: int
    active: bool
    topics: frozenset[str] = frozenset()
    groups: frozenset[str] = frozenset()
    district: str = ""
    quiet_from: int | None = None
    quiet_until: int | None = None
    every_days: int = 0


@dataclass(frozen=True)
class Audience:
    """Whom a campaign is for: subscribers of any of the topics, or everyone who subscribes at all.

    The other conditions narrow it; an empty one narrows nothing.
    """

    topics: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    districts: tuple[str, ...] = ()
    locales: tuple[str, ...] = ()
    everyone: bool = False


@dataclass(frozen=True)
class Approval:
    """Who looked at a campaign and let it pass."""

    login: str
    name: str
    role: str
    at: str


@dataclass
class Campaign:
    """One broadcast: what is said, to whom, when, and how far it is (see campaign.MOVES).

    `kind` is text, item or quiz; `wordings` are one or two texts (A/B), `subject` the id of the item
    or of the quiz question, `action` what a further button begins (poll, quiz, subscribe). `policy` is at_least_once or never_twice. What is not sent `late_hours`
    after `due` is not sent any more.
    """

    title: str
    kind: str
    audience: Audience
    author: str
    wordings: tuple[str, ...] = ()
    subject: str = ""
    picture: str | None = None
    action: str = ""
    policy: str = "at_least_once"
    urgent: bool = False
    due: datetime | None = None
    late_hours: int = 24
    series: str = ""
    state: str = "draft"
    approvals: tuple[Approval, ...] = ()
    note: str = ""
    id: int = 0
    version: int = 0
    created_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    planned: bool = False
    changed: bool = field(default=False, compare=False)

    @property
    def variants(self) -> int:
        """How many wordings are compared; 1 where nothing is."""
        return max(1, len(self.wordings))


class Subscriptions(Protocol):
    """One row for each citizen who ever subscribed."""

    async def get(self, citizen_id: int) -> Subscription | None: ...
    async def keep(self, subscription: Subscription, at: datetime) -> None: ...


class Campaigns(Protocol):
    """Campaigns, and what citizens did with them."""

    async def add(self, campaign: Campaign, at: datetime) -> int: ...
    async def get(self, campaign_id: int) -> Campaign:
        """The campaign; raises NoSuchCampaign."""
        ...

    async def save(self, campaign: Campaign, at: datetime) -> None:
        """Store it; raises Stale when somebody changed it since it was read."""
        ...

    async def due(self, now: datetime) -> list[Campaign]:
        """Scheduled campaigns whose time has come, the oldest first."""
        ...

    async def reach(self, audience: Audience) -> int:
        """How many citizens it would be sent to now."""
        ...

    async def responded(self, campaign_id: int, citizen_id: int, what: str, at: datetime) -> bool:
        """Note what somebody who got the campaign did, once; False for somebody who did not get it."""
        ...

    async def followed(self, citizen_id: int, what: str, at: datetime) -> None:
        """Note something done within two days of the last campaign, as having followed it."""
        ...
