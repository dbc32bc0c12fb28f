"""A raw update as the inbox row it becomes. Nothing is parsed that the row does not need.

An update of a kind or shape that nobody knows yet must still be stored: were it refused here, it
would come again for ever and hold up everything behind it.
"""

from __future__ import annotations

from typing import Any

from bot.intake import Arrival

NAME = "telegram"
ALLOWED_UPDATES = ["message", "edited_message", "callback_query", "my_chat_member"]
NOBODY = "-"


class NotAnUpdate(ValueError):
    """Something else than an update was delivered."""


def arrival(update: dict[str, Any]) -> Arrival:
    """The row of one update; raises NotAnUpdate when it has no id."""
    update_id = update.get("update_id")
    if not isinstance(update_id, int) or isinstance(update_id, bool):
        raise NotAnUpdate("no update_id")
    kind = next((kind for kind in ALLOWED_UPDATES if isinstance(update.get(kind), dict)), "")
    content: dict[str, Any] = update.get(kind, {})
    message = content if kind in ("message", "edited_message") else {}
    return Arrival(
        channel=NAME,
        external_id=str(update_id),
        sender=_sender(content),
        payload=update,
        message_key=str(message.get("message_id", "")),
        group_key=_album(message) if kind == "message" else None,
    )


def _sender(content: dict[str, Any]) -> str:
    """The chat; for a button whose message is not told, the person."""
    message = content.get("message")
    around = message if isinstance(message, dict) else content
    for where in (around.get("chat"), content.get("from")):
        if isinstance(where, dict) and "id" in where:
            return str(where["id"])
    return NOBODY


def _album(message: dict[str, Any]) -> str | None:
    """An edit is a turn of its own, so only new messages are tied together."""
    group = message.get("media_group_id")
    return None if group is None else str(group)
