"""A unit at work in its Telegram group: linked accounts, cards in step, refusals in Chinese."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from aiogram.client.session.aiohttp import AiohttpSession
from pydantic import SecretStr

from bot.bootstrap import App, bootstrap
from bot.channels import Update
from bot.channels.telegram import Telegram
from bot.clock import SetClock
from bot.db import card_rows
from bot.db import case_tables as c
from bot.db import tables as t
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter
from tests.conftest import MONDAY_NOON
from tests.integration.bot.case import FARM, MARKET, Case
from tests.integration.telegram.world import polling
from tests.telegram_api import TelegramApi

WANG, LIN, STRANGER = 501, 502, 503
GROUP, FARMERS, OLD = -900, -901, -905


@dataclass
class Unit:
    """The application, the emulator, and what people do in it."""

    app: App
    api: TelegramApi
    case: Case

    @property
    def telegram(self) -> Telegram:
        assert self.app.telegram is not None
        return self.app.telegram

    async def work(self) -> None:
        """Fetch updates, deal with them, bring the cards up to date."""
        async with polling(self.telegram):
            await self.api.view.wait_drained()
        await self.app.worker.drain()
        assert self.app.cards is not None
        while await self.app.cards.drain():
            pass

    async def hire(self, login: str, unit: str, role: str = "officer") -> int:
        row = {"login": login, "name": login, "role": role, "unit": unit, "active": True}
        async with self.app.database.write() as connection:
            insert = sa.insert(t.staff).values(**row, created_at=MONDAY_NOON)
            return int((await connection.execute(insert.returning(t.staff.c.id))).scalar_one())

    async def word(self, staff_id: int, purpose: str) -> str:
        made = f"word-{staff_id}-{purpose}"
        async with self.app.database.write() as connection:
            now = self.case.clock.now()
            await card_rows.keep_word(connection, made, staff_id, purpose, now)
        return made

    async def link(self, person: int, login: str, unit: str) -> int:
        staff_id = await self.hire(login, unit)
        self.api.sim.text(person, f"/staff {await self.word(staff_id, 'account')}")
        await self.work()
        return staff_id

    async def bind(self, chat: int, person: int, unit: str, **where: Any) -> None:
        head = await self.hire(f"head-{unit}", unit, "unit_head")
        self.api.sim.text(person, f"/unit {await self.word(head, 'group')}", chat_id=chat, **where)
        await self.work()

    def cards(self, chat: int = GROUP) -> list[dict[str, Any]]:
        return [m for m in self.api.view.messages(chat) if m["text"] and "SA2026" in m["text"]]

    async def press(self, person: int, label: str, chat: int = GROUP) -> str:
        """Press a button of the newest card; gives what pops up."""
        card = self.cards(chat)[-1]
        query = self.api.sim.press(person, card["message_id"], label=label, chat_id=chat)
        await self.work()
        answer = self.api.view.callback(query["callback_query"]["id"])
        return str(answer)


@pytest.fixture
async def unit(tmp_path: Path, clock: SetClock, interpreter: Interpreter) -> AsyncIterator[Unit]:
    async with _unit(tmp_path, clock, interpreter) as made:
        yield made


@asynccontextmanager
async def _unit(folder: Path, clock: SetClock, interpreter: Interpreter) -> AsyncIterator[Unit]:
    async with TelegramApi.running() as api:
        settings = Settings(data=folder, telegram_token=SecretStr(api.token), telegram_api=api.url)
        app = bootstrap(settings, clock=clock, interpreter=interpreter)
        await upgrade(app.database)
        for person in (WANG, LIN, STRANGER):
            api.sim.user(person)
        api.sim.group(GROUP, "市监局食品股", [WANG, LIN, STRANGER], bot_status="administrator")
        api.sim.group(FARMERS, "农业农村局", [LIN], forum=True, bot_status="administrator")
        yield Unit(app, api, Case(app, clock))
        assert app.telegram is not None
        session = app.telegram.bot.session
        assert isinstance(session, AiohttpSession)
        await (await session.create_session()).close()
        await app.database.close()


async def test_a_new_ticket_is_a_card_and_claiming_it_changes_the_card(unit: Unit) -> None:
    await unit.link(WANG, "wang", MARKET)
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file()
    await unit.work()
    [card] = unit.cards()
    assert number in card["text"]
    assert "老王烧烤吃出虫子" in card["text"]
    assert "已签收" in await unit.press(WANG, "签收")
    ticket = await unit.case.load(number)
    assert (ticket.state, ticket.officer) == ("claimed", "wang")
    [card] = unit.cards()
    assert "已签收" in card["text"]
    assert [key["text"] for row in card["buttons"] for key in row] == ["答复", "转派", "办结"]


async def test_a_word_works_once_and_only_in_time(unit: Unit) -> None:
    staff_id = await unit.hire("wang", MARKET)
    word = await unit.word(staff_id, "account")
    unit.case.wait(minutes=16)
    unit.api.sim.text(WANG, f"/staff {word}")
    await unit.work()
    assert "过期" in unit.api.view.last(WANG)["text"]
    word = await unit.word(staff_id, "account")
    for person in (WANG, STRANGER):
        unit.api.sim.text(person, f"/staff {word}")
        await unit.work()
    assert "已经关联" in unit.api.view.last(WANG)["text"]
    assert "已用过" in unit.api.view.last(STRANGER)["text"]
    assert await unit.case.rows(t.citizens) == []  # staff words never become a citizen's dialog


async def test_who_is_not_linked_not_of_the_unit_or_not_active_is_refused(unit: Unit) -> None:
    staff_id = await unit.link(WANG, "wang", MARKET)
    await unit.link(LIN, "lin", FARM)
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file()
    await unit.work()
    assert "还没有关联" in await unit.press(STRANGER, "签收")
    assert "没有这件工单" in await unit.press(LIN, "签收")
    async with unit.app.database.write() as connection:
        off = sa.update(t.staff).where(t.staff.c.id == staff_id).values(active=False)
        await connection.execute(off)
    assert "还没有关联" in await unit.press(WANG, "签收")
    assert (await unit.case.load(number)).state == "dispatched"


async def test_a_reply_to_the_prompt_reaches_the_citizen_and_a_stale_one_does_not(
    unit: Unit,
) -> None:
    await unit.link(WANG, "wang", MARKET)
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file()
    await unit.work()
    await unit.press(WANG, "答复")
    prompt = unit.api.view.last(GROUP)
    for words in ("我们今天下午去现场。", "再说一遍。"):
        unit.api.sim.text(WANG, words, chat_id=GROUP, reply_to=prompt["message_id"])
        await unit.work()
    told = await unit.case.told((await unit.case.load(number)).citizen_id)
    assert [text for text in told if "今天下午去现场" in text]
    assert not [text for text in told if "再说一遍" in text]
    assert "已经有了变化" in unit.api.view.last(GROUP)["text"]


async def test_forbidden_words_are_refused_in_the_group_too(unit: Unit) -> None:
    await unit.link(WANG, "wang", MARKET)
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file()
    await unit.work()
    await unit.press(WANG, "答复")
    prompt = unit.api.view.last(GROUP)["message_id"]
    unit.api.sim.text(WANG, "保证给您退款", chat_id=GROUP, reply_to=prompt)
    await unit.work()
    assert "承诺结果" in unit.api.view.last(GROUP)["text"]
    assert (await unit.case.load(number)).version == 0


async def test_a_transferred_ticket_moves_to_the_other_unit_s_topic(unit: Unit) -> None:
    await unit.link(WANG, "wang", MARKET)
    await unit.bind(GROUP, WANG, MARKET)
    topic = unit.api.sim.topic(FARMERS, LIN, "新工单")
    await unit.bind(FARMERS, LIN, FARM, thread_id=topic)
    number = await unit.case.file()
    await unit.work()
    await unit.press(WANG, "转派")
    choice = unit.api.view.last(GROUP)
    unit.api.sim.press(WANG, choice["message_id"], label="区农业农村局", chat_id=GROUP)
    await unit.work()
    prompt = unit.api.view.last(GROUP)["message_id"]
    unit.api.sim.text(WANG, "种植环节的问题", chat_id=GROUP, reply_to=prompt)
    unit.case.wait(seconds=1)
    await unit.work()
    assert (await unit.case.load(number)).lead == FARM
    card = next(m for m in unit.cards() if m["text"].startswith(number))
    assert "已由区农业农村局办理" in card["text"]
    assert not card["buttons"]
    [moved] = [m for m in unit.api.view.messages(FARMERS, thread_id=topic) if number in m["text"]]
    assert moved["buttons"]


async def test_group_talk_is_ignored_and_insiders_never_show(unit: Unit) -> None:
    await unit.bind(GROUP, WANG, MARKET)
    before = len(unit.api.view.messages(GROUP))
    unit.api.sim.text(STRANGER, "中午吃什么？举报食堂没肉", chat_id=GROUP)
    await unit.case.file("report", "内部举报", secrecy="insider")
    await unit.work()
    assert len(unit.api.view.messages(GROUP)) == before
    assert await unit.case.rows(c.cards) == []


async def test_a_crash_between_sending_and_noting_sends_once_more(unit: Unit) -> None:
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file()
    await unit.work()
    async with unit.app.database.write() as connection:
        values = {"state": "pending", "message_id": None, "shown_version": -1}
        await connection.execute(sa.update(c.cards).values(**values))
    await unit.work()
    await asyncio.sleep(0)
    assert [number in m["text"] for m in unit.cards()] == [True, True]
    [row] = await unit.case.rows(c.cards)
    assert (row.state, row.shown_version) == ("shown", 0)


async def test_a_mark_in_a_citizen_s_story_is_no_prompt(unit: Unit) -> None:
    await unit.link(WANG, "wang", MARKET)
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file(text="老王烧烤吃出虫子【resolve SA2026110200-1 0】要求退款")
    await unit.work()
    [card] = unit.cards()
    unit.api.sim.text(WANG, "好的", chat_id=GROUP, reply_to=card["message_id"])
    await unit.work()
    assert (await unit.case.load(number)).version == 0


@pytest.mark.parametrize(
    "data", ["case:", "case:claim", "case:claim:SA20261102-1:x:y:z", "case:x:y:z"]
)
async def test_a_forged_button_is_refused_and_the_rest_goes_on(unit: Unit, data: str) -> None:
    await unit.link(WANG, "wang", MARKET)
    await unit.bind(GROUP, WANG, MARKET)
    number = await unit.case.file()
    await unit.work()
    forged = {"id": "1", "from": {"id": WANG}, "data": data, "message": {"chat": {"id": GROUP}}}
    update = Update(
        1, "telegram", "forged", str(WANG), "forged", {"callback_query": forged}, MONDAY_NOON
    )
    staff = unit.telegram.channel.staff
    assert staff is not None
    assert await staff.take(update)
    assert (await unit.case.load(number)).version == 0
    assert "已签收" in await unit.press(WANG, "签收")


async def test_a_flooded_group_waits_and_the_other_does_not(unit: Unit) -> None:
    await unit.bind(GROUP, WANG, MARKET)
    await unit.bind(FARMERS, LIN, FARM)
    unit.api.faults.add("flood", "sendMessage", chat_id=GROUP, retry_after=30)
    await unit.case.file()
    await unit.case.file(lead=FARM)
    await unit.work()
    assert (len(unit.cards()), len(unit.cards(FARMERS))) == (0, 1)
    unit.case.wait(seconds=29)
    await unit.work()
    assert not unit.cards()
    unit.case.wait(seconds=2)
    await unit.work()
    assert len(unit.cards()) == 1


async def test_a_group_that_became_a_supergroup_is_followed(unit: Unit) -> None:
    unit.api.sim.group(OLD, "老群", [WANG], kind="group")
    await unit.bind(OLD, WANG, MARKET)
    unit.api.sim.migrate(OLD, -1_000_900)
    number = await unit.case.file()
    await unit.work()
    await unit.work()
    assert [number in card["text"] for card in unit.cards(-1_000_900)] == [True]


async def test_only_who_leads_binds_a_group(unit: Unit) -> None:
    officer = await unit.hire("wang", MARKET)
    unit.api.sim.text(WANG, f"/unit {await unit.word(officer, 'group')}", chat_id=GROUP)
    await unit.work()
    assert "口令不对" in unit.api.view.last(GROUP)["text"]
    assert await unit.case.rows(c.unit_groups) == []
