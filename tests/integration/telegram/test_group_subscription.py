"""Groups that subscribe: administrators decide, broadcasts reach them, and who lets go is let go."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from bot.bootstrap import App
from bot.db.campaign_tables import campaign_responses, subscribers
from bot.db.group_tables import group_consents
from bot.db.tables import citizens, consents
from handlers.ports import Interpreter
from tests.integration.bot.audience import begin, draft
from tests.integration.telegram.test_broadcast import office, states
from tests.integration.telegram.world import polling
from tests.telegram_api import TelegramApi

ANNA, ADMIN, GROUP, SUPER = 1, 2, -500, -100500
TIPS = "每日饮食安全提示"


@asynccontextmanager
async def group(folder: Path, interpreter: Interpreter) -> AsyncIterator[tuple[TelegramApi, App]]:
    async with office(folder, interpreter, 2) as (api, app):
        api.sim.group(GROUP, "小区群", [ANNA, ADMIN], kind="group")
        api.sim.member(GROUP, ADMIN, "administrator")
        yield api, app


async def work(api: TelegramApi, app: App) -> None:
    """Everything that came is dealt with."""
    assert app.telegram is not None
    async with polling(app.telegram):
        await api.view.wait_drained()
    await app.worker.drain()
    await asyncio.sleep(0)


async def press(
    api: TelegramApi, app: App, person: int, label: str, chat: int = GROUP
) -> dict[str, Any]:
    """Press a button of the newest message of the group; gives what pops up."""
    shown = api.view.messages(chat)[-1]
    query = api.sim.press(person, shown["message_id"], label=label, chat_id=chat)
    await work(api, app)
    return dict(api.view.callback(query["callback_query"]["id"]))


async def subscribed(api: TelegramApi, app: App, label: str = TIPS) -> None:
    """The administrator subscribes the group."""
    api.sim.text(ADMIN, "/subscribe@emulated_bot", chat_id=GROUP)
    await work(api, app)
    assert "本群已订阅" in str(await press(api, app, ADMIN, label))


async def active(app: App) -> list[tuple[str, bool]]:
    """Groups, and whether they subscribe."""
    c = citizens.c
    joined = sa.select(c.address, subscribers.c.active).join_from(citizens, subscribers)
    async with app.database.read() as connection:
        rows = await connection.execute(joined.where(c.address.like("-%")).order_by(c.id))
        return [(row.address, row.active) for row in rows]


async def agreed(app: App) -> list[tuple[bool, int | None, str]]:
    """Who decided for the group, in order."""
    c = group_consents.c
    async with app.database.read() as connection:
        rows = await connection.execute(sa.select(c.granted, c.by, c.why).order_by(c.id))
        return [(row.granted, row.by, row.why) for row in rows]


async def test_only_administrators_subscribe_it_and_it_is_written_down(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        api.sim.text(ANNA, "/subscribe", chat_id=GROUP)
        await work(api, app)
        assert "只有群管理员" in api.view.messages(GROUP)[-1]["text"]
        api.sim.text(ADMIN, "/subscribe", chat_id=GROUP)
        await work(api, app)
        refused = await press(api, app, ANNA, TIPS)
        assert "只有群管理员" in str(refused)
        assert await active(app) == []
        assert TIPS in str(await press(api, app, ADMIN, TIPS))
        assert await active(app) == [(str(GROUP), True)]
        assert await agreed(app) == [(True, ADMIN, "asked")]
        async with app.database.read() as connection:
            wording = await connection.scalar(sa.select(consents.c.wording))
        assert "管理员随时可以退订" in str(wording)
        api.sim.text(ANNA, "/unsubscribe", chat_id=GROUP)
        await work(api, app)
        assert await active(app) == [(str(GROUP), True)]
        api.sim.text(ADMIN, "/unsubscribe", chat_id=GROUP)
        await work(api, app)
        assert "本群已退订" in api.view.messages(GROUP)[-1]["text"]
        assert await active(app) == [(str(GROUP), False)]
        assert (await agreed(app))[-1] == (False, ADMIN, "asked")


async def test_a_broadcast_arrives_with_one_button_which_only_administrators_can_use(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        await subscribed(api, app, "全都要")
        campaign = await begin(app, draft("生熟分开。"))
        await app.broadcaster.drain()
        shown = api.view.messages(GROUP)[-1]
        assert "生熟分开" in shown["text"]
        keys = [key["text"] for row in shown["buttons"] for key in row]
        assert keys == ["退订"]
        assert "只有群管理员" in str(await press(api, app, ANNA, "退订"))
        assert await active(app) == [(str(GROUP), True)]
        assert "本群已退订" in str(await press(api, app, ADMIN, "退订"))
        assert await active(app) == [(str(GROUP), False)]
        assert (await agreed(app))[-1] == (False, ADMIN, "button")
        async with app.database.read() as connection:
            found = await connection.execute(sa.select(campaign_responses))
            [response] = list(found.mappings())
        assert (response["campaign_id"], response["what"]) == (campaign.id, "unsubscribed")


async def test_consent_is_looked_at_again_before_the_message_leaves(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        await subscribed(api, app)
        await begin(app, draft("记得洗手。"))
        await app.broadcaster._turn_over()  # plans
        before = len(api.view.messages(GROUP))
        api.sim.text(ADMIN, "/quiet", chat_id=GROUP)
        await work(api, app)
        await app.broadcaster.drain()
        assert await states(app) == {"sent": 2, "skipped": 1}
        said = [message["text"] for message in api.view.messages(GROUP)[before:]]
        assert not any("记得洗手" in text for text in said) and "不再推送" in said[-1]
        assert (await agreed(app))[-1] == (False, ADMIN, "quiet")


async def test_an_answer_with_the_word_of_the_footer_ends_it_too(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        await subscribed(api, app)
        await begin(app, draft("分餐更好。"))
        await app.broadcaster.drain()
        shown = api.view.messages(GROUP)[-1]["message_id"]
        for person, left in ((ANNA, True), (ADMIN, False)):
            api.sim.text(person, "退订", chat_id=GROUP, reply_to=shown)
            await work(api, app)
            assert await active(app) == [(str(GROUP), left)]


async def test_who_puts_the_bot_out_gets_nothing_more(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        await subscribed(api, app)
        api.sim.bot_status(GROUP, ADMIN, "kicked")
        await work(api, app)
        assert await active(app) == [(str(GROUP), False)]
        assert (await agreed(app))[-1] == (False, None, "removed")
    async with group(tmp_path / "unheard", interpreter) as (api, app):
        await subscribed(api, app)
        api.faults.add("error", "sendMessage", chat_id=GROUP, status=403)
        await begin(app, draft("先尝再买。"))
        await app.broadcaster.drain()
        assert await states(app) == {"sent": 2, "blocked": 1}
        assert await active(app) == [(str(GROUP), False)]


async def test_a_group_that_became_a_supergroup_is_followed(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        await subscribed(api, app)
        api.sim.migrate(GROUP, SUPER)
        await begin(app, draft("烧熟煮透。"))
        await app.broadcaster.drain()
        assert await states(app) == {"sent": 3}
        [shown] = api.view.messages(SUPER)
        assert "烧熟煮透" in shown["text"]
        assert await active(app) == [(str(SUPER), True)]


async def test_a_supergroup_that_subscribed_anew_gets_it_once(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with group(tmp_path, interpreter) as (api, app):
        await subscribed(api, app)
        api.sim.migrate(GROUP, SUPER)
        api.sim.member(SUPER, ADMIN, "administrator")
        api.sim.text(ADMIN, "/subscribe", chat_id=SUPER)
        await work(api, app)
        await press(api, app, ADMIN, TIPS, SUPER)
        await begin(app, draft("少油少盐。"))
        await app.broadcaster.drain()
        assert sum("少油少盐" in m["text"] for m in api.view.messages(SUPER)) == 1
        assert await active(app) == [(str(GROUP), False), (str(SUPER), True)]
