"""Subscriptions and campaigns as rows, and who a campaign reaches."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.campaign_tables import (
    campaign_responses,
    campaigns,
    deliveries,
    subscriber_tags,
    subscribers,
)
from bot.db.statements import insert_into
from bot.db.tables import citizens
from handlers.campaigns.ports import Approval, Audience, Campaign, Subscription
from handlers.errors import NoSuchCampaign, Stale

FOLLOWING = timedelta(days=2)
COLUMNS = (
    "title", "state", "due", "late_hours", "urgent", "policy", "series", "author", "planned",
    "created_at", "started_at", "ended_at",
)  # fmt: skip
DATA = ("kind", "wordings", "subject", "picture", "action", "note")


@dataclass
class SqlSubscriptions:
    """See handlers.campaigns.ports.Subscriptions."""

    connection: AsyncConnection

    async def get(self, citizen_id: int) -> Subscription | None:
        c = subscribers.c
        found = await self.connection.execute(
            sa.select(c.active, c.district, c.quiet_from, c.quiet_until, c.every_days).where(
                c.citizen_id == citizen_id
            )
        )
        row = found.mappings().first()
        if row is None:
            return None
        tags = sa.select(subscriber_tags.c.tag).where(subscriber_tags.c.citizen_id == citizen_id)
        held = [tag.partition(":") for tag in await self.connection.scalars(tags)]
        named = {
            kind: frozenset(name for k, _, name in held if k == kind) for kind in ("topic", "group")
        }
        return Subscription(citizen_id, topics=named["topic"], groups=named["group"], **row)

    async def keep(self, subscription: Subscription, at: datetime) -> None:
        given = subscription
        values: dict[str, Any] = {
            "active": given.active,
            "district": given.district,
            "quiet_from": given.quiet_from,
            "quiet_until": given.quiet_until,
            "every_days": given.every_days,
            "changed_at": at,
        }
        insert = insert_into(self.connection.dialect.name, subscribers)
        kept = insert.on_conflict_do_update(index_elements=["citizen_id"], set_=values)
        row = {**values, "citizen_id": given.citizen_id, "since": at}
        await self.connection.execute(kept.values(row))
        mine = subscriber_tags.c.citizen_id == given.citizen_id
        await self.connection.execute(sa.delete(subscriber_tags).where(mine))
        tags = [f"topic:{t}" for t in given.topics] + [f"group:{g}" for g in given.groups]
        if tags:
            rows = [{"citizen_id": given.citizen_id, "tag": tag} for tag in sorted(tags)]
            await self.connection.execute(sa.insert(subscriber_tags), rows)
        if given.active:  # whoever asks for messages can be reached again
            here = sa.update(citizens).where(citizens.c.id == given.citizen_id)
            await self.connection.execute(here.values(reachable=True))


@dataclass
class SqlCampaigns:
    """See handlers.campaigns.ports.Campaigns."""

    connection: AsyncConnection

    async def add(self, campaign: Campaign, at: datetime) -> int:
        campaign.created_at = at
        insert = sa.insert(campaigns).values(**_row(campaign), version=0)
        campaign.id = (await self.connection.execute(insert.returning(campaigns.c.id))).scalar_one()
        return campaign.id

    async def get(self, campaign_id: int) -> Campaign:
        found = await self.connection.execute(
            sa.select(campaigns).where(campaigns.c.id == campaign_id)
        )
        row = found.mappings().first()
        if row is None:
            raise NoSuchCampaign(campaign=campaign_id)
        return campaign_from(row)

    async def save(self, campaign: Campaign, at: datetime) -> None:
        c = campaigns.c
        same = sa.and_(c.id == campaign.id, c.version == campaign.version)
        row = _row(campaign)
        del row["planned"]  # the sender's
        change = sa.update(campaigns).where(same).values(**row, version=campaign.version + 1)
        if not (await self.connection.execute(change)).rowcount:
            raise Stale()
        campaign.version += 1

    async def due(self, now: datetime) -> list[Campaign]:
        c = campaigns.c
        statement = sa.select(campaigns).where(c.state == "scheduled", c.due <= now)
        rows = await self.connection.execute(statement.order_by(c.due, c.id))
        return [campaign_from(row) for row in rows.mappings()]

    async def reach(self, audience: Audience) -> int:
        counted = sa.select(sa.func.count()).select_from(subscribers).where(reached(audience))
        return (await self.connection.execute(counted)).scalar_one()

    async def responded(self, campaign_id: int, citizen_id: int, what: str, at: datetime) -> bool:
        d = deliveries.c
        got = sa.select(d.state).where(d.campaign_id == campaign_id, d.citizen_id == citizen_id)
        if await self.connection.scalar(got) is None:
            return False
        row = {"campaign_id": campaign_id, "citizen_id": citizen_id, "what": what, "at": at}
        insert = insert_into(self.connection.dialect.name, campaign_responses)
        await self.connection.execute(insert.on_conflict_do_nothing().values(row))
        return True

    async def followed(self, citizen_id: int, what: str, at: datetime) -> None:
        s = subscribers.c
        last = sa.select(s.last_campaign).where(
            s.citizen_id == citizen_id, s.last_sent_at >= at - FOLLOWING
        )
        campaign_id = await self.connection.scalar(last)
        if campaign_id is not None:
            await self.responded(campaign_id, citizen_id, what, at)


def campaign_from(row: sa.RowMapping) -> Campaign:
    """A campaign from its row."""
    data = row["data"]
    given = dict(data["audience"])
    everyone = bool(given.pop("everyone"))
    audience = Audience(**{name: tuple(v) for name, v in given.items()}, everyone=everyone)
    return Campaign(
        **{name: row[name] for name in COLUMNS},
        **{name: data[name] for name in DATA if name in data and name != "wordings"},
        wordings=tuple(data["wordings"]),
        audience=audience,
        approvals=tuple(Approval(**a) for a in data["approvals"]),
        id=row["id"],
        version=row["version"],
    )


def reached(audience: Audience) -> sa.ColumnElement[bool]:
    """Who of `subscribers` a campaign is for; joins nothing, so it can narrow any statement."""
    s = subscribers.c
    who: list[sa.ColumnElement[bool]] = [s.active.is_(True)]
    if not audience.everyone:
        who.append(_tagged("topic", audience.topics))
    if audience.groups:
        who.append(_tagged("group", audience.groups))
    if audience.districts:
        who.append(s.district.in_(audience.districts))
    if audience.locales:
        read = sa.select(citizens.c.id).where(
            citizens.c.id == s.citizen_id, citizens.c.locale.in_(audience.locales)
        )
        who.append(read.exists())
    return sa.and_(*who)


def _tagged(kind: str, names: tuple[str, ...]) -> sa.ColumnElement[bool]:
    g = subscriber_tags.c
    tags = [f"{kind}:{name}" for name in names]
    return (
        sa.select(g.citizen_id)
        .where(g.citizen_id == subscribers.c.citizen_id, g.tag.in_(tags))
        .exists()
    )


def _row(campaign: Campaign) -> dict[str, Any]:
    whole = asdict(campaign)
    return {
        **{name: whole[name] for name in COLUMNS},
        "data": {name: whole[name] for name in (*DATA, "audience", "approvals")},
    }
