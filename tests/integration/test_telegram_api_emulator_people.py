"""The Bot API emulator: simulated people, groups, faults, rate limits, own process."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    ClientDecodeError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramForbiddenError,
    TelegramMigrateToChat,
    TelegramNetworkError,
    TelegramRetryAfter,
    TelegramServerError,
)
from aiogram.types import (
    BotCommand,
    ChatMemberAdministrator,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    Message,
    Update,
)
from aiohttp import ClientSession

from tests.telegram_api import SimClient, SimError, TelegramApi

ANNA, BERT, GROUP = 1001, 1002, -1001
Emulator = tuple[asyncio.subprocess.Process, str, str]


@asynccontextmanager
async def bot_for(url: str, token: str) -> AsyncIterator[Bot]:
    """A stock bot; its connections are closed without aiogram's pause for TLS."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    yield Bot(token, session)
    await (await session.create_session()).close()


@pytest.fixture
async def api() -> AsyncIterator[TelegramApi]:
    async with TelegramApi.running() as api:
        api.sim.user(ANNA, "Anna")
        yield api


@pytest.fixture
async def bot(api: TelegramApi) -> AsyncIterator[Bot]:
    async with bot_for(api.url, api.token) as bot:
        yield bot


async def latest(bot: Bot) -> Update:
    """The newest update; all are confirmed."""
    updates = await bot.get_updates()
    await bot.get_updates(offset=updates[-1].update_id + 1)
    return updates[-1]


async def received(bot: Bot) -> Message:
    message = (await latest(bot)).message
    assert message is not None
    return message


def one_button(text: str, data: str) -> InlineKeyboardMarkup:
    button = InlineKeyboardButton(text=text, callback_data=data)
    return InlineKeyboardMarkup(inline_keyboard=[[button]])


# people


async def test_start_with_payload(api: TelegramApi, bot: Bot) -> None:
    api.sim.user(BERT, started=False)
    with pytest.raises(TelegramBadRequest, match="chat not found"):
        await bot.send_message(BERT, "too early")
    api.sim.start(BERT, "from_poster_7")
    message = await received(bot)
    assert message.text == "/start from_poster_7"
    assert message.entities is not None
    assert message.entities[0].type == "bot_command"
    await bot.send_message(BERT, "welcome")


async def test_media_from_people(api: TelegramApi, bot: Bot) -> None:
    api.sim.photo(ANNA, b"not really a picture", caption="look")
    photo = (await received(bot)).photo
    assert photo is not None
    fetched = await bot.download(photo[-1])
    assert fetched is not None
    assert fetched.read() == b"not really a picture"
    api.sim.voice(ANNA, b"OggS", duration=4)
    voice = (await received(bot)).voice
    assert voice is not None
    assert (voice.duration, voice.mime_type) == (4, "audio/ogg")
    api.sim.document(ANNA, b"%PDF", "小票.pdf")
    document = (await received(bot)).document
    assert document is not None
    assert (document.file_name, document.mime_type) == ("小票.pdf", "application/pdf")


async def test_place_and_phone_from_people(api: TelegramApi, bot: Bot) -> None:
    api.sim.location(ANNA, 31.81, 119.97)
    location = (await received(bot)).location
    assert location is not None
    assert location.latitude == 31.81
    api.sim.contact(ANNA, "+8613800000000")
    contact = (await received(bot)).contact
    assert contact is not None
    assert contact.user_id == ANNA


async def test_person_edits_a_message(api: TelegramApi, bot: Bot) -> None:
    update = api.sim.text(ANNA, "frist")
    api.sim.edit(ANNA, update["message"]["message_id"], text="first")
    edited = (await latest(bot)).edited_message
    assert edited is not None
    assert (edited.message_id, edited.text) == (
        update["message"]["message_id"],
        "first",
    )
    assert edited.edit_date is not None
    assert update["message"]["text"] == "frist"


async def test_pressing_a_button(api: TelegramApi, bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "pick", reply_markup=one_button("Yes", "y:1"))
    with pytest.raises(SimError, match="no such button"):
        api.sim.press(ANNA, sent.message_id, label="No")
    api.sim.press(ANNA, sent.message_id, label="Yes")
    query = (await latest(bot)).callback_query
    assert query is not None
    assert (query.data, bool(query.chat_instance)) == ("y:1", True)
    assert isinstance(query.message, Message)
    assert query.message.text == "pick"
    assert await bot.answer_callback_query(query.id, "thanks")
    assert api.view.callback(query.id)["answers"] == [{"text": "thanks", "show_alert": False}]
    with pytest.raises(TelegramBadRequest, match="query ID is invalid"):
        await bot.answer_callback_query("999")


async def test_native_poll(api: TelegramApi, bot: Bot) -> None:
    sent = await bot.send_poll(ANNA, "Which?", ["rice", "oil"], is_anonymous=False)
    api.sim.vote(ANNA, sent.message_id, [1])
    answer = (await latest(bot)).poll_answer
    assert answer is not None
    assert answer.option_ids == [1]
    result = await bot.stop_poll(ANNA, sent.message_id)
    assert [option.voter_count for option in result.options] == [0, 1]


async def test_forum_group(api: TelegramApi, bot: Bot) -> None:
    api.sim.group(GROUP, "Office", [ANNA], forum=True, bot_status="administrator")
    topic = await bot.create_forum_topic(GROUP, "Queue")
    sent = await bot.send_message(GROUP, "ticket", message_thread_id=topic.message_thread_id)
    assert sent.is_topic_message
    api.sim.text(ANNA, "mine", chat_id=GROUP, thread_id=topic.message_thread_id)
    assert (await received(bot)).message_thread_id == topic.message_thread_id
    assert len(api.view.messages(GROUP, thread_id=topic.message_thread_id)) == 2
    await bot.close_forum_topic(GROUP, topic.message_thread_id)
    with pytest.raises(TelegramBadRequest, match="TOPIC_CLOSED"):
        await bot.send_message(GROUP, "late", message_thread_id=topic.message_thread_id)
    member = await bot.get_chat_member(GROUP, api.bot.bot_id)
    assert isinstance(member, ChatMemberAdministrator)
    assert (await bot.get_chat(GROUP)).is_forum


async def test_group_upgrade_and_removal(api: TelegramApi, bot: Bot) -> None:
    api.sim.group(-5, "Old", [ANNA], kind="group")
    api.sim.migrate(-5, GROUP)
    with pytest.raises(TelegramMigrateToChat) as caught:
        await bot.send_message(-5, "x")
    assert caught.value.migrate_to_chat_id == GROUP
    api.sim.bot_status(GROUP, ANNA, "kicked")
    with pytest.raises(TelegramForbiddenError, match="kicked from the supergroup"):
        await bot.send_message(GROUP, "x")


async def test_privacy_mode() -> None:
    async with TelegramApi.running(reads_all_group_messages=False) as api:
        api.sim.group(GROUP, "Chat", [ANNA])
        assert api.sim.text(ANNA, "among us", chat_id=GROUP)["update_id"] is None
        assert api.sim.text(ANNA, "/help", chat_id=GROUP)["update_id"] is not None
        assert api.sim.text(ANNA, "hi @Emulated_Bot", chat_id=GROUP)["update_id"] is not None


async def test_profile(bot: Bot) -> None:
    commands = [BotCommand(command="start", description="begin")]
    assert await bot.set_my_commands(commands, language_code="zh")
    assert [c.command for c in await bot.get_my_commands(language_code="zh")] == ["start"]
    assert await bot.get_my_commands() == []
    assert await bot.delete_my_commands(language_code="zh")
    assert await bot.set_my_description("about")
    assert (await bot.get_my_description(language_code="zh")).description == "about"
    assert await bot.send_chat_action(ANNA, "typing")
    with pytest.raises(TelegramBadRequest, match="BOT_COMMAND_INVALID"):
        await bot.set_my_commands([BotCommand(command="大", description="x")])


# faults

STRIKES: dict[str, tuple[dict[str, Any], type[Exception], int]] = {
    "flood": ({"kind": "flood", "retry_after": 7}, TelegramRetryAfter, 0),
    "error": ({"kind": "error", "status": 502}, TelegramServerError, 0),
    "proxy page": (
        {"kind": "error", "status": 502, "html": True},
        ClientDecodeError,
        0,
    ),
    "error_after": ({"kind": "error_after"}, TelegramServerError, 1),
    "drop_before": ({"kind": "drop_before"}, TelegramNetworkError, 0),
    "drop_after": ({"kind": "drop_after"}, TelegramNetworkError, 1),
}


@pytest.mark.parametrize("name", STRIKES)
async def test_fault_and_what_it_leaves(api: TelegramApi, bot: Bot, name: str) -> None:
    options, exception, effects = STRIKES[name]
    api.faults.add(method="sendMessage", **options)
    with pytest.raises(exception) as caught:
        await bot.send_message(ANNA, "x")
    assert getattr(caught.value, "retry_after", 7) == 7
    assert len(api.view.messages(ANNA)) == effects
    await bot.send_message(ANNA, "x")
    [struck] = api.faults.entries()
    assert struck["took_effect"] == bool(effects)
    assert len(struck["message_ids"]) == effects


async def test_slow_answer_leaves_the_outcome_unknown(api: TelegramApi, bot: Bot) -> None:
    api.faults.add("slow", "sendMessage", delay=5)
    with pytest.raises(TelegramNetworkError, match="timeout"):
        await bot.send_message(ANNA, "x", request_timeout=1)
    assert len(api.view.messages(ANNA)) == 1


async def test_duplicates_of_a_naive_sender_equal_the_faults(api: TelegramApi, bot: Bot) -> None:
    api.faults.add("drop_after", "sendMessage", count=None, probability=0.3, seed=4)
    for number in range(30):
        while True:
            try:
                await bot.send_message(ANNA, str(number))
            except TelegramAPIError:
                continue
            break
    texts = [message["text"] for message in api.view.messages(ANNA)]
    assert len(texts) - len(set(texts)) == len(api.faults.entries("drop_after")) > 0


async def test_fault_waits_for_its_turn_and_its_chat(api: TelegramApi, bot: Bot) -> None:
    api.faults.add("error", "sendMessage", chat_id=ANNA, skip=1)
    api.sim.user(BERT)
    await bot.send_message(BERT, "other chat")
    await bot.send_message(ANNA, "skipped")
    with pytest.raises(TelegramServerError):
        await bot.send_message(ANNA, "hit")
    api.faults.add("error", "sendMessage")
    api.faults.clear()
    await bot.send_message(ANNA, "clear")


async def test_refused_call_does_not_use_up_a_fault(api: TelegramApi, bot: Bot) -> None:
    api.faults.add("drop_after", "sendMessage")
    with pytest.raises(TelegramBadRequest):
        await bot.send_message(ANNA, " ")
    with pytest.raises(TelegramNetworkError):
        await bot.send_message(ANNA, "x")


async def test_lost_answer_to_get_updates_loses_no_update(api: TelegramApi, bot: Bot) -> None:
    api.sim.text(ANNA, "x")
    api.faults.add("drop_after", "getUpdates")
    with pytest.raises(TelegramNetworkError):
        await bot.get_updates()
    assert len(await bot.get_updates()) == 1


async def test_rate_limits(api: TelegramApi, bot: Bot) -> None:
    api.sim.users(2000, 40)
    api.limits.enable()
    await bot.send_message(ANNA, "first")
    with pytest.raises(TelegramRetryAfter) as caught:
        await bot.send_message(ANNA, "second")
    assert caught.value.retry_after == 1
    outcomes = await asyncio.gather(
        *(bot.send_message(2000 + n, "x") for n in range(40)), return_exceptions=True
    )
    assert sum(isinstance(outcome, Message) for outcome in outcomes) == 29
    assert api.view.counts()["rate_limited"] == 12
    assert (api.view.peak_rate(), api.view.peak_rate(chat_id=ANNA)) == (30, 1)
    await asyncio.sleep(1)
    await bot.send_message(ANNA, "second")


# other clients and processes


async def test_json_query_and_method_case(api: TelegramApi) -> None:
    async with ClientSession(f"{api.url}/bot{api.token}/") as http:
        markup = {"inline_keyboard": [[{"text": "A", "callback_data": "a"}]]}
        body = {"chat_id": ANNA, "text": "x", "reply_markup": markup}
        async with http.post("SENDMESSAGE", json=body) as answer:
            assert (await answer.json())["result"]["reply_markup"] == markup
        async with http.get("sendMessage", params={"chat_id": ANNA, "text": "y"}) as answer:
            assert (await answer.json())["ok"]
        async with http.post("sendMessage", data={"chat_id": "1", "text": "x"}) as answer:
            assert answer.status == 400
            assert await answer.json() == {
                "ok": False,
                "error_code": 400,
                "description": "Bad Request: chat not found",
            }
        async with http.get(f"{api.url}/file/bot{api.token}/photos/none.jpg") as answer:
            assert answer.status == 404


@pytest.fixture
async def process() -> AsyncIterator[Emulator]:
    """The emulator as a process of its own, its address and its token."""
    command = (
        sys.executable,
        "-m",
        "tests.telegram_api",
        "--port",
        "0",
        "--users",
        "5",
    )
    process = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert process.stdout is not None
    address = json.loads(await process.stdout.readline())
    yield process, address["url"], address["token"]
    if process.returncode is None:
        process.kill()
        await process.wait()


async def test_own_process_driven_over_http(process: Emulator) -> None:
    running, url, token = process
    async with SimClient(url) as sim, bot_for(url, token) as bot:
        await drive(sim, bot)
        poll = asyncio.create_task(bot.get_updates(timeout=20))
        await asyncio.sleep(0.1)
        running.send_signal(signal.SIGTERM)
        with pytest.raises((TelegramServerError, TelegramNetworkError)):
            await poll
        assert await running.wait() == 0


async def drive(sim: SimClient, bot: Bot) -> None:
    update = await sim("photo", user_id=3, data=b"bytes", caption="c")
    assert ((await received(bot)).caption, update["message"]["caption"]) == ("c", "c")
    waiting = asyncio.create_task(sim("wait_messages", chat_id=3, count=2, timeout=5))
    await bot.send_message(3, "one")
    await bot.send_message(3, "two")
    assert [message["text"] for message in await waiting] == ["one", "two"]
    await sim("fault", kind="flood", method="sendMessage", retry_after=3)
    with pytest.raises(TelegramRetryAfter):
        await bot.send_message(3, "three")
    assert [entry["kind"] for entry in await sim("fault_log")] == ["flood"]
    assert (await sim("counts"))["total"]["sendMessage"] == 2
    with pytest.raises(SimError, match="no such operation"):
        await sim("nonsense")
    with pytest.raises(TimeoutError, match="2 of 3 messages"):
        await sim("wait_messages", chat_id=3, count=3, timeout=0.05)
