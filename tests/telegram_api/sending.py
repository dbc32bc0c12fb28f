"""Methods that put messages into a chat, change them or take them away."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from aiogram import methods as api

from .call import Call
from .errors import bad_request
from .files import PHOTO_LIMIT, Upload, image_size
from .state import GROUPS, Chat, JsonObject, StoredMessage

Content = Callable[[Call, Any], JsonObject]
DELETABLE_SECONDS = 48 * 3600
ALBUM_SIZE = (2, 10)
NOT_MODIFIED = (
    "message is not modified: specified new message content and reply markup are exactly "
    "the same as a current content and reply markup of the message"
)
ATTRIBUTES: dict[str, dict[str, Any]] = {
    "voice": {"duration": 0},
    "video": {"width": 640, "height": 360, "duration": 0},
    "audio": {"duration": 0, "performer": None, "title": None},
    "animation": {"width": 320, "height": 180, "duration": 0},
    "video_note": {"length": 240, "duration": 0},
    "sticker": {
        "type": "regular", "width": 512, "height": 512, "is_animated": False, "is_video": False,
    },
    "document": {},
}  # fmt: skip


def _attributes(kind: str, source: Any) -> JsonObject:
    """What the sender said about the file, in seconds and pixels; defaults for the rest."""
    found: JsonObject = {}
    for name, default in ATTRIBUTES[kind].items():
        value = getattr(source, name, None) if name != "type" else None
        value = default if value is None else value
        if value is not None:
            found[name] = value
    return found


def media_object(call: Call, kind: str, value: Any, source: Any) -> Any:
    """The object a message carries for an upload or a file id. Raises ApiError 400."""
    upload = call.upload(value)
    if upload is None:
        if str(value).startswith(("http://", "https://")):
            raise bad_request("failed to get HTTP URL content")
        return call.bot.files.reuse(kind, str(value))
    _check_upload(kind, upload)
    if kind == "photo":
        return call.bot.files.photo(upload.data)
    return call.bot.files.media(kind, upload, **_attributes(kind, source))


def _check_upload(kind: str, upload: Upload) -> None:
    if not upload.data:
        raise bad_request("file must be non-empty")
    if kind == "photo":
        if len(upload.data) > PHOTO_LIMIT:
            raise bad_request("file is too big")
        size = image_size(upload.data)
        if size is None:
            raise bad_request("IMAGE_PROCESS_FAILED")
        if sum(size) > 10_000 or max(size) > 20 * min(size):
            raise bad_request("PHOTO_INVALID_DIMENSIONS")


def _text(call: Call, method: api.SendMessage) -> JsonObject:
    return call.text(method)


def _media(kind: str) -> Content:
    def content(call: Call, method: Any) -> JsonObject:
        media = {kind: media_object(call, kind, getattr(method, kind), method)}
        if kind == "animation":
            media["document"] = media[kind]
        if hasattr(method, "caption"):
            media.update(call.caption(method, call.raw("caption_entities")))
        return media

    return content


def _fields(target: str, *names: str) -> Content:
    def content(call: Call, method: Any) -> JsonObject:
        values = {name: getattr(method, name) for name in names}
        return {target: {name: value for name, value in values.items() if value is not None}}

    return content


def _location(call: Call, method: Any) -> JsonObject:
    if not (-90 <= method.latitude <= 90 and -180 <= method.longitude <= 180):
        raise bad_request("wrong latitude or longitude specified")
    names = ("latitude", "longitude", "horizontal_accuracy", "live_period", "heading")
    return _fields("location", *names)(call, method)


def _venue(call: Call, method: api.SendVenue) -> JsonObject:
    location = {"latitude": method.latitude, "longitude": method.longitude}
    venue = {"location": location, "title": method.title, "address": method.address}
    return {"venue": venue, "location": location}


def _dice(call: Call, method: api.SendDice) -> JsonObject:
    return {"dice": {"emoji": method.emoji or "🎲", "value": call.bot.next_number() % 6 + 1}}


CONTENT: dict[type, Content] = {
    api.SendMessage: _text,
    api.SendLocation: _location,
    api.SendVenue: _venue,
    api.SendDice: _dice,
    api.SendContact: _fields("contact", "phone_number", "first_name", "last_name", "vcard"),
    api.SendPhoto: _media("photo"),
    api.SendVoice: _media("voice"),
    api.SendDocument: _media("document"),
    api.SendVideo: _media("video"),
    api.SendAudio: _media("audio"),
    api.SendAnimation: _media("animation"),
    api.SendVideoNote: _media("video_note"),
    api.SendSticker: _media("sticker"),
}


def send(call: Call, method: Any) -> JsonObject:
    """All send* methods that make one message."""
    chat = call.chat(method.chat_id)
    keyboard, beside = call.markup()
    around = {**call.thread(chat, method.message_thread_id), **call.reply(chat, method)}
    content = CONTENT[type(method)](call, method)
    call.bot.limits.admit(chat.chat_id, chat.type in GROUPS)
    return call.bot.post(chat, {**around, **content, **keyboard}, None, beside).wire


def send_media_group(call: Call, method: api.SendMediaGroup) -> list[JsonObject]:
    """An album; all or nothing."""
    chat = call.chat(method.chat_id)
    smallest, largest = ALBUM_SIZE
    if not smallest <= len(method.media) <= largest:
        raise bad_request(f"wrong number of messages in the album: must be {smallest}-{largest}")
    kinds = {item.type for item in method.media}
    if len(kinds) > 1 and kinds & {"document", "audio"}:
        raise bad_request("documents and audio files can't be mixed with other media types")
    around = {**call.thread(chat, method.message_thread_id), **call.reply(chat, method)}
    contents = [
        {
            item.type: media_object(call, item.type, item.media, item),
            **call.caption(item, raw.get("caption_entities")),
        }
        for item, raw in zip(method.media, call.raw("media"), strict=True)
    ]
    call.bot.limits.admit(chat.chat_id, chat.type in GROUPS, len(contents))
    group = {"media_group_id": str(call.bot.next_number() + 10**16)}
    return [call.bot.post(chat, {**around, **group, **content}, None).wire for content in contents]


CONTENT_KEYS = frozenset(
    {
        "text",
        "entities",
        "caption",
        "caption_entities",
        "contact",
        "venue",
        "dice",
        "location",
    }
) | frozenset({*ATTRIBUTES, "photo"})


def _original(call: Call, chat_id: Any, message_id: int, verb: str) -> StoredMessage:
    message = call.chat(chat_id).messages.get(message_id)
    if message is None or message.deleted:
        raise bad_request(f"message to {verb} not found")
    return message


def copy_message(call: Call, method: api.CopyMessage) -> JsonObject:
    """A new message with the same content."""
    source = _original(call, method.from_chat_id, method.message_id, "copy")
    chat = call.chat(method.chat_id)
    content = {key: value for key, value in source.wire.items() if key in CONTENT_KEYS}
    if method.caption is not None:
        content.pop("caption_entities", None)
        content.update(call.caption(method, call.raw("caption_entities")))
    keyboard, beside = call.markup()
    around = {**call.thread(chat, method.message_thread_id), **call.reply(chat, method)}
    call.bot.limits.admit(chat.chat_id, chat.type in GROUPS)
    message = call.bot.post(chat, {**around, **content, **keyboard}, None, beside)
    return {"message_id": message.wire["message_id"]}


def forward_message(call: Call, method: api.ForwardMessage) -> JsonObject:
    """The same message again, with its origin."""
    source = _original(call, method.from_chat_id, method.message_id, "forward")
    chat = call.chat(method.chat_id)
    content = {key: value for key, value in source.wire.items() if key in CONTENT_KEYS}
    origin = {
        "type": "user",
        "date": source.wire["date"],
        "sender_user": source.wire["from"],
    }
    thread = call.thread(chat, method.message_thread_id)
    call.bot.limits.admit(chat.chat_id, chat.type in GROUPS)
    return call.bot.post(chat, {**thread, **content, "forward_origin": origin}, None).wire


def _own_message(call: Call, method: Any) -> tuple[Chat, StoredMessage]:
    if method.chat_id is None or method.message_id is None:
        raise bad_request("message identifier is not specified")
    chat = call.chat(method.chat_id)
    message = chat.messages.get(method.message_id)
    if message is None or message.deleted:
        raise bad_request("message to edit not found")
    if not message.from_bot:
        raise bad_request("message can't be edited")
    return chat, message


def _apply(
    call: Call, message: StoredMessage, content: JsonObject, replaced: set[str]
) -> JsonObject:
    """Swaps part of a message; the inline keyboard is always replaced, as documented."""
    keyboard, _ = call.markup()
    replaced = replaced | {"reply_markup"}
    kept = {key: value for key, value in message.wire.items() if key not in replaced}
    wanted = {**kept, **content, **keyboard}
    if {k: v for k, v in wanted.items() if k != "edit_date"} == {
        k: v for k, v in message.wire.items() if k != "edit_date"
    }:
        raise bad_request(NOT_MODIFIED)
    wanted["edit_date"] = int(call.bot.clock())
    message.wire = wanted
    message.edits += 1
    return wanted


def edit_text(call: Call, method: api.EditMessageText) -> JsonObject:
    """Replaces text and keyboard."""
    _, message = _own_message(call, method)
    content = call.text(method)
    if "text" not in message.wire:
        raise bad_request("there is no text in the message to edit")
    return _apply(call, message, content, {"text", "entities"})


def edit_caption(call: Call, method: api.EditMessageCaption) -> JsonObject:
    """Replaces caption and keyboard."""
    _, message = _own_message(call, method)
    content = call.caption(method, call.raw("caption_entities"))
    if not any(kind in message.wire for kind in (*ATTRIBUTES, "photo")):
        raise bad_request("there is no caption in the message to edit")
    return _apply(call, message, content, {"caption", "caption_entities"})


def edit_markup(call: Call, method: api.EditMessageReplyMarkup) -> JsonObject:
    """Replaces the keyboard only."""
    _, message = _own_message(call, method)
    return _apply(call, message, {}, set())


def edit_media(call: Call, method: api.EditMessageMedia) -> JsonObject:
    """Replaces media, caption and keyboard."""
    _, message = _own_message(call, method)
    item = method.media
    raw = call.raw("media") or {}
    content = {
        item.type: media_object(call, item.type, item.media, item),
        **call.caption(item, raw.get("caption_entities")),
    }
    replaced = {*ATTRIBUTES, "photo", "text", "entities", "caption", "caption_entities"}
    return _apply(call, message, content, replaced)


def delete_message(call: Call, method: api.DeleteMessage) -> bool:
    """Takes a message away for both sides; within 48 hours only."""
    message = _original(call, method.chat_id, method.message_id, "delete")
    if call.bot.clock() - message.at > DELETABLE_SECONDS:
        raise bad_request("message can't be deleted for everyone")
    message.deleted = True
    return True


def delete_messages(call: Call, method: api.DeleteMessages) -> bool:
    """Takes up to 100 messages away; those not found are passed over, as documented."""
    chat = call.chat(method.chat_id)
    if not 1 <= len(method.message_ids) <= 100:
        raise bad_request("wrong number of message identifiers: must be 1-100")
    for message_id in method.message_ids:
        message = chat.messages.get(message_id)
        if message is not None:
            message.deleted = True
    return True


HANDLERS: dict[type, Callable[[Call, Any], Any]] = {
    **dict.fromkeys(CONTENT, send),
    api.SendMediaGroup: send_media_group,
    api.CopyMessage: copy_message,
    api.ForwardMessage: forward_message,
    api.EditMessageText: edit_text,
    api.EditMessageCaption: edit_caption,
    api.EditMessageReplyMarkup: edit_markup,
    api.EditMessageMedia: edit_media,
    api.DeleteMessage: delete_message,
    api.DeleteMessages: delete_messages,
}
