"""Deadlines of a ticket: started, stopped, paused, extended, handed on, and explained. Pure.

Days are those of Asia/Shanghai. Order 121 art. 45: the day something starts on does not count; a
period that ends on a day off ends on the next working day (for weekends that is our reading,
docs/decisions/0011-counting-days.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from content.law import ClockRule, Law
from content.phrasebook import Phrasebook
from content.workdays import Workdays
from handlers.errors import ClockRefused

SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
YELLOW, RED = 0.5, 0.2  # share of the period that remains
OPEN = ("running", "paused")
BINDING = frozenset({"law", "target"})


@dataclass(frozen=True, slots=True)
class Due:
    """The last day of a period, the days that did not count, and whether a table was missing."""

    on: date
    skipped: tuple[date, ...]
    provisional: bool


@dataclass
class Pause:
    """Days that do not count: from `since` up to the day before `until`."""

    since: date
    until: date | None
    reason: str

    def covers(self, day: date) -> bool:
        """Whether a day lies in it; one that has not ended yet takes no days so far."""
        return self.until is not None and self.since <= day < self.until


@dataclass
class Extension:
    """More days, by which rule, approved by whom and why."""

    rule: str
    days: int
    by: str
    reason: str
    on: date


@dataclass
class Clock:
    """One deadline of one ticket. `rule_from` names the row of the law it was born with.

    `state`: running → paused → running → met | missed | superseded; `unit` is who has to keep it.
    """

    name: str
    rule_from: date
    unit: str
    started_on: date
    due_on: date
    state: str = "running"
    pauses: list[Pause] = field(default_factory=list)
    extensions: list[Extension] = field(default_factory=list)
    stopped_on: date | None = None
    provisional: bool = False

    def to_json(self) -> dict[str, Any]:
        """As plain data."""
        return _plain(asdict(self))  # type: ignore[no-any-return]

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Clock:
        """From plain data."""
        days = {key: _day(data[key]) for key in ("rule_from", "started_on", "due_on", "stopped_on")}
        pauses = [Pause(_day(p["since"]), _day(p["until"]), p["reason"]) for p in data["pauses"]]
        extensions = [Extension(**{**e, "on": _day(e["on"])}) for e in data["extensions"]]
        return cls(**{**data, **days, "pauses": pauses, "extensions": extensions})


def local_day(at: datetime) -> date:
    """The day of a moment as offices count it."""
    return at.astimezone(SHANGHAI).date()


def due(
    rule: ClockRule,
    start: date,
    workdays: Workdays,
    *,
    days: int | None = None,
    pauses: Sequence[Pause] = (),
) -> Due:
    """The last day of a period that begins with `start`. Raises ClockRefused without a length."""
    length = days if days is not None else rule.days
    if length is None:
        raise ClockRefused(clock=rule.id, why="no_length")
    if rule.unit == "working":
        counted, skipped = _working(start, length, workdays, pauses)
    else:
        counted, skipped = _calendar(start, length, workdays, pauses)
    years = range(start.year, counted.year + 1)
    return Due(counted, tuple(skipped), not all(workdays.known(year) for year in years))


def _working(
    start: date, length: int, workdays: Workdays, pauses: Sequence[Pause]
) -> tuple[date, list[date]]:
    day, left, skipped = start, length, list[date]()
    while left:
        day += DAY
        if workdays.is_working(day) and not any(pause.covers(day) for pause in pauses):
            left -= 1
        else:
            skipped.append(day)
    return day, skipped


def _calendar(
    start: date, length: int, workdays: Workdays, pauses: Sequence[Pause]
) -> tuple[date, list[date]]:
    stood = sum(((p.until or p.since) - p.since).days for p in pauses)
    day, skipped = start + (length + stood) * DAY, list[date]()
    while not workdays.is_working(day):
        skipped.append(day)
        day += DAY
    return day, skipped


def start(rule: ClockRule, on: date, unit: str, workdays: Workdays) -> Clock:
    """A clock that begins with the day `on`."""
    ends = due(rule, on, workdays)
    return Clock(rule.id, rule.effective_from, unit, on, ends.on, provisional=ends.provisional)


def rule_of(clock: Clock, law: Law) -> ClockRule:
    """The row a clock was born with, whatever holds today. Raises NoClockRule."""
    return law.clock(clock.name, clock.rule_from)


def pause(clock: Clock, on: date, reason: str, law: Law) -> None:
    """Let days not count from `on`. Raises ClockRefused where the law does not allow it."""
    if not rule_of(clock, law).pausable:
        raise ClockRefused(clock=clock.name, why="not_pausable")
    if clock.state != "running":
        raise ClockRefused(clock=clock.name, why="not_running")
    clock.state = "paused"
    clock.pauses.append(Pause(on, None, reason))


def resume(clock: Clock, on: date, law: Law, workdays: Workdays) -> None:
    """Count again from `on`; the deadline moves by the days that did not. Raises ClockRefused."""
    if clock.state != "paused":
        raise ClockRefused(clock=clock.name, why="not_paused")
    clock.pauses[-1].until = max(on, clock.pauses[-1].since)
    clock.state = "running"
    recount(clock, law, workdays)


def extend(
    clock: Clock,
    rule: ClockRule,
    approval: Extension,
    role: str,
    law: Law,
    workdays: Workdays,
) -> None:
    """Give a clock the days of an extension. Raises ClockRefused.

    Each extension is given once, by a role the rule names, before the period is over; the one by
    collective discussion only after the ordinary one (行政处罚程序规定 art. 64).
    """
    given = {extension.rule for extension in clock.extensions}
    if rule.extends != clock.name or role not in rule.approvers:
        raise ClockRefused(clock=clock.name, why="not_approved")
    if rule.id in given or clock.state != "running":
        raise ClockRefused(clock=clock.name, why="extended_before")
    if approval.on > clock.due_on:
        raise ClockRefused(clock=clock.name, why="too_late")
    if rule.days is None and not given:
        raise ClockRefused(clock=clock.name, why="ordinary_first")
    if approval.days <= 0:
        raise ClockRefused(clock=clock.name, why="no_length")
    clock.extensions.append(approval)
    recount(clock, law, workdays)


def recount(clock: Clock, law: Law, workdays: Workdays) -> None:
    """Set the deadline anew: after a pause, an extension, or a new year's table. What ended stays."""
    if clock.state not in OPEN:
        return
    rule = rule_of(clock, law)
    length = (rule.days or 0) + sum(extension.days for extension in clock.extensions)
    ends = due(rule, clock.started_on, workdays, days=length, pauses=clock.pauses)
    clock.due_on, clock.provisional = ends.on, ends.provisional


def inherit(clock: Clock, unit: str) -> None:
    """Hand an open clock on with the ticket; its dates stay."""
    if clock.state in OPEN:
        clock.unit = unit


def stop(clock: Clock, on: date) -> None:
    """End a clock: met when the last day that counted is not past its deadline, else missed."""
    if clock.state in OPEN:
        late = (clock.pauses[-1].since if clock.state == "paused" else on) > clock.due_on
        clock.state, clock.stopped_on = ("missed" if late else "met"), on


def follow(
    clocks: list[Clock],
    event: str,
    kind: str,
    unit: str,
    at: datetime,
    law: Law,
    workdays: Workdays,
    binds: frozenset[str] = BINDING,
) -> list[str]:
    """Stop and start clocks for one timeline entry; gives the names of those that changed.

    `binds`: which rules start for this unit. A clock that begins anew (new facts, art. 35) leaves the
    earlier one as history, superseded. The same event on the same day changes nothing twice.
    """
    day, changed = local_day(at), list[str]()
    for clock in clocks:
        if clock.state in OPEN and event in rule_of(clock, law).stops_on:
            stop(clock, day)
            changed.append(clock.name)
    for rule in law.clocks(day):
        begins = event in rule.starts_on and kind in rule.kinds and rule.binds in binds
        if begins and not _began(clocks, rule.id, day):
            _supersede(clocks, {rule.id, *rule.supersedes}, day)
            clocks.append(start(rule, day, unit, workdays))
            changed.append(rule.id)
    return changed


def _supersede(clocks: Iterable[Clock], names: set[str], day: date) -> None:
    for clock in clocks:
        if clock.name in names and clock.state in OPEN:
            clock.state, clock.stopped_on = "superseded", day


def _began(clocks: Iterable[Clock], name: str, day: date) -> bool:
    """Whether it runs since that day already; returned, sent out and returned again starts anew."""
    open_ones = (clock for clock in clocks if clock.name == name and clock.state in OPEN)
    return any(clock.started_on == day for clock in open_ones)


def colour(clock: Clock, today: date, yellow: float = YELLOW, red: float = RED) -> str:
    """green, yellow, red, overdue, paused or done, by the share of the period that remains."""
    if clock.state not in OPEN:
        return "done"
    if clock.state == "paused":
        return "paused"
    left = (clock.due_on - today).days
    if left < 0:
        return "overdue"
    share = left / max(1, (clock.due_on - clock.started_on).days)
    if share < red or left == 0:
        return "red"
    return "yellow" if share < yellow else "green"


def nearest(clocks: Iterable[Clock]) -> Clock | None:
    """The running clock that ends first; None when none runs."""
    return min((c for c in clocks if c.state == "running"), key=lambda c: c.due_on, default=None)


def explain(
    rule: ClockRule, begun: date, ends: Due, phrases: Phrasebook, length: int | None = None
) -> str:
    """Where a deadline comes from: law, article, length, the days skipped, the last day."""
    days = ends.skipped
    length = length or rule.days
    said = phrases.text(
        f"period_text.{rule.unit}" if length else "period_text.open",
        law=rule.law,
        article=rule.article,
        days=length or "",
        begun=begun.isoformat(),
        due=ends.on.isoformat(),
        skipped=phrases.text("period_text.skipped", days="、".join(spans(days))) if days else "",
    )
    return said + (phrases.text("period_text.provisional") if ends.provisional else "")


def explain_clock(clock: Clock, law: Law, workdays: Workdays, phrases: Phrasebook) -> str:
    """The same for a clock of a ticket, with its pauses and extensions."""
    rule = rule_of(clock, law)
    length = (rule.days or 0) + sum(extension.days for extension in clock.extensions)
    ends = due(rule, clock.started_on, workdays, days=length, pauses=clock.pauses)
    said = explain(rule, clock.started_on, ends, phrases)
    stood = sum(((p.until or p.since) - p.since).days for p in clock.pauses)
    if stood:
        said += phrases.text("period_text.paused", days=stood)
    for more in clock.extensions:
        said += phrases.text(f"period_text.extended_{rule.unit}", days=more.days, by=more.by)
    return said


def spans(days: Sequence[date]) -> Iterator[str]:
    """Days that follow each other as one span: 10-01～10-08."""
    begin = last = None
    for day in days:
        if last is not None and day == last + DAY:
            last = day
            continue
        if begin is not None and last is not None:
            yield _span(begin, last)
        begin = last = day
    if begin is not None and last is not None:
        yield _span(begin, last)


def _span(first: date, last: date) -> str:
    return f"{first:%m-%d}" if first == last else f"{first:%m-%d}～{last:%m-%d}"


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, list):
        return [_plain(item) for item in value]
    return {k: _plain(v) for k, v in value.items()} if isinstance(value, dict) else value


def _day(text: str | None) -> Any:
    return date.fromisoformat(text) if text else None
