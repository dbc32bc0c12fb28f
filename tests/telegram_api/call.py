"""One call on its way through the emulator, and the rules that many methods share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from aiogram.types import BufferedInputFile

from . import markup
from .errors import bad_request
from .files import Upload
from .state import BotState, Chat, JsonObject
from .wire import Parameters

TEXT_LIMIT = 4096
CAPTION_LIMIT = 1024
CALLBACK_DATA_LIMIT = 64
BUTTON_ACTIONS = (
    "url", "callback_data", "web_app", "login_url", "switch_inline_query", "copy_text",
    "switch_inline_query_current_chat", "switch_inline_query_chosen_chat", "callback_game", "pay",
)  # fmt: skip


@dataclass(slots=True)
class Call:
    """The bot that calls, and the parameters as they came (nested JSON already decoded)."""

    bot: BotState
    parameters: Parameters

    def raw(self, name: str) -> Any:
        """A parameter in the shape in which it travelled."""
        return self.parameters.values.get(name)

    def chat(self, chat_id: int | str | None) -> Chat:
        """The chat, if the bot may act in it. Raises ApiError."""
        return self.bot.chat_for_bot(chat_id)

    def upload(self, value: Any) -> Upload | None:
        """The uploaded file a value stands for, or None when it is a file id."""
        if isinstance(value, BufferedInputFile):
            part = next(
                (u for u in self.parameters.uploads.values() if u.data is value.data),
                None,
            )
            return part or Upload(value.data, value.filename or "file")
        if isinstance(value, str) and value.startswith("attach://"):
            upload = self.parameters.uploads.get(value.removeprefix("attach://"))
            if upload is None:
                raise bad_request("file part with the attached name is missing")
            return upload
        return None

    def formatted(
        self, field: str, text: str, mode: Any, limit: int, entities: Any = None
    ) -> tuple[str, list[markup.Entity]]:
        """Text after entities parsing, trimmed, not over ``limit`` characters."""
        style = mode if isinstance(mode, str) else None
        parsed = (text, list(entities)) if entities else markup.parse(text, style)
        result = markup.trimmed(parsed)
        if len(result[0]) > limit:
            raise bad_request(f"{field} is too long")
        return result

    def text(self, method: Any) -> JsonObject:
        """The text of sendMessage and editMessageText."""
        text, entities = self.formatted(
            "message",
            method.text or "",
            method.parse_mode,
            TEXT_LIMIT,
            self.raw("entities"),
        )
        if not text:
            raise bad_request("message text is empty")
        return {"text": text, **({"entities": entities} if entities else {})}

    def caption(self, source: Any, raw_entities: Any) -> JsonObject:
        """The caption of a media message; empty when there is none."""
        if not source.caption:
            return {}
        text, entities = self.formatted(
            "message caption",
            source.caption,
            source.parse_mode,
            CAPTION_LIMIT,
            raw_entities,
        )
        return {"caption": text, **({"caption_entities": entities} if entities else {})}

    def markup(self) -> tuple[JsonObject, JsonObject | None]:
        """The inline keyboard as part of the message, and the reply keyboard beside it."""
        keyboard = self.raw("reply_markup")
        if not keyboard:
            return {}, None
        if "inline_keyboard" not in keyboard:
            return {}, keyboard
        rows = [row for row in keyboard["inline_keyboard"] if row]
        for row in rows:
            for button in row:
                _check_button(button)
        return ({"reply_markup": {"inline_keyboard": rows}} if rows else {}), None

    def thread(self, chat: Chat, thread_id: int | None) -> JsonObject:
        """The part of a message that says which topic it is in."""
        if not thread_id:
            return {}
        topic = chat.topics.get(thread_id)
        if topic is None:
            raise bad_request("message thread not found")
        if topic.closed:
            raise bad_request("TOPIC_CLOSED")
        return {"message_thread_id": thread_id, "is_topic_message": True}

    def reply(self, chat: Chat, method: Any) -> JsonObject:
        """The part of a message that says which one it answers."""
        given = getattr(method, "reply_parameters", None)
        target = given.message_id if given else getattr(method, "reply_to_message_id", None)
        if target is None:
            return {}
        message = chat.messages.get(target)
        if message is not None and not message.deleted:
            wire = message.wire
            return {"reply_to_message": {k: v for k, v in wire.items() if k != "reply_to_message"}}
        lenient = given.allow_sending_without_reply if given else method.allow_sending_without_reply
        if lenient is True:
            return {}
        raise bad_request("message to be replied not found")


def _check_button(button: JsonObject) -> None:
    if not str(button.get("text", "")).strip():
        raise bad_request("can't parse inline keyboard button: Text must be non-empty")
    actions = [name for name in BUTTON_ACTIONS if name in button]
    if not actions:
        raise bad_request(
            "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard"
        )
    if len(actions) > 1:
        raise bad_request("can't parse inline keyboard button: exactly one action is expected")
    data = button.get("callback_data")
    if data is not None and not 1 <= len(str(data).encode()) <= CALLBACK_DATA_LIMIT:
        raise bad_request("BUTTON_DATA_INVALID")
