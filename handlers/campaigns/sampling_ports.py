"""What polls, testing days, contests and public lists need from outside, as records and Protocols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

# Places in products, items and places of a poll; None leaves it to the office.
Choice = tuple[int | None, int | None, int | None]


@dataclass(frozen=True)
class PollTexts:
    """What a publicist writes of a poll. `repeat` is once, weekly or quarterly."""

    title: str
    opens_at: datetime
    closes_at: datetime
    products: tuple[str, ...]
    items: tuple[str, ...]
    places: tuple[str, ...]
    samples: int
    repeat: str


@dataclass(frozen=True)
class Poll:
    """你点我检. `state`: draft → announced → planned → submitted → published.

    Votes are taken while it is announced and between its two moments.
    """

    id: int
    texts: PollTexts
    state: str
    written_by: str
    follows: int | None = None
    basis: str = ""
    submitted_by: str | None = None
    signed_by: str | None = None
    published_at: datetime | None = None
    told_at: datetime | None = None

    def open_at(self, now: datetime) -> bool:
        """Whether citizens may vote now."""
        return self.state == "announced" and self.texts.opens_at <= now < self.texts.closes_at


@dataclass(frozen=True)
class Vote:
    """One citizen's only vote in a poll; `changes` counts how often it was replaced."""

    poll_id: int
    citizen_id: int
    choice: Choice
    changes: int
    wants_result: bool | None = None


@dataclass(frozen=True)
class Sample:
    """One sample of the plan and what came out; `conclusion` is pending, qualified or unqualified."""

    number: int
    choice: tuple[int, int, int]
    merchant: str = ""
    tested_on: date | None = None
    conclusion: str = "pending"
    note: str = ""
    entered_by: str = ""


@dataclass(frozen=True)
class Addressee:
    """A voter to be told."""

    id: int
    channel: str
    address: str
    locale: str


class Polls(Protocol):
    """Polls, votes and samples."""

    async def add(self, texts: PollTexts, written_by: str, follows: int | None) -> int | None:
        """The id; None where `follows` has a successor already."""
        ...

    async def get(self, poll_id: int) -> Poll | None: ...
    async def lock(self, poll_id: int) -> Poll | None:
        """The poll, kept from others until this transaction ends."""
        ...

    async def rewrite(self, poll_id: int, texts: PollTexts) -> None: ...
    async def change(self, poll_id: int, **values: object) -> None: ...
    async def since(self, after: datetime) -> list[Poll]:
        """Those that close later than `after`, newest first."""
        ...

    async def announced(self, now: datetime) -> list[Poll]:
        """Open ones and those to open, the earliest first."""
        ...

    async def newest_published(self) -> Poll | None: ...
    async def without_successor(self, now: datetime) -> list[Poll]:
        """Repeated ones that are over and have no next one yet."""
        ...

    async def to_tell(self) -> list[Poll]:
        """Published ones whose voters were not all told."""
        ...

    async def vote(self, vote: Vote, at: datetime) -> None:
        """Keep it, in place of an earlier one."""
        ...

    async def vote_of(self, poll_id: int, citizen_id: int) -> Vote | None: ...
    async def wish(self, poll_id: int, citizen_id: int, wanted: bool) -> None: ...
    async def wish_nothing(self, citizen_id: int) -> int:
        """Take back every wish to be told; gives how many there were."""
        ...

    async def votes(self, poll_id: int) -> dict[Choice, int]: ...
    async def take_voters(self, poll_id: int, limit: int, at: datetime) -> list[Addressee]:
        """Some who want the result and were not told; from now on they count as told."""
        ...

    async def untold(self, poll_id: int) -> int: ...
    async def plan(self, poll_id: int, samples: Sequence[Sample]) -> None: ...
    async def samples(self, poll_id: int) -> list[Sample]: ...
    async def record(self, poll_id: int, sample: Sample, at: datetime) -> None: ...


@dataclass(frozen=True)
class QuickTestTexts:
    """What a publicist writes of a testing day (你送我检)."""

    place: str
    opens_at: datetime
    closes_at: datetime
    capacity: int
    accepted: str


@dataclass(frozen=True)
class QuickTestDay:
    """A session at which citizens bring food; `taken` never exceeds the capacity."""

    id: int
    texts: QuickTestTexts
    taken: int
    state: str  # open | cancelled
    written_by: str

    @property
    def left(self) -> int:
        """How many more may come."""
        return max(0, self.texts.capacity - self.taken)


@dataclass(frozen=True)
class Booking:
    """A citizen's place at a testing day."""

    id: int
    day_id: int
    citizen_id: int
    product: str


class QuickTestDays(Protocol):
    """Testing days and bookings. A conditional update keeps the number within the capacity."""

    async def add(self, texts: QuickTestTexts, written_by: str) -> int: ...
    async def get(self, day_id: int) -> QuickTestDay | None: ...
    async def since(self, after: datetime) -> list[QuickTestDay]: ...
    async def coming(self, now: datetime) -> list[QuickTestDay]:
        """Open ones that have not begun, the earliest first."""
        ...

    async def cancel_day(self, day_id: int) -> list[tuple[Booking, Addressee]]:
        """Call it off; gives who had booked, nobody where it was called off before."""
        ...

    async def book(self, day_id: int, citizen_id: int, product: str, at: datetime) -> int | None:
        """The booking's id; None where no place is left or it is booked already."""
        ...

    async def of_citizen(
        self, citizen_id: int, now: datetime
    ) -> list[tuple[Booking, QuickTestDay]]:
        """Their bookings of days to come."""
        ...

    async def cancel(self, booking_id: int, citizen_id: int, at: datetime) -> bool: ...
    async def bookings(self, day_id: int) -> list[Booking]: ...
    async def take_due(
        self, after: datetime, until: datetime, limit: int, at: datetime, *, booked_before: datetime
    ) -> list[tuple[Booking, QuickTestDay, Addressee]]:
        """Some bookings of days beginning in between that nobody was reminded of; now they are."""
        ...


@dataclass(frozen=True)
class ContestTexts:
    """What a publicist writes of a contest (知识竞赛); `questions` are ids of the quiz."""

    title: str
    opens_at: datetime
    closes_at: datetime
    questions: tuple[str, ...]


@dataclass(frozen=True)
class Contest:
    """A contest as it stands."""

    id: int
    texts: ContestTexts
    state: str  # open | stopped
    written_by: str

    def open_at(self, now: datetime) -> bool:
        """Whether citizens may answer now."""
        return self.state == "open" and self.texts.opens_at <= now < self.texts.closes_at


@dataclass(frozen=True)
class Entry:
    """A citizen in a contest: score is right answers, then the fewer seconds."""

    id: int
    contest_id: int
    citizen_id: int
    nickname: str
    right: int = 0
    answered: int = 0
    seconds: int = 0
    hidden: bool = False


@dataclass(frozen=True)
class Answer:
    """A question put to somebody; `choice` is None until it is answered."""

    question: str
    asked_at: datetime
    choice: int | None = None


class Contests(Protocol):
    """Contests, who takes part, and their answers."""

    async def add(self, texts: ContestTexts, written_by: str) -> int: ...
    async def get(self, contest_id: int) -> Contest | None: ...
    async def since(self, after: datetime) -> list[Contest]: ...
    async def running(self, now: datetime) -> Contest | None:
        """The open one; of several the newest."""
        ...

    async def newest(self, now: datetime) -> Contest | None:
        """The last one that has begun, over or not."""
        ...

    async def stop(self, contest_id: int) -> bool: ...
    async def join(self, contest_id: int, citizen_id: int, name: str, key: str) -> Entry | None:
        """A new entry; None where somebody has that nickname."""
        ...

    async def entry(self, contest_id: int, citizen_id: int) -> Entry | None: ...
    async def entry_by_id(self, entry_id: int) -> Entry | None: ...
    async def answers(self, entry_id: int) -> list[Answer]: ...
    async def put(self, entry_id: int, question: str, at: datetime) -> None:
        """Note that a question was shown; the first time counts."""
        ...

    async def answer(
        self, entry_id: int, question: str, choice: int, right: bool, seconds: int
    ) -> bool:
        """Count an answer; False where there is one."""
        ...

    async def best(self, contest_id: int, limit: int) -> list[Entry]: ...
    async def rank(self, entry: Entry) -> int: ...
    async def size(self, contest_id: int) -> int: ...
    async def hide(self, entry_id: int) -> bool:
        """Take a nickname off the leaderboard."""
        ...


@dataclass(frozen=True)
class Listed:
    """A line of a 红榜 or 黑榜: said to citizens only when somebody else signed it."""

    title: str
    colour: str  # red | black
    merchant: str
    basis: str
    from_day: date
    until_day: date
    written_by: str
    id: int = 0
    signed_by: str | None = None
    withdrawn_by: str | None = None


class PublicLists(Protocol):
    """Lines of the red and black lists."""

    async def add(self, listed: Listed, at: datetime) -> int: ...
    async def get(self, listed_id: int) -> Listed | None: ...
    async def all(self, limit: int) -> list[Listed]: ...
    async def sign(self, listed_id: int, login: str, at: datetime) -> bool: ...
    async def withdraw(self, listed_id: int, login: str, at: datetime) -> bool: ...
    async def current(self, today: date) -> list[Listed]:
        """Signed, not withdrawn, and of today."""
        ...


class Sampling(Protocol):
    """All of it, on one transaction."""

    polls: Polls
    testing: QuickTestDays
    contests: Contests
    lists: PublicLists


class Signer(Protocol):
    """Makes links to what is handed out, so that nobody can make one up."""

    def link(self, purpose: str, number: int) -> str:
        """An address; without the host where nobody told us the site."""
        ...

    def opened(self, purpose: str, token: str) -> int | None:
        """The number a token was made for; None for one that is not ours."""
        ...


class NoLinks:
    """A signer for places that hand out nothing."""

    def link(self, purpose: str, number: int) -> str:
        """An address that leads nowhere."""
        return "/"

    def opened(self, purpose: str, token: str) -> int | None:
        """Never anything."""
        return None
