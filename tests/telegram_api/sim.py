"""The people on the other side: what they write, press, block, and in which chats.

Every act returns the update that the bot will get (``update_id`` None when the bot has not
asked for that kind). People are created on first use; ids of groups are negative.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from . import markup, polls
from .errors import SimError
from .files import Upload
from .methods import member_object
from .state import GROUPS, BotState, Chat, JsonObject, StoredMessage, Topic, User

INSTANCE = 7_000_000_000
UPGRADABLE = "group"


class Sim:
    """Acts of simulated people towards one bot."""

    def __init__(self, bot: BotState) -> None:
        self._bot = bot

    # people and chats

    def user(
        self,
        user_id: int,
        first_name: str = "",
        username: str | None = None,
        language_code: str | None = "zh-hans",
        started: bool = True,
    ) -> JsonObject:
        """Creates or changes a person. Not ``started``: the bot cannot write to them yet."""
        name = first_name or f"User {user_id}"
        user = User(user_id, name, username, language_code, started)
        self._bot.users[user_id] = user
        chat = self._bot.chats.setdefault(user_id, Chat(user_id, "private"))
        chat.user = user
        return user.wire()

    def users(self, first_id: int, count: int) -> int:
        """Creates many people with consecutive ids who all have started the bot."""
        for user_id in range(first_id, first_id + count):
            self.user(user_id)
        return count

    def group(
        self,
        chat_id: int,
        title: str,
        members: Iterable[int] = (),
        kind: str = "supergroup",
        forum: bool = False,
        bot_status: str = "member",
        username: str | None = None,
    ) -> JsonObject:
        """Creates a group; ``bot_status`` administrator lets the bot manage topics."""
        if chat_id >= 0 or kind not in GROUPS:
            raise SimError("a group has a negative id and is a group or a supergroup")
        chat = Chat(chat_id, kind, title, username, None, forum, bot_status=bot_status)
        chat.members = {self._person(user_id).user_id: "member" for user_id in members}
        self._bot.chats[chat_id] = chat
        return chat.wire()

    def member(self, chat_id: int, user_id: int, status: str = "member") -> None:
        """Puts a person into a group with a status (member, administrator, left, …)."""
        self._chat(chat_id).members[self._person(user_id).user_id] = status

    def topic(self, chat_id: int, user_id: int, name: str) -> int:
        """A person opens a topic in a forum; returns the thread id."""
        chat = self._chat(chat_id)
        created = {"forum_topic_created": {"name": name, "icon_color": 0x6FB9F0}}
        message = self._bot.post(chat, created, self._person(user_id))
        thread_id: int = message.wire["message_id"]
        message.wire.update(message_thread_id=thread_id, is_topic_message=True)
        chat.topics[thread_id] = Topic(thread_id, name)
        self._bot.updates.push("message", message.wire, chat_id)
        return thread_id

    def migrate(self, chat_id: int, new_chat_id: int) -> None:
        """A group becomes a supergroup; the old id answers with ``migrate_to_chat_id``."""
        old = self._chat(chat_id)
        if old.type != UPGRADABLE:
            raise SimError("only a basic group can be upgraded")
        self.group(new_chat_id, old.title or "", old.members, bot_status=old.bot_status)
        old.migrated_to = new_chat_id

    def bot_status(self, chat_id: int, user_id: int, status: str) -> JsonObject:
        """A person adds the bot to a group, removes it (kicked) or makes it administrator."""
        chat = self._chat(chat_id)
        before, chat.bot_status = chat.bot_status, status
        return self._membership(chat, self._person(user_id), before, status)

    def block(self, user_id: int) -> JsonObject:
        """A person blocks the bot."""
        return self._set_blocked(user_id, True)

    def unblock(self, user_id: int) -> JsonObject:
        """A person takes the block back."""
        return self._set_blocked(user_id, False)

    def deactivate(self, user_id: int) -> None:
        """A person deletes their account."""
        self._person(user_id).deactivated = True

    def _set_blocked(self, user_id: int, blocked: bool) -> JsonObject:
        user = self._person(user_id)
        user.blocked = blocked
        before, after = ("member", "kicked") if blocked else ("kicked", "member")
        return self._membership(self._chat(user_id), user, before, after)

    def _membership(self, chat: Chat, by: User, before: str, after: str) -> JsonObject:
        me = self._bot.me()
        change = {
            "chat": chat.wire(),
            "from": by.wire(),
            "date": int(self._bot.clock()),
            "old_chat_member": member_object(me, before),
            "new_chat_member": member_object(me, after),
        }
        return self._bot.updates.push("my_chat_member", change, chat.chat_id)

    # what people send

    def text(self, user_id: int, text: str, **where: Any) -> JsonObject:
        """Text. ``where``: chat_id (a group), thread_id, reply_to (message id)."""
        entities = markup.detect(text)
        content = {"text": text, **({"entities": entities} if entities else {})}
        return self._say(user_id, content, **where)

    def start(self, user_id: int, payload: str = "") -> JsonObject:
        """The person presses Start, or opens a link with a payload."""
        user = self._person(user_id)
        user.started, was_blocked = True, user.blocked
        if was_blocked:
            self.unblock(user_id)
        return self.text(user_id, f"/start {payload}".strip())

    def photo(
        self, user_id: int, data: bytes, caption: str | None = None, **where: Any
    ) -> JsonObject:
        """A photo; the last size keeps the bytes as they are."""
        return self._say(user_id, self._media("photo", Upload(data), caption), **where)

    def album(
        self,
        user_id: int,
        photos: Sequence[bytes],
        caption: str | None = None,
        **where: Any,
    ) -> list[JsonObject]:
        """Several photos sent together: one update each, sharing a ``media_group_id``."""
        group = {"media_group_id": str(self._bot.next_number() + 10**16)}
        captions = [caption, *[None] * (len(photos) - 1)]
        contents = [
            {**group, **self._media("photo", Upload(data), text)}
            for data, text in zip(photos, captions, strict=True)
        ]
        return [self._say(user_id, content, **where) for content in contents]

    def voice(
        self,
        user_id: int,
        data: bytes,
        duration: int = 3,
        mime: str = "audio/ogg",
        **where: Any,
    ) -> JsonObject:
        """A voice message; duration in seconds."""
        upload = Upload(data, "voice.oga", mime)
        return self._say(user_id, self._media("voice", upload, None, duration=duration), **where)

    def video(
        self,
        user_id: int,
        data: bytes,
        caption: str | None = None,
        duration: int = 3,
        **where: Any,
    ) -> JsonObject:
        """A video; duration in seconds."""
        upload = Upload(data, "video.mp4", "video/mp4")
        content = self._media("video", upload, caption, width=640, height=360, duration=duration)
        return self._say(user_id, content, **where)

    def document(
        self,
        user_id: int,
        data: bytes,
        filename: str = "file.bin",
        caption: str | None = None,
        **where: Any,
    ) -> JsonObject:
        """A file."""
        return self._say(user_id, self._media("document", Upload(data, filename), caption), **where)

    def location(self, user_id: int, latitude: float, longitude: float, **where: Any) -> JsonObject:
        """A place, WGS-84 degrees."""
        place = {"latitude": latitude, "longitude": longitude}
        return self._say(user_id, {"location": place}, **where)

    def contact(self, user_id: int, phone: str, own: bool = True, **where: Any) -> JsonObject:
        """A phone number; ``own``: their own, as from a request_contact button."""
        user = self._person(user_id)
        contact: JsonObject = {"phone_number": phone, "first_name": user.first_name}
        if own:
            contact["user_id"] = user_id
        return self._say(user_id, {"contact": contact}, **where)

    def message(self, user_id: int, content: JsonObject, **where: Any) -> JsonObject:
        """Any other message: the fields of the Message object beside sender, chat and date."""
        return self._say(user_id, content, **where)

    def edit(
        self,
        user_id: int,
        message_id: int,
        text: str | None = None,
        caption: str | None = None,
        chat_id: int | None = None,
    ) -> JsonObject:
        """The person changes the text or caption of a message of theirs."""
        chat = self._chat(user_id if chat_id is None else chat_id)
        message = self._message(chat, message_id)
        if message.wire["from"]["id"] != user_id:
            raise SimError("only one's own messages can be edited")
        field, value = ("caption", caption) if text is None else ("text", text)
        changed = {field: value, "edit_date": int(self._bot.clock())}
        message.wire = {**message.wire, **changed}
        message.edits += 1
        return self._bot.updates.push("edited_message", message.wire, chat.chat_id)

    def press(
        self,
        user_id: int,
        message_id: int,
        data: str | None = None,
        label: str | None = None,
        chat_id: int | None = None,
    ) -> JsonObject:
        """The person presses an inline button, named by its data or its label."""
        chat = self._chat(user_id if chat_id is None else chat_id)
        message = self._message(chat, message_id)
        button = _button(message, data, label)
        return self._callback(self._person(user_id), chat, message, button["callback_data"])

    def _callback(self, user: User, chat: Chat, message: StoredMessage, data: str) -> JsonObject:
        query_id = str(4_000_000_000_000_000 + self._bot.next_number())
        self._bot.remember_callback(query_id, chat.chat_id, message.wire["message_id"], data)
        query = {
            "id": query_id,
            "from": user.wire(),
            "message": message.wire,
            "chat_instance": str(INSTANCE + chat.chat_id),
            "data": data,
        }
        return self._bot.updates.push("callback_query", query, chat.chat_id)

    def vote(
        self,
        user_id: int,
        message_id: int,
        options: list[int],
        chat_id: int | None = None,
    ) -> JsonObject:
        """The person votes in a native poll; options count from 0, none takes the vote back."""
        chat = self._chat(user_id if chat_id is None else chat_id)
        message = self._message(chat, message_id)
        return polls.vote(self._bot, chat, self._person(user_id), message, options)

    # updates themselves

    def redeliver(self, update_id: int) -> JsonObject:
        """Delivers an update once more under its old id, confirmed or not."""
        try:
            return self._bot.updates.push_again(update_id)
        except KeyError:
            raise SimError(f"there was no update {update_id}") from None

    def update(self, kind: str, payload: JsonObject, lane: int = 0) -> JsonObject:
        """Any update, as given; ``lane`` is the chat whose order it keeps."""
        return self._bot.updates.push(kind, payload, lane)

    # inside

    def _person(self, user_id: int) -> User:
        if user_id not in self._bot.users:
            self.user(user_id)
        return self._bot.users[user_id]

    def _chat(self, chat_id: int) -> Chat:
        if chat_id not in self._bot.chats and chat_id > 0:
            self.user(chat_id)
        chat = self._bot.chats.get(chat_id)
        if chat is None:
            raise SimError(f"there is no chat {chat_id}")
        return chat

    def _message(self, chat: Chat, message_id: int) -> StoredMessage:
        message = chat.messages.get(message_id)
        if message is None or message.deleted:
            raise SimError(f"there is no message {message_id} in chat {chat.chat_id}")
        return message

    def _media(
        self, kind: str, upload: Upload, caption: str | None, **attributes: Any
    ) -> JsonObject:
        media = {kind: self._bot.files.media(kind, upload, **attributes)}
        return {**media, **({"caption": caption} if caption else {})}

    def _say(
        self,
        user_id: int,
        content: JsonObject,
        chat_id: int | None = None,
        thread_id: int | None = None,
        reply_to: int | None = None,
    ) -> JsonObject:
        user = self._person(user_id)
        chat = self._chat(user_id if chat_id is None else chat_id)
        self._may_write(user, chat)
        around: JsonObject = {}
        if thread_id is not None:
            around.update(message_thread_id=thread_id, is_topic_message=True)
        if reply_to is not None:
            around["reply_to_message"] = self._message(chat, reply_to).wire
        message = self._bot.post(chat, {**around, **content}, user)
        if not self._visible(chat, message.wire):
            return {"update_id": None, "message": message.wire}
        return self._bot.updates.push("message", message.wire, chat.chat_id)

    def _may_write(self, user: User, chat: Chat) -> None:
        if chat.type != "private":
            if user.user_id not in chat.members:
                raise SimError("not a member of this group")
        elif user.blocked:
            raise SimError("the person has blocked the bot; unblock first")
        user.started = user.started or chat.type == "private"

    def _visible(self, chat: Chat, wire: JsonObject) -> bool:
        """Privacy mode: in groups only commands, mentions and replies reach the bot."""
        if chat.bot_status in ("left", "kicked"):
            return False
        if chat.type == "private" or self._bot.reads_all_group_messages:
            return True
        if chat.bot_status == "administrator":
            return True
        text: str = wire.get("text") or wire.get("caption") or ""
        answered = wire.get("reply_to_message", {}).get("from", {}).get("id")
        named = f"@{self._bot.username}".lower() in text.lower()
        return text.startswith("/") or named or answered == self._bot.bot_id


def _button(message: StoredMessage, data: str | None, label: str | None) -> JsonObject:
    rows = message.wire.get("reply_markup", {}).get("inline_keyboard", [])
    for button in (button for row in rows for button in row if "callback_data" in button):
        found: JsonObject = button
        if data in (None, button["callback_data"]) and label in (None, button["text"]):
            return found
    raise SimError(f"no such button in message {message.wire['message_id']}")
