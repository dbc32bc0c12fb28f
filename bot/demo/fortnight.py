"""Fills a fresh database: people write, officers work, campaigns go out, drafts are signed.

Nothing is inserted by hand: every row comes about as it would in service, on a clock set back by
fourteen days. The same seed gives the same fortnight.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import typer
import yaml

from bot.bootstrap import App, bootstrap
from bot.clock import SetClock, WallClock
from bot.console.staff_admin import add_account
from bot.db import tables as t
from bot.db.migrate import upgrade
from bot.settings import Settings
from bot.understanding import progress
from handlers.campaigns import actions as campaign_actions
from handlers.campaigns.ports import Audience, Campaign
from handlers.errors import ShianError
from handlers.knowledge import reviewing
from handlers.messages import Incoming
from handlers.ports import Interpreter, Staff
from handlers.respond import respond
from handlers.tickets import actions, closing, deciding
from handlers.tickets.deciding import Step
from handlers.turn import Turn

SCRIPT = Path(__file__).parent / "script.yml"
SEED, DAYS, PEOPLE = 20260601, 14, 60
LONGEST_TALK = 16
FOLLOWERS = 25  # of the people subscribe, the first ones


@dataclass
class Fortnight:
    """One run: the application, its clock, chance, and the script."""

    app: App
    clock: SetClock
    script: dict[str, Any]
    chance: random.Random = field(default_factory=lambda: random.Random(SEED))  # noqa: S311
    said: int = 0

    @property
    def staff(self) -> dict[str, Staff]:
        """Members of staff by role."""
        return {role: Staff(*given) for given in self.script["staff"] for role in [given[2]]}

    async def live(self) -> Iterator[str]:
        """Everything, in order of time; gives the one-time links of the accounts."""
        links = [await self._account(*given) for given in self.script["staff"]]
        await self._sign_drafts()
        begun, gap = self.clock.now(), timedelta(days=DAYS) / PEOPLE
        with typer.progressbar(range(PEOPLE), label="演示数据", file=sys.stderr) as people:
            for person in people:
                await self._visit(person)
                if person in (PEOPLE // 2, PEOPLE - 2):
                    await self._broadcast(person > PEOPLE // 2)
                self.clock.at = max(self.clock.at, begun + gap * (person + 1))
        return iter(links)

    async def _account(self, login: str, name: str, role: str, unit: str) -> str:
        wall = WallClock()
        token = await add_account(self.app.database, wall, login, name, role, unit)
        return f"{name}\t{login}\t/console/enter?token={token}"

    async def _sign_drafts(self) -> None:
        services, reviewer = self.app.services, self.staff["reviewer"]
        today = self.clock.now().date()
        for item in services.library.items.values():
            dated = item.kind != "rumour" or item.source.date is not None
            if not item.live(today) and dated:
                await reviewing.sign(services, reviewer, item.id, item.digest)

    async def _visit(self, person: int) -> None:
        chosen = {
            key: self.chance.choice(self.script[f"{key}s"]) for key in ("shop", "road", "food")
        }
        if person < FOLLOWERS:
            await self._say(person, button="sub:on-all")
        text = self.chance.choice(self.script["messages"]).format(**chosen)
        turn = await self._say(person, text)
        for _ in range(LONGEST_TALK):
            if turn is None or turn.dialog.asked is None:
                break
            answer = self.script["answers"].get(turn.dialog.asked, "不清楚").format(**chosen)
            turn = await self._say(person, answer, button=_button(turn, answer))
        async with self.app.units_of_work() as work:
            citizen = await work.citizens.get_or_add("web", f"demo-{person}", "zh-Hans")
            tickets = await work.tickets.of_citizen(citizen.id)
        for ticket in tickets:
            await self._work_on(ticket.number, ticket.kind, ticket.lead)

    async def _say(self, person: int, text: str = "", button: str | None = None) -> Turn | None:
        self.said += 1
        self.clock.advance(timedelta(seconds=40))
        key = f"demo-{person}:{self.said}"
        incoming = Incoming("web", key, f"demo-{person}", text, button, message_key=key)
        return await respond(incoming, self.app.services)

    async def _work_on(self, number: str, kind: str, lead: str) -> None:
        """As far as chance lets the officer get with it; nothing here is a legal decision."""
        effort = self.chance.random()
        officer = self.staff["officer"]
        if lead != officer.unit or effort < 0.25:
            return
        services = self.app.services
        self.clock.advance(timedelta(hours=2))
        await actions.claim(services, officer, number)
        if effort > 0.4:
            await actions.reply(
                services, officer, number, self.chance.choice(self.script["replies"])
            )
        if effort > 0.6 and kind == "report":
            await deciding.take_step(services, officer, number, Step("verifying", "已开始核查。"))
        if effort > 0.75 and kind == "report":
            await self._end(number)

    async def _end(self, number: str) -> None:
        services, officer = self.app.services, self.staff["officer"]
        try:
            told = "经核查，现场未发现举报所说的情形，不予立案。"
            await deciding.take_step(services, officer, number, Step("not_filed", told))
            await closing.resolve(services, officer, number, "核查已结束，谢谢您的线索。")
        except ShianError as error:  # an unlucky draw: the ticket stays where it is
            progress(f"{number}: {error}")

    async def _broadcast(self, second: bool) -> None:
        title, text = self.script["campaigns"][second]
        services, people = self.app.services, self.staff
        campaign = Campaign(title, "text", Audience(("tips",)), "", wordings=(text,))
        number = await campaign_actions.create(services, people["publicist"], campaign)
        await campaign_actions.approve(services, people["reviewer"], number, 0)
        now = self.clock.now()
        await campaign_actions.schedule(services, people["publicist"], number, now, 1)
        await campaign_actions.start_due(services)
        self.clock.advance(timedelta(minutes=15))  # nobody is interrupted
        await self.app.broadcaster.drain()
        for person in range(0, FOLLOWERS, 3):
            await self._say(person, button=f"cp:{number}:read")


async def fill(settings: Settings, interpreter: Interpreter | None = None) -> int:
    """Fill the database of `settings`; exit code 1 where there is one with citizens already."""
    clock = SetClock(WallClock().now() - timedelta(days=DAYS, hours=1))
    script = yaml.safe_load(SCRIPT.read_text(encoding="utf-8"))
    app = bootstrap(settings, clock=clock, interpreter=interpreter, progress=progress)
    try:
        await upgrade(app.database)
        async with app.database.read() as connection:
            if await connection.scalar(sa.select(t.citizens.c.id).limit(1)) is not None:
                progress(f"{settings.data}: 已有数据 → 换一个新的数据目录（--data）")
                return 1
        links = await Fortnight(app, clock, script).live()
        print("\n".join(links))
    finally:
        await app.close()
    return 0


def _button(turn: Turn, answer: str) -> str | None:
    return answer if answer in {value for _, value in turn.dialog.offered} else None
