"""Updates read as turns."""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

import pytest
from PIL import Image

from bot.channels.telegram.files import FileUnavailable
from bot.channels.telegram.keyboards import inline_keyboard
from bot.db import tables as t
from handlers.messages import Button, Incoming, Location
from tests.integration.telegram.world import ANNA, GROUP, World, picture, polling

IMPORT = re.compile(r"^\s*(?:from|import) aiogram\b", re.MULTILINE)


async def received(world: World) -> Incoming:
    incoming = await world.receive()
    assert incoming is not None
    return incoming


async def test_text(world: World) -> None:
    world.api.sim.text(ANNA, "昨天在面馆吃到虫子\n想退钱")
    incoming = await received(world)
    (row,) = await world.rows(t.inbox)
    assert incoming == Incoming(
        channel="telegram",
        external_id=row["external_id"],
        sender="1001",
        text="昨天在面馆吃到虫子\n想退钱",
        at=row["received_at"],
        message_key="1",
        inbox_ids=(row["id"],),
    )


async def test_commands_keep_their_payload(world: World) -> None:
    world.api.sim.start(ANNA, "from_poster")
    assert (await received(world)).text == "/start from_poster"


async def test_photo_largest_size_with_caption(world: World) -> None:
    world.api.sim.photo(ANNA, picture(size=(1600, 1200)), "虫子")
    incoming = await received(world)
    (stored,) = await world.rows(t.attachments)
    assert (incoming.text, incoming.attachments) == ("虫子", (stored["id"],))
    assert (stored["kind"], stored["sender"], stored["channel"]) == ("photo", "1001", "telegram")
    with Image.open(world.media.folder / stored["sha256"]) as kept:
        assert kept.size == (1600, 1200)


async def test_an_album_is_one_turn(world: World) -> None:
    world.api.sim.album(ANNA, [picture(c) for c in ("red", "green", "blue")], "三张")
    incoming = await received(world)
    rows = await world.rows(t.inbox)
    assert len({row["group_key"] for row in rows}) == 1
    assert rows[0]["group_key"]
    assert (incoming.text, incoming.refused, incoming.message_key) == ("三张", (), "1")
    assert incoming.external_id == rows[0]["external_id"]
    assert incoming.inbox_ids == tuple(row["id"] for row in rows)
    stored = await world.rows(t.attachments)
    assert len({row["sha256"] for row in stored}) == 3
    # In the order in which they were sent, though fetched side by side.
    by_id = {row["id"]: row["source_key"].split(":")[0] for row in stored}
    assert [by_id[i] for i in incoming.attachments] == ["1", "2", "3"]


async def test_of_ten_photos_nine_are_kept(world: World) -> None:
    world.api.sim.album(ANNA, [picture(size=(20 + n, 20)) for n in range(10)])
    incoming = await received(world)
    assert (len(incoming.attachments), incoming.refused) == (9, ("bad.too_many",))


async def test_the_same_picture_for_two_matters_is_two_attachments(world: World) -> None:
    content = world.api.sim.photo(ANNA, picture())["message"]
    again = {"photo": content["photo"]}  # forwarded to us once more
    first = await received(world)
    world.api.sim.message(ANNA, again)
    second = await received(world)
    assert len({*first.attachments, *second.attachments}) == 2


async def test_reading_twice_stores_once(world: World) -> None:
    world.api.sim.album(ANNA, [picture("red"), picture("green")])
    first = await received(world)
    again = await world.read_new()
    assert again == first
    assert world.api.view.counts()["total"]["getFile"] == 2


async def test_voice_is_kept_as_evidence(world: World) -> None:
    world.api.sim.voice(ANNA, b"OggS voice")
    incoming = await received(world)
    (stored,) = await world.rows(t.attachments)
    assert (stored["kind"], stored["media_type"]) == ("voice", "audio/ogg")
    assert (world.media.folder / stored["sha256"]).read_bytes() == b"OggS voice"
    assert (incoming.text, incoming.attachments) == ("", (stored["id"],))


async def test_video_is_kept_as_it_came(world: World) -> None:
    world.api.sim.video(ANNA, b"moov", "后厨")
    incoming = await received(world)
    (stored,) = await world.rows(t.attachments)
    assert (stored["kind"], stored["media_type"], incoming.text) == ("file", "video/mp4", "后厨")


async def test_a_picture_sent_as_a_file_is_a_photo(world: World) -> None:
    out = io.BytesIO()
    Image.new("RGB", (30, 30)).save(out, "PNG")
    world.api.sim.document(ANNA, out.getvalue(), "小票.png")
    assert (await received(world)).refused == ()
    (stored,) = await world.rows(t.attachments)
    assert (stored["kind"], stored["media_type"]) == ("photo", "image/png")


@pytest.mark.parametrize(
    ("filename", "data", "phrase", "fetched"),
    [
        ("virus.exe", b"MZ", "bad.photo_broken", 0),
        ("broken.jpg", b"not a picture", "bad.photo_broken", 1),
        ("big.png", b"\0" * (10 * 1024 * 1024 + 1), "bad.photo_big", 0),
        ("huge.mp4", b"\0" * (20 * 1024 * 1024 + 1), "bad.photo_big", 0),
    ],
)
async def test_refused_files_say_why_and_the_words_count(
    world: World, filename: str, data: bytes, phrase: str, fetched: int
) -> None:
    world.api.sim.document(ANNA, data, filename, "请看")
    incoming = await received(world)
    assert (incoming.text, incoming.attachments, incoming.refused) == ("请看", (), (phrase,))
    assert world.api.view.counts()["total"].get("getFile", 0) == fetched


async def test_telegram_itself_finds_a_file_too_big(world: World) -> None:
    """Without a size in the message only getFile tells."""
    update = world.api.sim.voice(ANNA, b"\0" * (20 * 1024 * 1024 + 1))
    del update["message"]["voice"]["file_size"]
    assert (await received(world)).refused == ("bad.photo_big",)


async def test_a_hiccup_of_the_download_goes_unnoticed(world: World) -> None:
    world.api.faults.add("error", "getFile", status=500)
    world.api.faults.add("drop_before", "getFile")
    world.api.sim.photo(ANNA, picture())
    assert len((await received(world)).attachments) == 1


async def test_while_telegram_is_down_the_row_waits(world: World) -> None:
    world.api.faults.add("error", "getFile", status=500, count=None)
    world.api.sim.photo(ANNA, picture(), "虫子")
    with pytest.raises(FileUnavailable):
        await world.receive()
    world.api.faults.clear()
    incoming = await world.read_new()
    assert incoming is not None
    assert len(incoming.attachments) == 1


async def test_a_failed_download_does_not_show_the_token(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(world.api.bot.files, "download", lambda path: None)
    world.api.sim.photo(ANNA, picture())
    with pytest.raises(FileUnavailable) as failure:
        await world.receive()
    assert world.api.token not in repr(failure.value)
    assert failure.value.__cause__ is None
    assert failure.value.__suppress_context__


async def test_a_file_telegram_no_longer_has_is_said_to_be_broken(world: World) -> None:
    photo = [{"file_id": "gone", "file_unique_id": "g", "width": 1, "height": 1}]
    world.api.sim.message(ANNA, {"photo": photo, "caption": "虫子"})
    incoming = await received(world)
    assert (incoming.text, incoming.refused) == ("虫子", ("bad.photo_broken",))


async def test_location_and_venue(world: World) -> None:
    place = {"latitude": 31.83, "longitude": 119.97}
    world.api.sim.location(ANNA, 31.83, 119.97)
    assert (await received(world)).location == Location(31.83, 119.97)
    venue = {"location": place, "title": "清水面馆", "address": "通江中路12号"}
    world.api.sim.message(ANNA, {"venue": venue, "location": place})
    incoming = await received(world)
    assert (incoming.location, incoming.text) == (Location(31.83, 119.97), "")


async def test_a_moving_live_location_is_no_turn(world: World) -> None:
    sent = world.api.sim.location(ANNA, 31.83, 119.97)["message"]
    await received(world)
    moved = {**sent, "edit_date": 5, "location": {**sent["location"], "latitude": 31.84}}
    world.api.sim.update("edited_message", moved, ANNA)
    assert await world.receive() is None


async def test_contact_is_its_number(world: World) -> None:
    world.api.sim.contact(ANNA, "+8613800000000")
    assert (await received(world)).text == "+8613800000000"


@pytest.mark.parametrize(
    "content",
    [
        {"dice": {"emoji": "🎲", "value": 3}},
        {
            "sticker": {
                "file_id": "s",
                "file_unique_id": "s",
                "type": "regular",
                "width": 9,
                "height": 9,
                "is_animated": False,
                "is_video": False,
            }
        },
        {"something_of_next_year": {}},
    ],
    ids=["dice", "sticker", "unknown"],
)
async def test_other_things_are_an_empty_message(world: World, content: dict[str, Any]) -> None:
    world.api.sim.message(ANNA, content)
    incoming = await received(world)
    assert (incoming.text, incoming.attachments, incoming.refused) == ("", (), ())


async def test_service_messages_are_no_turn(world: World) -> None:
    timer = {"message_auto_delete_timer_changed": {"message_auto_delete_time": 86400}}
    world.api.sim.message(ANNA, timer)
    assert await world.receive() is None


async def test_edited_message_keeps_the_key(world: World) -> None:
    sent = world.api.sim.text(ANNA, "三个人不舒服")["message"]["message_id"]
    first = await received(world)
    world.api.sim.edit(ANNA, sent, "五个人不舒服")
    second = await received(world)
    assert (second.edited, second.text) == (True, "五个人不舒服")
    assert second.message_key == first.message_key
    assert second.external_id != first.external_id


async def test_an_edited_caption_of_an_album_is_a_turn_of_its_own(world: World) -> None:
    album = world.api.sim.album(ANNA, [picture("red"), picture("blue")], "两张")
    first = await received(world)
    world.api.sim.edit(ANNA, album[0]["message"]["message_id"], caption="改了")
    second = await received(world)
    assert (second.edited, second.text, second.message_key) == (True, "改了", first.message_key)
    assert (await world.rows(t.inbox))[-1]["group_key"] is None
    assert second.attachments == first.attachments[:1]


async def ask(world: World) -> int:
    """The bot asks with buttons; gives the message id."""
    world.api.sim.user(ANNA)
    keyboard = inline_keyboard([Button("同意", "yes"), Button("不同意", "no")])
    sent = await world.telegram.bot.send_message(ANNA, "同意吗？", reply_markup=keyboard)
    return sent.message_id


async def test_a_pressed_button(world: World) -> None:
    message_id = await ask(world)
    query = world.api.sim.press(ANNA, message_id, label="不同意")["callback_query"]
    incoming = await received(world)
    assert (incoming.button, incoming.text, incoming.message_key) == ("no", "", "")
    assert incoming.sender == "1001"
    assert len(world.api.view.callback(query["id"])["answers"]) == 1
    assert world.api.view.last(ANNA)["buttons"] == []


async def test_courtesies_that_fail_do_not_fail_the_turn(world: World) -> None:
    world.api.sim.press(ANNA, await ask(world), data="yes")
    world.api.faults.add("error", "answerCallbackQuery", status=400)
    world.api.faults.add("drop_before", "editMessageReplyMarkup")
    assert (await received(world)).button == "yes"


async def test_a_button_of_a_message_too_old_to_see(world: World) -> None:
    message = {"chat": {"id": ANNA, "type": "private"}, "message_id": 1, "date": 0}
    person = {"id": ANNA, "is_bot": False, "first_name": "Anna"}
    query = {"id": "1", "from": person, "chat_instance": "1", "data": "yes", "message": message}
    world.api.sim.update("callback_query", query, ANNA)
    assert (await received(world)).button == "yes"


async def test_blocking_and_unblocking(world: World) -> None:
    await world.add_citizen(ANNA)
    world.api.sim.user(ANNA)
    world.api.sim.block(ANNA)
    assert await world.receive() is None
    assert [row["reachable"] for row in await world.rows(t.citizens)] == [False]
    world.api.sim.unblock(ANNA)
    assert await world.receive() is None
    assert [row["reachable"] for row in await world.rows(t.citizens)] == [True]


async def test_who_writes_is_reachable(world: World) -> None:
    await world.add_citizen(ANNA, reachable=False)
    world.api.sim.text(ANNA, "我又来了")
    await received(world)
    assert [row["reachable"] for row in await world.rows(t.citizens)] == [True]


@pytest.mark.parametrize(
    ("code", "locale"),
    [
        ("zh-hant", "zh-Hant"),
        ("zh-TW", "zh-Hant"),
        ("zh-HK", "zh-Hant"),
        ("zh-hans", None),
        ("zh", None),
        ("en", None),
        (None, None),
    ],
)
async def test_script_of_a_newcomer(world: World, code: str | None, locale: str | None) -> None:
    world.api.sim.user(ANNA, language_code=code)
    world.api.sim.text(ANNA, "您好")
    assert (await received(world)).locale == locale


async def test_script_of_somebody_known_is_left_alone(world: World) -> None:
    await world.add_citizen(ANNA)
    world.api.sim.user(ANNA, language_code="zh-hant")
    world.api.sim.text(ANNA, "您好")
    assert (await received(world)).locale is None


async def test_groups_get_no_answer(world: World) -> None:
    world.api.sim.group(GROUP, "业主群", [ANNA])
    world.api.sim.text(ANNA, "/start", chat_id=GROUP)
    world.api.sim.bot_status(GROUP, ANNA, "kicked")
    async with polling(world.telegram):
        await world.api.view.wait_drained()
    updates = await world.updates()
    assert [u.sender for u in updates] == [str(GROUP)] * 2
    assert [await world.telegram.channel.read([u]) for u in updates] == [None, None]


async def test_a_row_emptied_for_lack_of_consent_is_no_turn(world: World) -> None:
    world.api.sim.text(ANNA, "肚子疼")
    await received(world)
    (update,) = await world.updates()
    update.payload.clear()
    update.payload["redacted"] = True
    assert await world.telegram.channel.read([update]) is None


def test_files_of_this_package_are_the_only_ones_to_import_aiogram() -> None:
    root = Path(__file__).parents[3]
    paths = [
        p
        for package in ("bot", "handlers", "nlu", "content")
        for p in (root / package).rglob("*.py")
        if ".venv" not in p.parts  # Rasa's environment lies in nlu/rasa
    ]
    importing = {p.parent for p in paths if IMPORT.search(p.read_text())}
    assert importing == {root / "bot" / "channels" / "telegram"}
