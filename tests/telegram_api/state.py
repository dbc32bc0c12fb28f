"""Everything the emulator knows about one bot: people, chats, messages, calls.

All of it lives in memory. Messages are kept in the shape in which they travel.
"""

from __future__ import annotations

import asyncio
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from .errors import ApiError, bad_request, forbidden
from .faults import Faults, RateLimit
from .files import FileStore
from .updates import UpdateQueue

JsonObject = dict[str, Any]
GROUPS = ("group", "supergroup")
AWAY = {
    "left": "bot is not a member of the {} chat",
    "kicked": "bot was kicked from the {} chat",
}


@dataclass(slots=True)
class User:
    """A person. ``started``: has opened the chat with the bot at least once."""

    user_id: int
    first_name: str
    username: str | None = None
    language_code: str | None = "zh-hans"
    started: bool = True
    blocked: bool = False
    deactivated: bool = False

    def wire(self) -> JsonObject:
        """The User object."""
        wire: JsonObject = {
            "id": self.user_id,
            "is_bot": False,
            "first_name": self.first_name,
        }
        if self.username:
            wire["username"] = self.username
        if self.language_code:
            wire["language_code"] = self.language_code
        return wire


@dataclass(slots=True)
class Topic:
    """A thread of a forum; its id is the id of the message that created it."""

    thread_id: int
    name: str
    closed: bool = False


@dataclass(slots=True)
class StoredMessage:
    """A message. ``keyboard`` is what it did to the reply keyboard, if anything."""

    wire: JsonObject
    from_bot: bool
    at: float
    keyboard: JsonObject | None = None
    edits: int = 0
    deleted: bool = False


@dataclass(slots=True)
class Chat:
    """A private chat (its id is the person's), group or supergroup."""

    chat_id: int
    type: str
    title: str | None = None
    username: str | None = None
    user: User | None = None
    forum: bool = False
    members: dict[int, str] = field(default_factory=dict)
    bot_status: str = "member"
    migrated_to: int | None = None
    messages: dict[int, StoredMessage] = field(default_factory=dict)
    from_bot: list[int] = field(default_factory=list)
    topics: dict[int, Topic] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    pinned: list[int] = field(default_factory=list)
    last_id: int = 0

    def wire(self) -> JsonObject:
        """The Chat object."""
        wire: JsonObject = {"id": self.chat_id, "type": self.type}
        optional = {"title": self.title, "username": self.username}
        if self.user is not None:
            optional = {
                "first_name": self.user.first_name,
                "username": self.user.username,
            }
        wire.update({key: value for key, value in optional.items() if value})
        if self.forum:
            wire["is_forum"] = True
        return wire


class CallRecord(NamedTuple):
    """One accepted call; ``at`` is wall-clock seconds, chat and message 0 where none."""

    at: float
    method: str
    chat_id: int
    message_id: int


@dataclass(slots=True)
class Webhook:
    """What setWebhook has set, and how deliveries went."""

    url: str = ""
    secret: str | None = None
    max_connections: int = 40
    certificate: bool = False
    last_error_at: int | None = None
    last_error: str | None = None


@dataclass(slots=True)
class CallbackQuery:
    """A pressed button and the bot's answers to it."""

    query_id: str
    chat_id: int
    message_id: int
    data: str
    answers: list[JsonObject] = field(default_factory=list)


class Changes:
    """Lets waiters sleep until something has happened."""

    def __init__(self) -> None:
        self._waiters: list[asyncio.Future[None]] = []

    def notify(self) -> None:
        """Wakes everyone who waits, to look again."""
        waiters, self._waiters = self._waiters, []
        for waiter in waiters:
            if not waiter.done():
                waiter.set_result(None)

    async def until(self, condition: Callable[[], bool], timeout: float) -> None:
        """Waits until the condition holds. Raises TimeoutError after ``timeout`` seconds."""
        async with asyncio.timeout(timeout):
            while not condition():
                waiter = asyncio.get_running_loop().create_future()
                self._waiters.append(waiter)
                await waiter


@dataclass(slots=True)
class Profile:
    """What the bot says about itself; keys are (scope, language)."""

    commands: dict[tuple[str, str], list[JsonObject]] = field(default_factory=dict)
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    menus: dict[int, JsonObject] = field(default_factory=dict)


class BotState:
    """One bot and its world."""

    def __init__(
        self,
        token: str,
        username: str = "emulated_bot",
        first_name: str = "Emulated",
        reads_all_group_messages: bool = True,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.token = token
        self.bot_id = int(token.partition(":")[0])
        self.username = username
        self.first_name = first_name
        self.reads_all_group_messages = reads_all_group_messages
        self.clock = clock
        self.users: dict[int, User] = {}
        self.chats: dict[int, Chat] = {}
        self.updates = UpdateQueue(clock)
        self.files = FileStore(self.bot_id, clock)
        self.faults = Faults()
        self.limits = RateLimit()
        self.webhook = Webhook()
        self.profile = Profile()
        self.callbacks: dict[str, CallbackQuery] = {}
        self.votes: dict[str, dict[int, list[int]]] = {}
        self.changes = Changes()
        self.calls: list[CallRecord] = []
        self.call_counts: Counter[str] = Counter()
        self.call_counts_by_chat: dict[int, Counter[str]] = {}
        self._last_message_id = 0
        self._last_number = 0
        self.updates.on_change = self.changes.notify

    def me(self) -> JsonObject:
        """The bot's User object as it stands in messages."""
        return {
            "id": self.bot_id,
            "is_bot": True,
            "first_name": self.first_name,
            "username": self.username,
        }

    def next_number(self) -> int:
        """A number never given out before (callback queries, albums)."""
        self._last_number += 1
        return self._last_number

    def remember_callback(self, query_id: str, chat_id: int, message_id: int, data: str) -> None:
        """A button was pressed; the bot may answer under this id."""
        self.callbacks[query_id] = CallbackQuery(query_id, chat_id, message_id, data)

    def next_message_id(self, chat: Chat) -> int:
        """Supergroups count for themselves, all other chats of an account share a counter."""
        if chat.type == "supergroup":
            chat.last_id += 1
            return chat.last_id
        self._last_message_id += 1
        return self._last_message_id

    def find_chat(self, chat_id: int | str) -> Chat | None:
        """By id or @username."""
        if isinstance(chat_id, int):
            return self.chats.get(chat_id)
        name = chat_id.removeprefix("@").lower()
        named = (c for c in self.chats.values() if c.type != "private" and c.username)
        return next((chat for chat in named if str(chat.username).lower() == name), None)

    def chat_for_bot(self, chat_id: int | str | None) -> Chat:
        """The chat, if the bot may act in it. Raises ApiError 400 or 403 as Telegram does."""
        if chat_id is None or chat_id == "":
            raise bad_request("chat_id is empty")
        chat = self.find_chat(chat_id)
        if chat is None or (chat.user is not None and not chat.user.started):
            raise bad_request("chat not found")
        if chat.migrated_to is not None:
            raise ApiError(
                400,
                "Bad Request: group chat was upgraded to a supergroup chat",
                migrate_to_chat_id=chat.migrated_to,
            )
        if chat.user is not None:
            _check_person(chat.user)
        elif chat.bot_status in AWAY:
            raise forbidden(AWAY[chat.bot_status].format(chat.type))
        return chat

    def post(
        self,
        chat: Chat,
        content: JsonObject,
        sender: User | None,
        keyboard: JsonObject | None = None,
    ) -> StoredMessage:
        """Puts a message into a chat; ``sender`` None means the bot itself."""
        message_id, now = self.next_message_id(chat), self.clock()
        wire = {
            "message_id": message_id,
            "from": self.me() if sender is None else sender.wire(),
            "chat": chat.wire(),
            "date": int(now),
            **content,
        }
        message = StoredMessage(wire, sender is None, now, keyboard)
        chat.messages[message_id] = message
        if sender is None:
            chat.from_bot.append(message_id)
        self.changes.notify()
        return message

    def count(self, method: str, chat_id: int = 0, message_id: int = 0) -> None:
        """Records an accepted call."""
        self.calls.append(CallRecord(time.time(), method, chat_id, message_id))
        self.call_counts[method] += 1
        if chat_id:
            counts = self.call_counts_by_chat.get(chat_id)
            if counts is None:
                counts = self.call_counts_by_chat[chat_id] = Counter()
            counts[method] += 1
        self.changes.notify()


def _check_person(user: User) -> None:
    if user.deactivated:
        raise forbidden("user is deactivated")
    if user.blocked:
        raise forbidden("bot was blocked by the user")
