"""The Bot API emulator, seen through a stock aiogram bot."""

from __future__ import annotations

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from aiogram import Bot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.exceptions import (
    TelegramBadRequest,
    TelegramConflictError,
    TelegramForbiddenError,
    TelegramNotFound,
    TelegramUnauthorizedError,
)
from aiogram.types import (
    BufferedInputFile,
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    InputMediaPhoto,
    KeyboardButton,
    MessageEntity,
    ReplyKeyboardMarkup,
    Update,
)
from PIL import Image

from tests.telegram_api import SimError, TelegramApi

ANNA, BERT, GROUP = 1001, 1002, -1001


def picture(width: int = 640, height: int = 480) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (width, height), "red").save(out, "JPEG")
    return out.getvalue()


@asynccontextmanager
async def bot_for(url: str, token: str) -> AsyncIterator[Bot]:
    """A stock bot; its connections are closed without aiogram's pause for TLS."""
    session = AiohttpSession(api=TelegramAPIServer.from_base(url))
    yield Bot(token, session)
    await (await session.create_session()).close()


@pytest.fixture
async def api() -> AsyncIterator[TelegramApi]:
    async with TelegramApi.running() as api:
        api.sim.user(ANNA, "Anna", username="anna")
        yield api


@pytest.fixture
async def bot(api: TelegramApi) -> AsyncIterator[Bot]:
    async with bot_for(api.url, api.token) as bot:
        yield bot


def buttons(*rows: dict[str, str]) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup(
        inline_keyboard=[
            [InlineKeyboardButton(text=text, callback_data=data) for text, data in row.items()]
            for row in rows
        ]
    )


def ids(updates: list[Update]) -> list[int]:
    return [update.update_id for update in updates]


async def test_get_me_and_unknown_token(api: TelegramApi, bot: Bot) -> None:
    me = await bot.get_me()
    assert (me.is_bot, me.id, me.username) == (True, 123456789, "emulated_bot")
    async with bot_for(api.url, "77:wrong") as stranger:
        with pytest.raises(TelegramUnauthorizedError):
            await stranger.get_me()


async def test_unsupported_method_is_404_with_a_description(bot: Bot) -> None:
    with pytest.raises(TelegramNotFound, match="getMyStarBalance is not emulated"):
        await bot.get_my_star_balance()


# receiving


async def test_only_a_higher_offset_confirms(api: TelegramApi, bot: Bot) -> None:
    first, second, third = (api.sim.text(ANNA, text)["update_id"] for text in "abc")
    assert ids(await bot.get_updates()) == [first, second, third]
    assert ids(await bot.get_updates(limit=2)) == [first, second]
    assert ids(await bot.get_updates(offset=second)) == [second, third]
    assert ids(await bot.get_updates()) == [second, third]
    assert ids(await bot.get_updates(offset=third + 1)) == []
    assert api.view.pending() == 0


async def test_negative_offset_forgets_what_is_before(api: TelegramApi, bot: Bot) -> None:
    sent = [api.sim.text(ANNA, text)["update_id"] for text in "abc"]
    assert ids(await bot.get_updates(offset=-1)) == sent[-1:]
    assert ids(await bot.get_updates()) == sent[-1:]


async def test_long_poll_ends_with_the_first_update(api: TelegramApi, bot: Bot) -> None:
    poll = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    assert not poll.done()
    api.sim.text(ANNA, "hello")
    [update] = await asyncio.wait_for(poll, 2)
    assert update.message is not None
    assert update.message.text == "hello"
    assert update.message.from_user is not None
    assert update.message.from_user.username == "anna"


async def test_long_poll_ends_empty_after_its_timeout(bot: Bot) -> None:
    assert await bot.get_updates(timeout=1) == []


async def test_second_poller_ends_the_first_with_409(api: TelegramApi, bot: Bot) -> None:
    first = asyncio.create_task(bot.get_updates(timeout=20))
    await asyncio.sleep(0.1)
    second = asyncio.create_task(bot.get_updates(timeout=20))
    with pytest.raises(TelegramConflictError, match="terminated by other getUpdates"):
        await first
    api.sim.text(ANNA, "for the second")
    assert len(await second) == 1


async def test_allowed_updates_are_remembered(api: TelegramApi, bot: Bot) -> None:
    await bot.get_updates(allowed_updates=["callback_query"])
    assert api.sim.text(ANNA, "unwanted")["update_id"] is None
    await bot.get_updates(allowed_updates=[])
    assert api.sim.text(ANNA, "wanted")["update_id"] is not None
    assert len(await bot.get_updates()) == 1


async def test_updates_expire_after_a_day() -> None:
    now = 1_800_000_000.0
    async with TelegramApi.running(clock=lambda: now) as api:
        api.sim.text(ANNA, "old")
        assert api.view.pending() == 1
        now += 24 * 3600 + 1
        assert api.view.pending() == 0


async def test_confirmed_update_can_come_again(api: TelegramApi, bot: Bot) -> None:
    old = api.sim.text(ANNA, "twice")["update_id"]
    await bot.get_updates(offset=old + 1)
    api.sim.redeliver(old)
    new = api.sim.text(ANNA, "new")["update_id"]
    assert ids(await bot.get_updates(offset=old + 1)) == [old, new]
    assert ids(await bot.get_updates(offset=new + 1)) == []
    with pytest.raises(SimError):
        api.sim.redeliver(1)


async def test_blocking_tells_the_bot_and_refuses_it(api: TelegramApi, bot: Bot) -> None:
    api.sim.block(ANNA)
    with pytest.raises(TelegramForbiddenError, match="bot was blocked by the user"):
        await bot.send_message(ANNA, "hello?")
    [update] = await bot.get_updates()
    assert update.my_chat_member is not None
    assert update.my_chat_member.new_chat_member.status == "kicked"
    api.sim.unblock(ANNA)
    await bot.send_message(ANNA, "welcome back")


# sending


async def test_message_as_the_person_sees_it(api: TelegramApi, bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "pick", reply_markup=buttons({"A": "a", "B": "b"}))
    assert sent.chat.id == ANNA
    seen = api.view.last(ANNA)
    assert (seen["message_id"], seen["text"]) == (sent.message_id, "pick")
    assert [button["text"] for row in seen["buttons"] for button in row] == ["A", "B"]
    reply = ReplyKeyboardMarkup(keyboard=[[KeyboardButton(text="menu")]])
    await bot.send_message(ANNA, "menu", reply_markup=reply, reply_to_message_id=sent.message_id)
    seen = api.view.last(ANNA)
    assert seen["keyboard"]["keyboard"] == [[{"text": "menu"}]]
    assert seen["reply_to"] == sent.message_id
    assert api.view.counts()["chats"][str(ANNA)] == {"sendMessage": 2}


async def test_edit_delete_and_not_modified(api: TelegramApi, bot: Bot) -> None:
    sent = await bot.send_message(ANNA, "one", reply_markup=buttons({"A": "a"}))
    edited = await bot.edit_message_text("two", chat_id=ANNA, message_id=sent.message_id)
    assert not isinstance(edited, bool)
    assert (edited.text, edited.reply_markup) == ("two", None)
    with pytest.raises(TelegramBadRequest, match="message is not modified"):
        await bot.edit_message_text("two", chat_id=ANNA, message_id=sent.message_id)
    await bot.edit_message_reply_markup(
        chat_id=ANNA, message_id=sent.message_id, reply_markup=buttons({"C": "c"})
    )
    [seen] = api.view.messages(ANNA)
    assert (seen["text"], seen["edits"], seen["buttons"][0][0]["text"]) == (
        "two",
        2,
        "C",
    )
    assert await bot.delete_message(ANNA, sent.message_id)
    assert api.view.messages(ANNA) == []
    with pytest.raises(TelegramBadRequest, match="message to edit not found"):
        await bot.edit_message_text("x", chat_id=ANNA, message_id=sent.message_id)


REFUSED: dict[str, tuple[dict[str, Any], str]] = {
    "empty": ({"text": "  "}, "message text is empty"),
    "long": ({"text": "好" * 4097}, "message is too long"),
    "unknown chat": ({"chat_id": 5, "text": "x"}, "chat not found"),
    "data": (
        {"text": "x", "reply_markup": buttons({"A": "食" * 22})},
        "BUTTON_DATA_INVALID",
    ),
    "thread": ({"text": "x", "message_thread_id": 9}, "message thread not found"),
    "reply": (
        {"text": "x", "reply_to_message_id": 9},
        "message to be replied not found",
    ),
    "html": ({"text": "<b>x", "parse_mode": "HTML"}, "can't parse entities"),
    "tag": ({"text": "<p>x</p>", "parse_mode": "HTML"}, "Unsupported start tag"),
    "markdown": (
        {"text": "1. x", "parse_mode": "MarkdownV2"},
        "is reserved and must be escaped",
    ),
}


@pytest.mark.parametrize("name", REFUSED)
async def test_refused_messages(bot: Bot, name: str) -> None:
    arguments, description = REFUSED[name]
    with pytest.raises(TelegramBadRequest, match=description):
        await bot.send_message(**{"chat_id": ANNA, **arguments})


FORMATTED = {
    "HTML": '😀 <b>a<i>b</i></b> &lt; <a href="http://x.cn/">l</a> <code>c</code>',
    "MarkdownV2": "😀 *a_b_* < [l](http://x.cn/) `c`",
}


@pytest.mark.parametrize("mode", FORMATTED)
async def test_formatting_becomes_entities(bot: Bot, mode: str) -> None:
    message = await bot.send_message(ANNA, FORMATTED[mode], parse_mode=mode)
    assert message.text == "😀 ab < l c"
    assert [(e.type, e.offset, e.length) for e in message.entities or []] == [
        ("bold", 3, 2), ("italic", 4, 1), ("text_link", 8, 1), ("code", 10, 1),
    ]  # fmt: skip


async def test_limits_count_after_entities_parsing(bot: Bot) -> None:
    await bot.send_message(ANNA, f"<b>{'x' * 4096}</b>", parse_mode="HTML")
    entity = MessageEntity(type="bold", offset=0, length=1)
    [kept] = (await bot.send_message(ANNA, "x", entities=[entity])).entities or []
    assert (kept.type, kept.length) == ("bold", 1)


async def test_upload_download_and_reuse(api: TelegramApi, bot: Bot) -> None:
    data = picture()
    sent = await bot.send_photo(ANNA, BufferedInputFile(data, "a.jpg"), caption="red")
    assert sent.photo is not None
    largest = sent.photo[-1]
    assert (largest.width, largest.height) == (640, 480)
    fetched = await bot.download(largest.file_id)
    assert fetched is not None
    assert fetched.read() == data
    thumbnail = await bot.download(sent.photo[0].file_id)
    assert thumbnail is not None
    assert Image.open(thumbnail).size == (90, 68)
    again = await bot.send_photo(ANNA, largest.file_id)
    assert again.photo is not None
    assert again.photo[-1].file_unique_id == largest.file_unique_id
    assert api.view.download(api.view.last(ANNA)["file_id"]) == data


async def test_other_media(api: TelegramApi, bot: Bot) -> None:
    voice = await bot.send_voice(ANNA, BufferedInputFile(b"OggS", "v.oga"), duration=7)
    document = await bot.send_document(ANNA, BufferedInputFile(b"a,b", "报表.csv"))
    place = await bot.send_location(ANNA, latitude=31.81, longitude=119.97)
    assert voice.voice is not None
    assert voice.voice.duration == 7
    assert document.document is not None
    assert (document.document.file_name, document.document.file_size) == ("报表.csv", 3)
    assert place.location is not None
    kinds = [message["kind"] for message in api.view.messages(ANNA)]
    assert kinds == ["voice", "document", "location"]
    with pytest.raises(TelegramBadRequest, match="wrong file identifier"):
        await bot.send_voice(ANNA, "no-such-file")
    with pytest.raises(TelegramBadRequest, match="IMAGE_PROCESS_FAILED"):
        await bot.send_photo(ANNA, BufferedInputFile(b"no picture", "a.jpg"))
    with pytest.raises(TelegramBadRequest, match="message caption is too long"):
        await bot.send_photo(ANNA, BufferedInputFile(picture(), "a.jpg"), caption="x" * 1025)


async def test_album_out_and_in(api: TelegramApi, bot: Bot) -> None:
    media = [InputMediaPhoto(media=BufferedInputFile(picture(), f"{n}.jpg")) for n in range(3)]
    sent = await bot.send_media_group(ANNA, list(media))
    assert len({message.media_group_id for message in sent}) == 1
    assert len(api.view.messages(ANNA)) == 3
    with pytest.raises(TelegramBadRequest, match="must be 2-10"):
        await bot.send_media_group(ANNA, list(media[:1]))
    api.sim.album(ANNA, [picture(), picture(100, 100)], caption="two")
    got = [update.message for update in await bot.get_updates()]
    assert [m.caption for m in got if m] == ["two", None]
    assert len({m.media_group_id for m in got if m}) == 1
