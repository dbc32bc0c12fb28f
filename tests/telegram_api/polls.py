"""Native polls: sent and stopped by the bot, voted in by simulated people."""

from __future__ import annotations

import copy
from collections.abc import Callable
from typing import Any

from aiogram import methods as api

from .call import Call
from .errors import SimError, bad_request
from .state import GROUPS, BotState, Chat, JsonObject, StoredMessage, User

OPTIONS = (1, 12)


def _poll(call: Call, method: api.SendPoll) -> JsonObject:
    texts = [option if isinstance(option, str) else option.text for option in method.options]
    if not OPTIONS[0] <= len(texts) <= OPTIONS[1]:
        raise bad_request(f"poll must have {OPTIONS[0]}-{OPTIONS[1]} answer options")
    if not 1 <= len(method.question) <= 300:
        raise bad_request("poll question must be 1-300 characters")
    if any(not 1 <= len(text) <= 100 for text in texts):
        raise bad_request("poll options must be 1-100 characters")
    number = call.bot.next_number()
    return {
        "id": str(5_000_000_000_000_000 + number),
        "question": method.question,
        "options": [
            {"persistent_id": f"{number}-{i}", "text": text, "voter_count": 0}
            for i, text in enumerate(texts)
        ],
        "total_voter_count": 0,
        "is_closed": bool(method.is_closed),
        "is_anonymous": method.is_anonymous is not False,
        "type": method.type or "regular",
        "allows_multiple_answers": bool(method.allows_multiple_answers),
        "allows_revoting": method.allows_revoting is not False,
        "members_only": False,
    }


def send_poll(call: Call, method: api.SendPoll) -> JsonObject:
    """A poll of 1-12 options."""
    chat = call.chat(method.chat_id)
    keyboard, beside = call.markup()
    around = {**call.thread(chat, method.message_thread_id), **call.reply(chat, method)}
    content = {"poll": _poll(call, method)}
    call.bot.limits.admit(chat.chat_id, chat.type in GROUPS)
    return call.bot.post(chat, {**around, **content, **keyboard}, None, beside).wire


def stop_poll(call: Call, method: api.StopPoll) -> JsonObject:
    """Closes a poll and returns the result."""
    message = call.chat(method.chat_id).messages.get(method.message_id)
    if message is None or not message.from_bot or "poll" not in message.wire:
        raise bad_request("message with poll to stop not found")
    poll: JsonObject = message.wire["poll"]
    if poll["is_closed"]:
        raise bad_request("poll has already been closed")
    poll["is_closed"] = True
    return poll


def vote(
    bot: BotState, chat: Chat, user: User, message: StoredMessage, choices: list[int]
) -> JsonObject:
    """A person votes (an empty list takes the vote back); returns the update."""
    poll = message.wire.get("poll")
    if poll is None or poll["is_closed"]:
        raise SimError("there is no open poll in that message")
    if any(not 0 <= choice < len(poll["options"]) for choice in choices):
        raise SimError("no such option")
    if len(choices) > 1 and not poll["allows_multiple_answers"]:
        raise SimError("this poll takes one answer only")
    votes = bot.votes.setdefault(poll["id"], {})
    votes[user.user_id] = choices
    for index, option in enumerate(poll["options"]):
        option["voter_count"] = sum(index in chosen for chosen in votes.values())
    poll["total_voter_count"] = sum(bool(chosen) for chosen in votes.values())
    if poll["is_anonymous"]:
        return bot.updates.push("poll", copy.deepcopy(poll), chat.chat_id)
    answer = {
        "poll_id": poll["id"],
        "user": user.wire(),
        "option_ids": choices,
        "option_persistent_ids": [poll["options"][i]["persistent_id"] for i in choices],
    }
    return bot.updates.push("poll_answer", answer, chat.chat_id)


HANDLERS: dict[type, Callable[[Call, Any], Any]] = {
    api.SendPoll: send_poll,
    api.StopPoll: stop_poll,
}
