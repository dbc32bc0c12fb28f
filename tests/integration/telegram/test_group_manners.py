"""In a group the bot is silent, unless spoken to or a known rumour is passed on."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
import yaml

from bot.bootstrap import App
from bot.channels.telegram.manners import NEAR_CERTAIN
from bot.db.tables import citizens, tickets
from handlers.knowledge import reviewing
from handlers.ports import Interpreter, Staff
from tests.integration.telegram.test_broadcast import office
from tests.integration.telegram.world import polling
from tests.telegram_api import TelegramApi

ANNA, ADMIN, GROUP = 1, 2, -100500
REVIEWER = Staff("shen", "审核老李", "reviewer", "shian")
NO_ITEM = Path("nlu/evaluation/knowledge/no_item.yml")
FORWARDED = {"forward_origin": {"type": "hidden_user", "sender_user_name": "亲友", "date": 1}}
RUMOUR = "吃味精会脱发、伤脑子"


@asynccontextmanager
async def group(folder: Path, interpreter: Interpreter) -> AsyncIterator[tuple[TelegramApi, App]]:
    async with office(folder, interpreter, 2) as (api, app):
        api.sim.group(GROUP, "小区群", [ANNA, ADMIN])
        api.sim.member(GROUP, ADMIN, "administrator")
        item = app.services.library.items["rumour-063"]
        await reviewing.sign(app.services, REVIEWER, item.id, item.digest)
        yield api, app


async def heard(api: TelegramApi, app: App) -> list[str]:
    """What the bot said in the group once everything that came was taken."""
    assert app.telegram is not None
    before = len(api.view.messages(GROUP))
    async with polling(app.telegram):
        await api.view.wait_drained()
    await app.worker.drain()
    await asyncio.sleep(0)
    return [message["text"] for message in api.view.messages(GROUP)[before:]]


async def test_silent_unless_spoken_to(tmp_path: Path, interpreter: Interpreter) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        api.sim.text(ANNA, "今晚吃什么，我家味精用完了", chat_id=GROUP)
        assert await heard(api, app) == []
        api.sim.text(ANNA, "@emulated_bot 吃味精会掉头发吗", chat_id=GROUP)
        [answer] = await heard(api, app)
        assert "味精" in answer and "流言榜" in answer
        api.sim.text(ANNA, "@emulated_bot 我要投诉老王烧烤，电话13800001111", chat_id=GROUP)
        [answer] = await heard(api, app)
        assert "https://t.me/emulated_bot" in answer
        async with app.database.read() as connection:
            assert not list(await connection.scalars(sa.select(tickets.c.id)))
            known = set(await connection.scalars(sa.select(citizens.c.address)))
        assert str(GROUP) not in known


async def test_a_passed_on_rumour_is_answered_and_other_news_are_not(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        api.sim.message(ANNA, {"text": RUMOUR, **FORWARDED}, chat_id=GROUP)
        [answer] = await heard(api, app)
        assert "不属实" in answer
        api.sim.message(ANNA, {"text": "明天小区停水，请大家储水", **FORWARDED}, chat_id=GROUP)
        api.sim.message(ANNA, {"text": "夏天剩菜要放冰箱", **FORWARDED}, chat_id=GROUP)
        assert await heard(api, app) == []


async def test_administrators_silence_it(tmp_path: Path, interpreter: Interpreter) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        api.sim.text(ANNA, "/quiet@emulated_bot", chat_id=GROUP)
        assert "只有群管理员" in (await heard(api, app))[0]
        api.sim.text(ADMIN, "/quiet@emulated_bot", chat_id=GROUP)
        assert "不再说话" in (await heard(api, app))[0]
        api.sim.text(ANNA, "@emulated_bot 吃味精会掉头发吗", chat_id=GROUP)
        assert await heard(api, app) == []
        api.sim.text(ADMIN, "/speak@emulated_bot", chat_id=GROUP)
        assert "会回答" in (await heard(api, app))[0]


async def test_no_question_without_an_item_is_near_certain(app: App) -> None:
    asked = yaml.safe_load(NO_ITEM.read_text(encoding="utf-8"))
    texts = [row if isinstance(row, str) else row["text"] for row in asked["questions"]]
    assert len(texts) > 50
    scores = [found.score for text in texts if (found := app.services.finder.find(text))]
    assert all(score < NEAR_CERTAIN for score in scores)
