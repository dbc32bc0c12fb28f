"""Rings the bell: APScheduler says when, a row of `schedule` says who does the work.

Every process may run one of these. A ring is (what, when); whoever inserts its row first does it. A
ring taken but not done when its lease is over is taken again, by one of those who notice.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from apscheduler.schedulers.asyncio import AsyncIOScheduler  # type: ignore[import-untyped]
from apscheduler.triggers.cron import CronTrigger  # type: ignore[import-untyped]

from bot import alarms, ladder, recounting, reviews
from bot.clock import SHANGHAI
from bot.db.case_tables import schedule
from bot.db.statements import insert_into
from handlers.campaigns import actions, telling, testing

if TYPE_CHECKING:
    from bot.bootstrap import App

log = structlog.get_logger()
LEASE = timedelta(minutes=5)  # longer than any job takes
KEPT = timedelta(days=30)  # rings older than this are forgotten; marks of the ladder stay
LOOK_BACK = (timedelta(hours=1), timedelta(days=1), timedelta(days=8), timedelta(days=400))

Work = Callable[["App", datetime], Awaitable[object]]


@dataclass(frozen=True)
class Job:
    """What rings when (crontab, Asia/Shanghai), and what is done then.

    `run` is given the time of the ring. It brings something up to date, so that doing it twice, or only
    for the newest of several missed rings, changes nothing.
    """

    what: str
    when: str
    run: Work

    def rang(self, now: datetime) -> datetime | None:
        """When it was last due, at or before `now`; None if never in the past year."""
        trigger = CronTrigger.from_crontab(self.when, timezone=SHANGHAI)
        for back in LOOK_BACK:
            due = trigger.get_next_fire_time(None, now - back)
            if due is not None and due <= now:
                return _last(trigger, due, now)
        return None


def _last(trigger: CronTrigger, due: datetime, now: datetime) -> datetime:
    while (after := trigger.get_next_fire_time(due, due)) is not None and after <= now:
        due = after
    return due


async def tidy(app: App, due: datetime) -> None:
    """Forget old rings."""
    c, old = schedule.c, app.clock.now() - KEPT
    names = [job.what for job in JOBS]
    async with app.database.write() as connection:
        await connection.execute(sa.delete(schedule).where(c.what.in_(names), c.taken_at < old))


async def ask_again(app: App, due: datetime) -> None:
    """Remind of the question of satisfaction, once each."""
    if await reviews.remind(app.units_of_work, app.services):
        app.wake_delivery()


async def start_campaigns(app: App, due: datetime) -> None:
    """Start the campaigns whose time has come; those that are too late expire."""
    if await actions.start_due(app.services):
        app.broadcaster.wake()


async def recount(app: App, due: datetime) -> None:
    """Set provisional deadlines anew: the holidays of their year may be known by now."""
    await recounting.recount(app.database, app.units_of_work, app.services)


async def polls(app: App, due: datetime) -> None:
    """Tell voters of published results; draft the next one of polls that repeat."""
    await telling.prepare_next(app.services)
    if await telling.tell(app.services):
        app.wake_delivery()


async def remind_bookings(app: App, due: datetime) -> None:
    """Remind of tomorrow's testing days, once each."""
    if await testing.remind(app.services):
        app.wake_delivery()


JOBS: Sequence[Job] = (
    Job("ladder", "*/10 * * * *", ladder.tick),
    Job("alarms", "* * * * *", alarms.escalate),
    Job("satisfaction", "0 10 * * *", ask_again),
    Job("campaigns", "* * * * *", start_campaigns),
    Job("polls", "*/5 * * * *", polls),
    Job("bookings", "0 10-19 * * *", remind_bookings),
    Job("recount", "30 3 * * *", recount),
    Job("tidy", "40 3 * * *", tidy),
)


@dataclass
class Scheduler:
    """Rings `jobs` of one process."""

    app: App
    jobs: Sequence[Job] = JOBS
    _at_work: set[asyncio.Task[bool]] = field(default_factory=set)

    async def run(self, stop: asyncio.Event) -> None:
        """Ring until told to stop; what is under way then ends first."""
        bell = AsyncIOScheduler(timezone=SHANGHAI)
        for job in self.jobs:
            when = CronTrigger.from_crontab(job.when, timezone=SHANGHAI)
            options = {"coalesce": True, "misfire_grace_time": None, "max_instances": 1}
            bell.add_job(self._rings, when, args=[job], id=job.what, **options)
        bell.add_job(self._look_again, CronTrigger(second="20", timezone=SHANGHAI), id="look again")
        bell.start()
        for job in self.jobs:  # what rang while nobody was here
            await self._rings(job)
        await stop.wait()
        bell.shutdown(wait=False)
        await asyncio.gather(*self._at_work)

    async def ring(self, job: Job, due: datetime) -> bool:
        """Do the work of one ring unless somebody did, or does; tells whether it was us."""
        now = self.app.clock.now()
        row = {"what": job.what, "due": _key(due), "taken_at": now}
        async with self.app.database.write() as connection:
            insert = insert_into(connection.dialect.name, schedule).on_conflict_do_nothing()
            taken = await connection.scalar(insert.values(row).returning(schedule.c.what))
        return taken is not None and await self._do(job, due, now)

    async def take_up(self, job: Job) -> bool:
        """Do the newest ring of a job again if whoever took it did not get to its end."""
        now, c = self.app.clock.now(), schedule.c
        newest = sa.select(schedule).where(c.what == job.what).order_by(c.due.desc()).limit(1)
        async with self.app.database.write() as connection:
            left = (await connection.execute(newest)).first()
            if left is None or left.done_at is not None or left.taken_at > now - LEASE:
                return False
            same = sa.and_(c.what == left.what, c.due == left.due, c.taken_at == left.taken_at)
            change = sa.update(schedule).where(same, c.done_at.is_(None)).values(taken_at=now)
            if not (await connection.execute(change)).rowcount:
                return False
        log.warning("ring_taken_up", what=job.what, due=left.due)
        return await self._do(job, datetime.fromisoformat(left.due), now)

    async def _rings(self, job: Job) -> None:
        due = job.rang(self.app.clock.now())
        if due is not None:
            self._start(self.ring(job, due))

    async def _look_again(self) -> None:
        for job in self.jobs:
            self._start(self.take_up(job))

    def _start(self, work: Awaitable[bool]) -> None:
        task = asyncio.ensure_future(work)
        self._at_work.add(task)
        task.add_done_callback(self._at_work.discard)

    async def _do(self, job: Job, due: datetime, taken_at: datetime) -> bool:
        try:
            await job.run(self.app, due)
        except Exception:
            # The job boundary: the row stays without done_at and is taken up again.
            log.exception("ring_failed", what=job.what, due=_key(due))
            return False
        c = schedule.c
        mine = sa.and_(c.what == job.what, c.due == _key(due), c.taken_at == taken_at)
        async with self.app.database.write() as connection:
            change = sa.update(schedule).where(mine).values(done_at=self.app.clock.now())
            await connection.execute(change)
        return True


def _key(due: datetime) -> str:
    return due.astimezone(UTC).isoformat()


async def run_scheduler(app: App, stop: asyncio.Event) -> None:
    """Ring until told to stop; a loop for `shian serve`, or a process of its own."""
    await Scheduler(app).run(stop)
