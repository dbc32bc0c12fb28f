"""All other methods: the bot itself, updates, files, chats, topics; and the one table."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from typing import Any

from aiogram import methods as api
from aiogram import types
from aiogram.types.base import TelegramObject

from . import polls, sending
from .call import Call
from .errors import bad_request, conflict
from .state import Chat, JsonObject, Topic, Webhook

COMMAND = re.compile(r"[a-z0-9_]{1,32}\Z")
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}\Z")
ACTIONS = frozenset(
    {
        "typing", "upload_photo", "record_video", "upload_video", "record_voice", "upload_voice",
        "upload_document", "choose_sticker", "find_location", "record_video_note",
        "upload_video_note",
    }
)  # fmt: skip
LONGEST_POLL = 50
WEBHOOK_ACTIVE = (
    "can't use getUpdates method while webhook is active; "
    "use deleteWebhook to delete the webhook first"
)


def get_me(call: Call, method: api.GetMe) -> JsonObject:
    """Who the bot is."""
    return {
        **call.bot.me(),
        "can_join_groups": True,
        "can_read_all_group_messages": call.bot.reads_all_group_messages,
        "supports_inline_queries": False,
    }


async def get_updates(call: Call, method: api.GetUpdates) -> list[JsonObject]:
    """Long poll; 409 while a webhook is set, and for a waiting poll when another one comes."""
    if call.bot.webhook.url:
        raise conflict(WEBHOOK_ACTIVE)
    if method.allowed_updates is not None:
        call.bot.updates.allowed = method.allowed_updates
    limit = method.limit if method.limit and 1 <= method.limit <= 100 else 100
    timeout = max(0, min(method.timeout or 0, LONGEST_POLL))
    return await call.bot.updates.poll(method.offset or 0, limit, timeout)


def set_webhook(call: Call, method: api.SetWebhook) -> bool:
    """Sets or (with an empty URL) removes the webhook. Plain HTTP is allowed here."""
    if method.secret_token is not None and not SECRET.match(method.secret_token):
        raise bad_request("secret token contains unallowed characters")
    if method.url and not method.url.startswith(("http://", "https://")):
        raise bad_request("bad webhook: HTTPS URL must be provided for webhook")
    if method.allowed_updates is not None:
        call.bot.updates.allowed = method.allowed_updates
    if method.drop_pending_updates is True:
        call.bot.updates.clear()
    call.bot.updates.interrupt(conflict("terminated by setWebhook request"))
    connections = max(1, min(method.max_connections or 40, 100))
    call.bot.webhook = Webhook(
        method.url, method.secret_token, connections, method.certificate is not None
    )
    return True


def delete_webhook(call: Call, method: api.DeleteWebhook) -> bool:
    """Back to getUpdates."""
    if method.drop_pending_updates is True:
        call.bot.updates.clear()
    call.bot.webhook = Webhook()
    return True


def get_webhook_info(call: Call, method: api.GetWebhookInfo) -> JsonObject:
    """Where updates go and how it went."""
    webhook = call.bot.webhook
    info: JsonObject = {
        "url": webhook.url,
        "has_custom_certificate": webhook.certificate,
        "pending_update_count": len(call.bot.updates.waiting()),
    }
    optional = {
        "last_error_date": webhook.last_error_at,
        "last_error_message": webhook.last_error,
        "max_connections": webhook.max_connections if webhook.url else None,
        "allowed_updates": call.bot.updates.allowed or None,
    }
    return {
        **info,
        **{key: value for key, value in optional.items() if value is not None},
    }


def send_chat_action(call: Call, method: api.SendChatAction) -> bool:
    """Shows for a few seconds what the bot is doing."""
    chat = call.chat(method.chat_id)
    call.thread(chat, method.message_thread_id)
    if method.action not in ACTIONS:
        raise bad_request("wrong parameter action in request")
    chat.actions.append(method.action)
    return True


def answer_callback_query(call: Call, method: api.AnswerCallbackQuery) -> bool:
    """Stops the spinner on a button, with an optional text of up to 200 characters."""
    query = call.bot.callbacks.get(method.callback_query_id)
    if query is None:
        raise bad_request("query is too old and response timeout expired or query ID is invalid")
    if method.text and len(method.text) > 200:
        raise bad_request("MESSAGE_TOO_LONG")
    query.answers.append({"text": method.text, "show_alert": bool(method.show_alert)})
    return True


def get_file(call: Call, method: api.GetFile) -> JsonObject:
    """Makes a file downloadable for an hour."""
    return call.bot.files.link(method.file_id)


def _key(call: Call, method: Any) -> tuple[str, str]:
    scope = call.raw("scope") or {"type": "default"}
    return json.dumps(scope, sort_keys=True), method.language_code or ""


def set_my_commands(call: Call, method: api.SetMyCommands) -> bool:
    """The menu of commands for a scope and a language."""
    commands = [
        {"command": c.command.lstrip("/"), "description": c.description} for c in method.commands
    ]
    if len(commands) > 100:
        raise bad_request("BOT_COMMANDS_TOO_MUCH")
    for command in commands:
        if not COMMAND.match(command["command"]):
            raise bad_request("BOT_COMMAND_INVALID")
        if not 1 <= len(command["description"]) <= 256:
            raise bad_request("BOT_COMMAND_DESCRIPTION_INVALID")
    call.bot.profile.commands[_key(call, method)] = commands
    return True


def get_my_commands(call: Call, method: api.GetMyCommands) -> list[JsonObject]:
    """The commands of exactly this scope and language."""
    return call.bot.profile.commands.get(_key(call, method), [])


def delete_my_commands(call: Call, method: api.DeleteMyCommands) -> bool:
    """Removes them."""
    call.bot.profile.commands.pop(_key(call, method), None)
    return True


def _setter(name: str, limit: int) -> Handler:
    def setter(call: Call, method: Any) -> bool:
        text = getattr(method, name) or ""
        if len(text) > limit:
            raise bad_request(f"{name.replace('_', ' ')} is too long")
        call.bot.profile.texts[name, method.language_code or ""] = text
        return True

    return setter


def _getter(name: str) -> Handler:
    def getter(call: Call, method: Any) -> JsonObject:
        texts = call.bot.profile.texts
        fallback = call.bot.first_name if name == "name" else ""
        general = texts.get((name, ""), fallback)
        return {name: texts.get((name, method.language_code or ""), general)}

    return getter


def set_menu_button(call: Call, method: api.SetChatMenuButton) -> bool:
    """The button beside the input field."""
    button = call.raw("menu_button") or {"type": "default"}
    call.bot.profile.menus[method.chat_id or 0] = button
    return True


def get_menu_button(call: Call, method: api.GetChatMenuButton) -> JsonObject:
    """The button beside the input field."""
    menus = call.bot.profile.menus
    return menus.get(method.chat_id or 0, menus.get(0, {"type": "default"}))


def get_chat(call: Call, method: api.GetChat) -> JsonObject:
    """What is known about a chat."""
    chat = call.chat(method.chat_id)
    gifts = ("unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription")
    return {
        **chat.wire(),
        "accent_color_id": 0,
        "max_reaction_count": 11,
        "accepted_gift_types": {
            **dict.fromkeys(gifts, False),
            "gifts_from_channels": False,
        },
    }


def member(call: Call, chat: Chat, user_id: int) -> JsonObject:
    """A ChatMember object. Raises ApiError 400."""
    if user_id == call.bot.bot_id:
        return member_object(call.bot.me(), chat.bot_status)
    user = call.bot.users.get(user_id)
    if user is None:
        raise bad_request("user not found")
    return member_object(user.wire(), chat.members.get(user_id, "left"))


MEMBERS: dict[str, type[TelegramObject]] = {
    "creator": types.ChatMemberOwner,
    "administrator": types.ChatMemberAdministrator,
    "member": types.ChatMemberMember,
    "restricted": types.ChatMemberRestricted,
    "left": types.ChatMemberLeft,
    "kicked": types.ChatMemberBanned,
}
NOT_GRANTED = frozenset({"can_be_edited", "is_anonymous", "can_promote_members", "until_date"})
"""Answered with false, or 0 for the date; every other right is granted."""


def member_object(user: JsonObject, status: str) -> JsonObject:
    """A ChatMember object for a status, with all the rights that go with it."""
    fields = MEMBERS[status].model_fields.items()
    required = [name for name, field in fields if field.is_required()]
    rights: JsonObject = {name: name not in NOT_GRANTED for name in required}
    if "until_date" in rights:
        rights["until_date"] = 0
    return {**rights, "user": user, "status": status}


def get_chat_member(call: Call, method: api.GetChatMember) -> JsonObject:
    """One member."""
    return member(call, call.chat(method.chat_id), method.user_id)


def get_chat_administrators(call: Call, method: api.GetChatAdministrators) -> list[JsonObject]:
    """All who manage the group; other bots are left out, as documented."""
    chat = call.chat(method.chat_id)
    if chat.type == "private":
        raise bad_request("there are no administrators in the private chat")
    managers = [u for u, status in chat.members.items() if status in ("creator", "administrator")]
    if chat.bot_status == "administrator":
        managers.append(call.bot.bot_id)
    return [member(call, chat, user_id) for user_id in managers]


def get_chat_member_count(call: Call, method: api.GetChatMemberCount) -> int:
    """People and the bot."""
    chat = call.chat(method.chat_id)
    return len(chat.members) + 1 if chat.user is None else 2


def leave_chat(call: Call, method: api.LeaveChat) -> bool:
    """The bot goes."""
    chat = call.chat(method.chat_id)
    if chat.user is not None:
        raise bad_request("chat member status can't be changed in private chats")
    chat.bot_status = "left"
    return True


def _forum(call: Call, chat_id: int | str) -> Chat:
    chat = call.chat(chat_id)
    if not chat.forum:
        raise bad_request("the chat is not a forum")
    if chat.bot_status != "administrator":
        raise bad_request("not enough rights to manage topics")
    return chat


def create_forum_topic(call: Call, method: api.CreateForumTopic) -> JsonObject:
    """A new thread; the bot must be an administrator of the forum."""
    chat = _forum(call, method.chat_id)
    if not 1 <= len(method.name) <= 128:
        raise bad_request("TOPIC_NAME_INVALID")
    color = method.icon_color or 0x6FB9F0
    created = {"forum_topic_created": {"name": method.name, "icon_color": color}}
    message = call.bot.post(chat, created, None)
    thread_id = message.wire["message_id"]
    message.wire.update(message_thread_id=thread_id, is_topic_message=True)
    chat.topics[thread_id] = Topic(thread_id, method.name)
    return {"message_thread_id": thread_id, "name": method.name, "icon_color": color}


def change_topic(call: Call, method: Any) -> bool:
    """editForumTopic, closeForumTopic, reopenForumTopic, deleteForumTopic."""
    chat = _forum(call, method.chat_id)
    topic = chat.topics.get(method.message_thread_id)
    if topic is None:
        raise bad_request("message thread not found")
    if isinstance(method, api.EditForumTopic):
        topic.name = method.name or topic.name
    elif isinstance(method, api.DeleteForumTopic):
        del chat.topics[topic.thread_id]
    else:
        topic.closed = isinstance(method, api.CloseForumTopic)
    return True


def pin(call: Call, method: Any) -> bool:
    """pinChatMessage."""
    chat = call.chat(method.chat_id)
    message = chat.messages.get(method.message_id)
    if message is None or message.deleted:
        raise bad_request("message to pin not found")
    chat.pinned.append(method.message_id)
    return True


def unpin(call: Call, method: Any) -> bool:
    """unpinChatMessage: the one named, or the latest; unpinAllChatMessages."""
    chat = call.chat(method.chat_id)
    target = getattr(method, "message_id", None)
    if isinstance(method, api.UnpinAllChatMessages):
        chat.pinned.clear()
    elif target is None:
        del chat.pinned[-1:]
    elif target in chat.pinned:
        chat.pinned.remove(target)
    return True


def react(call: Call, method: api.SetMessageReaction) -> bool:
    """setMessageReaction: checked, otherwise without effect."""
    message = call.chat(method.chat_id).messages.get(method.message_id)
    if message is None or message.deleted:
        raise bad_request("message to react not found")
    return True


Handler = Callable[[Call, Any], Any]
HANDLERS: dict[type, Handler] = {
    **sending.HANDLERS,
    **polls.HANDLERS,
    api.GetMe: get_me,
    api.GetUpdates: get_updates,
    api.SetWebhook: set_webhook,
    api.DeleteWebhook: delete_webhook,
    api.GetWebhookInfo: get_webhook_info,
    api.SendChatAction: send_chat_action,
    api.AnswerCallbackQuery: answer_callback_query,
    api.GetFile: get_file,
    api.SetMyCommands: set_my_commands,
    api.GetMyCommands: get_my_commands,
    api.DeleteMyCommands: delete_my_commands,
    api.SetMyName: _setter("name", 64),
    api.GetMyName: _getter("name"),
    api.SetMyDescription: _setter("description", 512),
    api.GetMyDescription: _getter("description"),
    api.SetMyShortDescription: _setter("short_description", 120),
    api.GetMyShortDescription: _getter("short_description"),
    api.SetChatMenuButton: set_menu_button,
    api.GetChatMenuButton: get_menu_button,
    api.GetChat: get_chat,
    api.GetChatMember: get_chat_member,
    api.GetChatAdministrators: get_chat_administrators,
    api.GetChatMemberCount: get_chat_member_count,
    api.LeaveChat: leave_chat,
    api.CreateForumTopic: create_forum_topic,
    api.EditForumTopic: change_topic,
    api.CloseForumTopic: change_topic,
    api.ReopenForumTopic: change_topic,
    api.DeleteForumTopic: change_topic,
    api.PinChatMessage: pin,
    api.UnpinChatMessage: unpin,
    api.UnpinAllChatMessages: unpin,
    api.SetMessageReaction: react,
}
