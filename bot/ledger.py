"""The ledger of a broadcast: who is to get it, who may get it now, and what came of it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.channels import Sent
from bot.clock import SHANGHAI
from bot.db.campaign_rows import reached
from bot.db.campaign_tables import campaigns, deliveries, subscriber_tags, subscribers
from bot.db.statements import added_once, insert_into
from bot.db.tables import citizens, dialogs, outbox
from bot.vault import Vault
from handlers.campaigns.ports import Campaign
from handlers.messages import Reply
from handlers.ports import Citizen

CHUNK = 20_000  # citizens planned in one transaction: replies wait for no more than that
MAX_ATTEMPTS = 8
CONVERSATION = timedelta(minutes=10)  # nobody is interrupted while telling us something
LONGEST_WAIT = 300.0  # seconds between tries
BROADCAST = 9  # priority in the outbox: after everything else


@dataclass(frozen=True)
class Row:
    """One recipient, with what has to be true of them at the moment of sending."""

    campaign: Campaign
    citizen_id: int
    variant: int
    attempts: int
    channel: str
    address: str
    locale: str
    reachable: bool
    active: bool | None
    wanted: bool
    quiet_from: int | None
    quiet_until: int | None
    every_days: int | None
    last_sent_at: datetime | None
    talked_at: datetime | None

    @property
    def campaign_id(self) -> int:
        """The campaign's id."""
        return self.campaign.id


def verdict(row: Row, campaign: Campaign, now: datetime) -> Sent | None:
    """Why this recipient gets nothing, or not now; None when it may leave."""
    if not row.active or not row.wanted:
        return Sent("skipped", error="unsubscribed")
    if not row.reachable:
        return Sent("skipped", error="unreachable")
    if campaign.urgent:
        return None
    if row.talked_at and now - row.talked_at < CONVERSATION:
        return Sent("later", retry_after=CONVERSATION.total_seconds(), error="talking")
    if row.every_days and row.last_sent_at and now - row.last_sent_at < _least(row.every_days):
        return Sent("skipped", error="often")
    wait = _quiet(row.quiet_from, row.quiet_until, now)
    return Sent("later", retry_after=wait, error="quiet") if wait else None


def _least(days: int) -> timedelta:
    """Two messages at the same hour of two days are a day apart, give or take some hours."""
    return timedelta(days=days) - timedelta(hours=6)


def _quiet(start: int | None, end: int | None, now: datetime) -> float:
    """Seconds until quiet hours are over; 0 outside of them."""
    if start is None or end is None or start == end:
        return 0.0
    local = now.astimezone(SHANGHAI)
    inside = (local.hour - start) % 24 < (end - start) % 24
    if not inside:
        return 0.0
    left = timedelta(hours=(end - local.hour) % 24, minutes=-local.minute, seconds=-local.second)
    return left.total_seconds()


async def plan(connection: AsyncConnection, campaign: Campaign) -> None:
    """Enter the next part of the audience; says so on the campaign when that was the last."""
    s, here = subscribers.c, campaigns.c.id == campaign.id
    upto = await connection.scalar(sa.select(campaigns.c.planned_upto).where(here)) or 0
    ids = sa.select(s.citizen_id).where(s.citizen_id > upto).order_by(s.citizen_id)
    part = ids.limit(CHUNK).subquery()
    last = await connection.scalar(sa.select(sa.func.max(part.c.citizen_id)))
    if last is None:
        await connection.execute(sa.update(campaigns).where(here).values(planned=True))
        return
    chosen = sa.select(
        sa.literal(campaign.id),
        s.citizen_id,
        ((s.citizen_id + campaign.id) % campaign.variants).label("variant"),
        sa.literal("pending"),
    ).where(s.citizen_id > upto, s.citizen_id <= last, reached(campaign.audience))
    names = ["campaign_id", "citizen_id", "variant", "state"]
    insert = insert_into(connection.dialect.name, deliveries).from_select(names, chosen)
    await connection.execute(insert.on_conflict_do_nothing())
    await connection.execute(sa.update(campaigns).where(here).values(planned_upto=last))


async def waiting(connection: AsyncConnection, campaign: Campaign, limit: int) -> list[Row]:
    """The next recipients, with their consent as it is now."""
    d, c, s = deliveries.c, citizens.c, subscribers.c
    statement = (
        sa.select(
            d.citizen_id, d.variant, d.attempts, c.channel, c.address, c.locale, c.reachable,
            s.active, _wants(campaign).label("wanted"), s.quiet_from, s.quiet_until, s.every_days,
            s.last_sent_at,
            dialogs.c.updated_at,
        )
        .join(citizens, c.id == d.citizen_id)
        .outerjoin(subscribers, s.citizen_id == d.citizen_id)
        .outerjoin(dialogs, dialogs.c.citizen_id == d.citizen_id)
        .where(d.campaign_id == campaign.id, d.state == "pending")
        .order_by(d.citizen_id)
        .limit(limit)
    )  # fmt: skip
    return [Row(campaign, *row) for row in await connection.execute(statement)]


def _wants(campaign: Campaign) -> sa.ColumnElement[bool]:
    if campaign.audience.everyone:
        return sa.true()
    tags = [f"topic:{name}" for name in campaign.audience.topics]
    g = subscriber_tags.c
    mine = sa.and_(g.citizen_id == deliveries.c.citizen_id, g.tag.in_(tags))
    return sa.exists(sa.select(g.tag).where(mine))


async def mark(connection: AsyncConnection, rows: Sequence[Row]) -> None:
    """These leave now."""
    if rows:
        d = deliveries.c
        chosen = d.citizen_id.in_([row.citizen_id for row in rows])
        here = sa.and_(d.campaign_id == rows[0].campaign_id, chosen)
        await connection.execute(sa.update(deliveries).where(here).values(state="sending"))


async def record(
    connection: AsyncConnection, ended: Iterable[tuple[Row, Sent]], now: datetime
) -> None:
    """Write down how sends ended; whoever blocked us is not written to again."""
    ended = list(ended)
    if not ended:
        return
    d = deliveries.c
    here = sa.and_(
        d.campaign_id == sa.bindparam("campaign"), d.citizen_id == sa.bindparam("citizen")
    )
    names = ("state", "attempts", "not_before", "sent_at", "error")
    change = sa.update(deliveries).where(here)
    change = change.values({name: sa.bindparam(f"new_{name}") for name in names})
    await connection.execute(change, [_outcome(row, sent, now) for row, sent in ended])
    got = [row for row, sent in ended if sent.state == "sent"]
    if got:
        sent_now = sa.update(subscribers).where(subscribers.c.citizen_id == sa.bindparam("citizen"))
        latest = {"last_campaign": sa.bindparam("campaign"), "last_sent_at": now}
        mine = [{"citizen": row.citizen_id, "campaign": row.campaign_id} for row in got]
        await connection.execute(sent_now.values(latest), mine)
    gone = [row.citizen_id for row, sent in ended if sent.state == "blocked"]
    if gone:
        away = sa.update(citizens).where(citizens.c.id.in_(gone)).values(reachable=False)
        await connection.execute(away)
        off = sa.update(subscribers).where(subscribers.c.citizen_id.in_(gone))
        await connection.execute(off.values(active=False, changed_at=now))


def _outcome(row: Row, sent: Sent, now: datetime) -> dict[str, object]:
    state, attempts, wait = sent.state, row.attempts + 1, sent.retry_after
    if state == "unknown" and row.campaign.policy != "never_twice":
        state = "retry"
    if state == "retry":
        flooded = wait > 0
        attempts -= flooded
        wait = wait or min(LONGEST_WAIT, 0.5 * 2**attempts)
        state = "failed" if attempts >= MAX_ATTEMPTS else "later"
    return {
        "campaign": row.campaign_id,
        "citizen": row.citizen_id,
        "new_state": state,
        "new_attempts": attempts,
        "new_not_before": now + timedelta(seconds=wait) if state == "later" else None,
        "new_sent_at": now if state == "sent" else None,
        "new_error": (sent.error or "")[:120] or None,
    }


async def take_over(
    connection: AsyncConnection, campaign_id: int, policy: str, ours: Sequence[tuple[int, int]]
) -> None:
    """What another process, or an earlier life, had under way: send again, or list as unknown."""
    d = deliveries.c
    left = sa.and_(d.campaign_id == campaign_id, d.state == "sending")
    if ours:
        left = sa.and_(
            left, d.citizen_id.not_in([c for number, c in ours if number == campaign_id])
        )
    state = "unknown" if policy == "never_twice" else "pending"
    change = sa.update(deliveries).where(left).values(state=state, error="interrupted")
    await connection.execute(change)


async def next_later(connection: AsyncConnection, campaign_id: int) -> datetime | None:
    """When the first of those who wait may get it."""
    d = deliveries.c
    later = sa.select(sa.func.min(d.not_before)).where(
        d.campaign_id == campaign_id, d.state == "later"
    )
    found: datetime | None = await connection.scalar(later)
    return found


async def promote(connection: AsyncConnection, campaign_id: int, now: datetime) -> int:
    """Those who waited long enough are pending again; gives how many."""
    d = deliveries.c
    ripe = sa.and_(d.campaign_id == campaign_id, d.state == "later", d.not_before <= now)
    change = sa.update(deliveries).where(ripe).values(state="pending")
    return (await connection.execute(change)).rowcount


async def give_up(connection: AsyncConnection, campaign_id: int) -> None:
    """Too late: who has not got it does not get it."""
    d = deliveries.c
    left = sa.and_(d.campaign_id == campaign_id, d.state.in_(["pending", "later"]))
    change = sa.update(deliveries).where(left).values(state="skipped", error="late")
    await connection.execute(change)


async def into_mailbox(
    connection: AsyncConnection,
    cipher: Vault,
    citizen: Citizen,
    reply: Reply,
    campaign_id: int,
    now: datetime,
) -> None:
    """Put a broadcast where the page of a citizen looks."""
    key = f"campaign:{campaign_id}:{citizen.id}"
    row = {
        "citizen_id": citizen.id,
        "channel": citizen.channel,
        "address": citizen.address,
        "dedup_key": key,
        "payload": cipher.seal_json(f"outbox.payload|{key}", asdict(reply)),
        "priority": BROADCAST,
        "state": "sent",
        "attempts": 1,
        "created_at": now,
        "sent_at": now,
    }
    await connection.execute(added_once(connection.dialect.name, outbox), row)
