"""Alarms: everybody called at once, the next level when nobody answers, nothing lost or doubled."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import sqlalchemy as sa
from aiohttp import web

from bot.alarm_providers import CallFailed, CommandProvider, HttpProvider, open_provider
from bot.alarms import MAX_ATTEMPTS, Alarms, escalate
from bot.bootstrap import bootstrap
from bot.clock import SetClock
from bot.contacts import Contacts, load_contacts
from bot.db import tables as t
from bot.db.case_tables import calls
from bot.db.migrate import upgrade
from bot.settings import Settings
from content.errors import ContentError
from tests.integration.console.office import HEALTH, MARKET, OFFICE, START, Deaf, Office

CONTACTS = """
scjg: {unit: ["13900000001", "13900000002"], unit_head: "13900000003"}
ssqg: {unit: "13900000004"}
shian: {unit: "13900000005", office: "13900000006"}
"""


@dataclass
class Telephone:
    """A provider that notes its calls and fails as often as told."""

    failures: int = 0
    made: list[tuple[str, str]] = field(default_factory=list)
    rang: asyncio.Event = field(default_factory=asyncio.Event)

    async def call(self, target: str, text: str) -> None:
        self.made.append((target, text))
        self.rang.set()
        await asyncio.sleep(0)
        if self.failures:
            self.failures -= 1
            raise CallFailed("busy")

    @property
    def numbers(self) -> list[str]:
        return sorted(target for target, _ in self.made)


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    clock = SetClock(START)
    contacts = tmp_path / "contacts.yml"
    contacts.write_text(CONTACTS, encoding="utf-8")
    settings = Settings(data=tmp_path, jurisdiction="suining_hedong", alarm_contacts=contacts)
    app = bootstrap(settings, clock=clock, interpreter=Deaf())
    await upgrade(app.database)
    yield Office(app, clock)
    await app.close()


def alarms(office: Office, telephone: Telephone | None) -> Alarms:
    jurisdiction = office.app.services.jurisdiction
    contacts = load_contacts(office.app.settings.alarm_contacts, jurisdiction)
    return Alarms(office.app, telephone, contacts)


async def look(*which: Alarms) -> None:
    await asyncio.gather(*(one.look() for one in which))
    await asyncio.gather(*(one.settle() for one in which))


async def test_all_units_are_called_at_once_and_once(office: Office) -> None:
    number = await office.file("三人吃菌子后呕吐", severity="urgent")
    await office.raise_alert(number, MARKET, HEALTH, OFFICE)
    telephone = Telephone()
    one, other = alarms(office, telephone), alarms(office, telephone)
    await look(one, other)
    await look(one, other)
    assert telephone.numbers == [f"1390000000{n}" for n in (1, 2, 4, 5)]
    assert {row["state"] for row in await office.rows(calls)} == {"sent"}
    said = dict(telephone.made)["13900000004"]
    assert number in said
    assert "呕吐" not in said  # what happened to whom stays in the house


async def test_a_failed_call_is_tried_again_later_and_given_up_in_the_end(office: Office) -> None:
    await office.raise_alert(await office.file(), HEALTH)
    telephone = Telephone(failures=2)
    one = alarms(office, telephone)
    await look(one)
    await look(one)
    assert len(telephone.made) == 1  # not before its wait is over
    for _ in range(2):
        office.wait(minutes=3)
        await look(one)
    [row] = await office.rows(calls)
    assert (row["state"], row["attempts"], len(telephone.made)) == ("sent", 3, 3)

    await office.raise_alert(await office.file(), HEALTH)
    telephone.failures = 99
    for _ in range(MAX_ATTEMPTS + 2):
        office.wait(minutes=3)
        await look(one)
    assert [row["state"] for row in await office.rows(calls)] == ["sent", "failed"]
    assert len(telephone.made) == 3 + MAX_ATTEMPTS


async def test_a_call_cut_off_in_the_middle_is_made_again(office: Office) -> None:
    await office.raise_alert(await office.file(), HEALTH)

    class Dead(Telephone):
        async def call(self, target: str, text: str) -> None:
            await super().call(target, text)
            raise asyncio.CancelledError

    dead, alive = Dead(), Telephone()
    await alarms(office, dead).look()
    await asyncio.sleep(0.05)
    office.wait(minutes=3)
    await look(alarms(office, alive))
    assert (len(dead.made), len(alive.made)) == (1, 1)


async def test_nobody_answers_so_the_head_and_then_the_office_hear_of_it(office: Office) -> None:
    number = await office.file(severity="urgent")
    await office.raise_alert(number, MARKET)
    telephone = Telephone()
    one = alarms(office, telephone)
    await look(one)
    office.wait(minutes=9, seconds=59)
    assert await escalate(office.app, START) == 0
    levels = []
    for _ in range(3):
        office.wait(minutes=10)
        await asyncio.gather(escalate(office.app, START), escalate(office.app, START))
        await look(one)
        [alert] = await office.rows(t.alerts)
        levels.append(alert["level"])
    assert levels == ["unit_head", "office", "office"]
    assert telephone.numbers == [f"1390000000{n}" for n in (1, 2, 3, 6)]
    lines = [row for row in await office.rows(t.timeline) if row["type"] == "alert_escalated"]
    assert [line["data"]["level"] for line in lines] == ["unit_head", "office"]


async def test_an_acknowledged_alert_is_neither_called_nor_escalated(office: Office) -> None:
    await office.raise_alert(await office.file(), MARKET)
    async with office.app.database.write() as connection:
        change = sa.update(t.alerts).values(seen_at=office.clock.now(), seen_by="li")
        await connection.execute(change)
    office.wait(hours=1)
    telephone = Telephone()
    assert await escalate(office.app, START) == 0
    await look(alarms(office, telephone))
    assert telephone.made == []


async def test_a_running_loop_calls_by_itself_and_stops(office: Office) -> None:
    await office.raise_alert(await office.file(), HEALTH)
    telephone, stop = Telephone(), asyncio.Event()
    running = asyncio.ensure_future(alarms(office, telephone).run(stop))
    async with asyncio.timeout(10):
        await telephone.rang.wait()
    stop.set()
    await running
    assert telephone.numbers == ["13900000004"]


async def test_a_command_gets_the_number_and_the_text(tmp_path: Path) -> None:
    heard = tmp_path / "heard"
    script = f"import sys; open({str(heard)!r}, 'w').write(sys.argv[1] + sys.stdin.read())"
    await CommandProvider((sys.executable, "-c", script)).call("139", "有人中毒")
    assert heard.read_text() == "139有人中毒"
    with pytest.raises(CallFailed, match=r"exit 3.*no line"):
        fails = "import sys; sys.exit(print('no line', file=sys.stderr) or 3)"
        await CommandProvider((sys.executable, "-c", fails)).call("139", "")
    with pytest.raises(CallFailed):
        await CommandProvider(("/nowhere/siren",)).call("139", "")


async def test_a_gateway_gets_its_own_form_of_body_and_the_secret(tmp_path: Path) -> None:
    heard: list[object] = []

    async def hear(request: web.Request) -> web.Response:
        heard.extend([request.headers["Authorization"], await request.json()])
        return web.Response(status=200 if len(heard) == 2 else 502)

    server = web.Application()
    server.router.add_post("/sms", hear)
    runner = web.AppRunner(server)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    template = {"phones": ["{target}"], "content": "【食安】{text}", "type": 1}
    settings = Settings(
        alarm_url=f"http://127.0.0.1:{port}/sms",
        alarm_secret="s3cret",  # type: ignore[arg-type]
        alarm_template=json.dumps(template, ensure_ascii=False),
    )
    provider = open_provider(settings)
    assert provider is not None
    await provider.call("139", "{target}说有人中毒")
    body = {"phones": ["139"], "content": "【食安】{target}说有人中毒", "type": 1}
    assert heard == ["Bearer s3cret", body]
    with pytest.raises(CallFailed, match="HTTP 502"):
        await provider.call("139", "")
    await runner.cleanup()
    with pytest.raises(CallFailed):
        await replace(HttpProvider("", {}), url=f"http://127.0.0.1:{port}/sms").call("139", "")


@pytest.mark.parametrize(
    "bad", ["nowhere: {unit: '1'}", "scjg: {boss: '1'}", "scjg: {unit: 139}", "scjg: '139'"]
)
def test_a_contact_file_with_a_mistake_is_refused(office: Office, tmp_path: Path, bad: str) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(bad, encoding="utf-8")
    with pytest.raises(ContentError, match=r"bad\.yml:1"):
        load_contacts(path, office.app.services.jurisdiction)
    assert load_contacts(None, office.app.services.jurisdiction) == Contacts({}, OFFICE)
