"""What Telegram's refusals mean for a message, and how to put them in a log without secrets."""

from __future__ import annotations

from collections.abc import Callable

from aiogram.exceptions import (
    AiogramError,
    ClientDecodeError,
    DetailedAiogramError,
    TelegramAPIError,
    TelegramBadRequest,
    TelegramEntityTooLarge,
    TelegramForbiddenError,
    TelegramNetworkError,
    TelegramNotFound,
    TelegramRetryAfter,
    TelegramServerError,
    TelegramUnauthorizedError,
)
from aiohttp import ClientConnectorError

from bot.channels import Sent

CALL_ERRORS = (TelegramAPIError, ClientDecodeError)
"""Everything a call to Telegram can end with."""
GONE = ("chat not found", "user not found", "peer_id_invalid", "chat_write_forbidden")
TOKEN_PAUSE = 300.0  # seconds; a refused token waits for an administrator


def brief(error: Exception, token: str) -> str:
    """The error in one line: no token, no answer body (it repeats what a citizen was told)."""
    text = error.message if isinstance(error, DetailedAiogramError) else str(error)
    if isinstance(error, ClientDecodeError):
        text = f"{error.message}: {type(error.original).__name__}"
    line = " ".join(text.replace(token, "<token>").split())
    return f"{type(error).__name__}: {line}"[:300]


def outcome_of(error: AiogramError, token: str) -> Sent:
    """How a delivery ended that raised `error`."""
    state, wait = next(judge(error) for kind, judge in OUTCOMES if isinstance(error, kind))
    return Sent(state, retry_after=wait, error=brief(error, token))


def _flooded(error: AiogramError) -> tuple[str, float]:
    assert isinstance(error, TelegramRetryAfter)
    return "retry", float(error.retry_after)


def _refused(error: AiogramError) -> tuple[str, float]:
    """A chat that is not there is like one that has blocked us; other mistakes are ours."""
    gone = any(sign in str(error).lower() for sign in GONE)
    return ("blocked" if gone else "failed"), 0.0


def _lost(error: AiogramError) -> tuple[str, float]:
    """Without a connection nothing was said; otherwise Telegram may have taken the message."""
    return ("retry" if isinstance(error.__cause__, ClientConnectorError) else "unknown"), 0.0


def _always(state: str, wait: float = 0.0) -> Callable[[AiogramError], tuple[str, float]]:
    return lambda _error: (state, wait)


OUTCOMES: tuple[tuple[type[AiogramError], Callable[[AiogramError], tuple[str, float]]], ...] = (
    (TelegramRetryAfter, _flooded),
    (TelegramForbiddenError, _always("blocked")),
    (TelegramBadRequest, _refused),
    (TelegramUnauthorizedError, _always("retry", TOKEN_PAUSE)),
    (TelegramNotFound, _always("retry", TOKEN_PAUSE)),
    (TelegramServerError, _always("retry")),
    (TelegramEntityTooLarge, _always("failed")),
    (TelegramNetworkError, _lost),
    (TelegramAPIError, _always("retry")),
    (AiogramError, _always("unknown")),  # an answer that is none, from something in between
)
