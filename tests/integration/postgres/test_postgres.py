"""The same code on PostgreSQL: layout, one message, many at once, two processes."""

from __future__ import annotations

import asyncio
import json
from dataclasses import replace

import pytest
import sqlalchemy as sa

from bot.bootstrap import App, bootstrap
from bot.db import tables as t
from bot.db.migrate import differences, downgrade, upgrade
from handlers.messages import Incoming
from handlers.ports import Interpreter, Staff
from handlers.respond import respond
from handlers.tickets import actions, closing, deciding
from tests.integration.bot.browser import open_page

pytestmark = pytest.mark.postgres
REPORT = "举报薛家镇顺发豆制品作坊用工业石膏做豆腐，没有执照"
OFFICER = Staff("li", "李", "officer", "scjg")


async def count(app: App, table: sa.Table) -> int:
    async with app.database.read() as connection:
        return int(
            (await connection.execute(sa.select(sa.func.count()).select_from(table))).scalar_one()
        )


async def test_the_layout_is_what_the_code_describes(pg: App) -> None:
    assert await differences(pg.database) == []
    await downgrade(pg.database, "base")
    await upgrade(pg.database)
    assert await differences(pg.database) == []


async def test_a_citizen_a_ticket_an_officer_and_back(pg: App) -> None:
    async with open_page(pg) as page:
        answers = await page.say(REPORT)
        assert "SA20261123-0001" in answers[-1]["text"]
        await actions.claim(pg.services, OFFICER, "SA20261123-0001")
        await actions.ask(pg.services, OFFICER, "SA20261123-0001", "门牌号是多少？")
        await page.work()
        await page.say("薛家镇兴业路12号")
        for step in ("verifying", "not_filed"):
            told = deciding.Step(step, "现场核查。")
            await deciding.take_step(pg.services, OFFICER, "SA20261123-0001", told)
        await closing.resolve(pg.services, OFFICER, "SA20261123-0001", "现场检查，已责令改正。")
        await page.work()
        said = [m["text"] for m in await page.answers()]
    assert any("已责令改正" in text for text in said)
    async with pg.services.unit_of_work() as work:
        entries = await work.tickets.timeline("SA20261123-0001")
    assert [e.type for e in entries if e.type in ("question", "answer")] == ["question", "answer"]


async def test_what_no_database_stores_is_left_out(pg: App) -> None:
    async with open_page(pg) as page:
        body = json.dumps({"client_id": "client-raw-1", "text": REPORT + "\x00\ud83d坏字"})
        headers = {"Content-Type": "application/json"}
        await page.http.post("/api/chat/messages", content=body.encode(), headers=headers)
        await page.work()
        answers = await page.answers()
    assert "SA20261123-0001" in answers[-1]["text"]


async def test_many_citizens_at_once_get_a_number_each(pg: App) -> None:
    async def one(number: int) -> None:
        await respond(Incoming("web", f"x{number}", f"citizen{number}", REPORT), pg.services)

    await asyncio.gather(*(one(n) for n in range(40)))
    assert await count(pg, t.tickets) == 40


async def test_the_same_update_answered_by_two_processes_counts_once(
    pg: App, interpreter: Interpreter
) -> None:
    other = bootstrap(pg.settings, clock=pg.clock, interpreter=interpreter)
    async with open_page(pg) as page:
        await page.post(REPORT)
        async with pg.database.read() as connection:
            row = (await connection.execute(sa.select(t.inbox))).one()
        incoming = Incoming("web", row.external_id, row.sender, REPORT, inbox_ids=(row.id,))
        turns = await asyncio.gather(
            respond(incoming, pg.services), respond(replace(incoming), other.services)
        )
    await other.close()
    assert sorted(turn is None for turn in turns) == [False, True]
    assert await count(pg, t.tickets) == 1


async def test_two_turns_of_one_citizen_never_interleave(pg: App) -> None:
    """Without the lock both would read the same dialog and one answer would be lost."""
    await respond(Incoming("web", "a", "anna", "我要投诉"), pg.services)
    texts = ["在太湖路的老王烧烤店，昨天晚上吃的羊肉串里有钢丝球", "电话13800001234"]
    await asyncio.gather(
        *(
            respond(Incoming("web", f"b{n}", "anna", text, message_key=f"b{n}"), pg.services)
            for n, text in enumerate(texts)
        )
    )
    async with pg.services.unit_of_work() as work:
        citizen = await work.citizens.get_or_add("web", "anna", "zh-Hans")
        state = await work.dialogs.load(citizen.id)
    assert state["draft"]["facts"]["phone"] == "13800001234"
    assert "钢丝球" in str(state["draft"]["narrative"])


async def test_two_claims_at_once_leave_one_owner(pg: App) -> None:
    await respond(Incoming("web", "a", "anna", REPORT), pg.services)
    claims = [actions.claim(pg.services, OFFICER, "SA20261123-0001", 0) for _ in range(2)]
    results = await asyncio.gather(*claims, return_exceptions=True)
    assert sum(result is None for result in results) == 1


async def test_a_repeated_correction_replaces_the_earlier_one(pg: App) -> None:
    boss = Staff("du", "督", "supervisor", "shian")
    await respond(Incoming("web", "a", "anna", REPORT), pg.services)
    for intent in ("consult", "complaint"):
        await actions.correct(pg.services, boss, "SA20261123-0001", intent, ["label"], "看过原件")
    async with pg.database.read() as connection:
        row = (await connection.execute(sa.select(t.corrections))).mappings().one()
    assert row["before"]["intent"] == "report"
    assert row["after"] == {"intent": "complaint", "hazards": ["label"]}
    assert row["model_version"]
