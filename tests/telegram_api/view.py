"""What a person, or a test, can see: chats as they stand, counts, and waiting for them."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from .errors import SimError
from .state import BotState, CallRecord, Chat, JsonObject, StoredMessage

KINDS = (
    "text", "photo", "voice", "video", "animation", "document", "audio", "video_note", "sticker",
    "venue", "location", "contact", "poll", "dice",
)  # fmt: skip


SENDING = ("send", "copyMessage", "forwardMessage")


class View:
    """Reads the world of one bot; times are Unix seconds, timeouts are seconds."""

    def __init__(self, bot: BotState) -> None:
        self._bot = bot

    def messages(
        self,
        chat_id: int,
        from_bot: bool | None = True,
        thread_id: int | None = None,
        after: int = 0,
        deleted: bool = False,
    ) -> list[JsonObject]:
        """A chat as the person sees it now, edits applied, oldest first.

        from_bot: True the bot's messages, False the people's, None both. after: only ids above.
        deleted: list messages that were taken away too.
        """
        chat = self._chat(chat_id)
        return [
            described(message)
            for message_id, message in chat.messages.items()
            if message_id > after
            and from_bot in (None, message.from_bot)
            and (deleted or not message.deleted)
            and thread_id in (None, message.wire.get("message_thread_id"))
        ]

    def last(self, chat_id: int) -> JsonObject:
        """The bot's latest message. Raises SimError when there is none."""
        chat = self._chat(chat_id)
        for message_id in reversed(chat.from_bot):
            if not chat.messages[message_id].deleted:
                return described(chat.messages[message_id])
        raise SimError(f"the bot has written nothing in chat {chat_id}")

    def chats(self) -> list[JsonObject]:
        """All chats with the number of messages the bot has put there."""
        chats = self._bot.chats.values()
        return [{**chat.wire(), "from_bot": len(chat.from_bot)} for chat in chats]

    def actions(self, chat_id: int) -> list[str]:
        """The chat actions shown so far (typing, …)."""
        return list(self._chat(chat_id).actions)

    def callback(self, query_id: str) -> JsonObject:
        """A pressed button and how the bot has answered it."""
        return asdict(self._bot.callbacks[query_id])

    def download(self, file_id: str) -> bytes:
        """The bytes of a file either side has sent."""
        return self._bot.files.read(file_id)

    def counts(self) -> JsonObject:
        """Accepted calls by method: in total and per chat."""
        by_chat = self._bot.call_counts_by_chat.items()
        return {
            "total": dict(self._bot.call_counts),
            "chats": {str(chat_id): dict(counts) for chat_id, counts in by_chat},
            "rate_limited": self._bot.limits.refused,
        }

    def calls(self, method: str | None = None, chat_id: int | None = None) -> list[JsonObject]:
        """Accepted calls in order: at, method, chat_id, message_id."""
        return [record._asdict() for record in self._calls(method, chat_id)]

    def peak_rate(
        self,
        seconds: float = 1.0,
        chat_id: int | None = None,
        method: str | None = None,
    ) -> int:
        """The most messages sent in any span of that length (all send* calls unless named)."""
        window: deque[float] = deque()
        peak = 0
        for record in self._calls(method, chat_id):
            if method is None and not (record.message_id and record.method.startswith(SENDING)):
                continue
            window.append(record.at)
            while window[0] <= record.at - seconds:
                window.popleft()
            peak = max(peak, len(window))
        return peak

    def pending(self) -> int:
        """Updates the bot has not confirmed."""
        return len(self._bot.updates.waiting())

    async def wait_messages(
        self, chat_id: int, count: int = 1, timeout: float = 5.0, after: int = 0
    ) -> list[JsonObject]:
        """Waits for ``count`` messages of the bot with ids above ``after`` and returns them."""
        chat = self._chat(chat_id)

        def found() -> int:
            return sum(message_id > after for message_id in chat.from_bot)

        await self._until(
            lambda: found() >= count, timeout, lambda: f"{found()} of {count} messages"
        )
        return self.messages(chat_id, after=after)

    async def wait_calls(
        self,
        method: str,
        count: int = 1,
        timeout: float = 5.0,
        chat_id: int | None = None,
    ) -> int:
        """Waits until a method was accepted ``count`` times since the start; returns the number."""

        def found() -> int:
            if chat_id is None:
                return self._bot.call_counts[method]
            counts = self._bot.call_counts_by_chat.get(chat_id)
            return counts[method] if counts else 0

        await self._until(
            lambda: found() >= count, timeout, lambda: f"{found()} of {count} {method}"
        )
        return found()

    async def wait_drained(self, timeout: float = 5.0) -> None:
        """Waits until the bot has confirmed every update."""
        left = self._bot.updates.__len__
        await self._until(lambda: left() == 0, timeout, lambda: f"{left()} updates unconfirmed")

    async def until(self, condition: Callable[[], bool], timeout: float = 5.0) -> None:
        """Waits for any condition over this view (in the same process only)."""
        await self._until(condition, timeout, lambda: "condition does not hold")

    async def _until(
        self, condition: Callable[[], bool], timeout: float, state: Callable[[], str]
    ) -> None:
        try:
            await self._bot.changes.until(condition, timeout)
        except TimeoutError:
            raise TimeoutError(f"after {timeout} s: {state()}") from None

    def _calls(self, method: str | None, chat_id: int | None) -> list[CallRecord]:
        return [
            record
            for record in self._bot.calls
            if method in (None, record.method) and chat_id in (None, record.chat_id)
        ]

    def _chat(self, chat_id: int) -> Chat:
        chat = self._bot.chats.get(chat_id)
        if chat is None:
            raise SimError(f"there is no chat {chat_id}")
        return chat


def _file_id(wire: JsonObject, kind: str) -> str | None:
    media: Any = wire.get(kind)
    if isinstance(media, list):
        media = media[-1]
    found: str | None = media.get("file_id") if isinstance(media, dict) else None
    return found


def described(message: StoredMessage) -> JsonObject:
    """A message in a shape that is easy to assert on; ``wire`` is the full Message object."""
    wire = message.wire
    kind = next((kind for kind in KINDS if kind in wire), "service")
    return {
        "message_id": wire["message_id"],
        "from_bot": message.from_bot,
        "kind": kind,
        "text": wire.get("text", wire.get("caption")),
        "buttons": wire.get("reply_markup", {}).get("inline_keyboard", []),
        "keyboard": message.keyboard,
        "thread_id": wire.get("message_thread_id"),
        "reply_to": wire.get("reply_to_message", {}).get("message_id"),
        "media_group_id": wire.get("media_group_id"),
        "file_id": _file_id(wire, kind),
        "date": wire["date"],
        "edit_date": wire.get("edit_date"),
        "sent_at": message.at,
        "edits": message.edits,
        "deleted": message.deleted,
        "wire": wire,
    }
