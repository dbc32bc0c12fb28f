"""How a call leaves the house: a command, an HTTP request, an SMS gateway (HTTP with a template)."""

from __future__ import annotations

import asyncio
import json
import shlex
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from bot.settings import Settings

LIMIT = 20.0  # seconds for one call
LONGEST_ERROR = 300


class CallFailed(Exception):
    """The call did not go out, or nobody can tell; it will be tried again."""


class Provider(Protocol):
    """Brings a text to a person: a telephone, a message, a siren."""

    async def call(self, target: str, text: str) -> None:
        """Call `target` (what the contact file names). Raises CallFailed."""
        ...


@dataclass(frozen=True)
class CommandProvider:
    """A program of the house: the target is its last argument, the text comes on its stdin."""

    argv: Sequence[str]

    async def call(self, target: str, text: str) -> None:
        """Run it; any exit status but 0 is a failure."""
        try:
            process = await asyncio.create_subprocess_exec(
                *self.argv, target, stdin=PIPE, stdout=DEVNULL, stderr=PIPE
            )
        except OSError as error:
            raise CallFailed(f"{self.argv[0]}: {error.strerror}") from error
        try:
            _, said = await asyncio.wait_for(process.communicate(text.encode()), LIMIT)
        except TimeoutError as error:
            raise CallFailed(f"{self.argv[0]}: {LIMIT:.0f} s") from error
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            told = said.decode("utf-8", "replace").strip()[-LONGEST_ERROR:]
            raise CallFailed(f"exit {process.returncode}: {told}")


@dataclass(frozen=True)
class HttpProvider:
    """A POST of JSON. In `body` the words {target} and {text} stand for the number and the text."""

    url: str
    body: Mapping[str, Any]
    secret: str = ""

    async def call(self, target: str, text: str) -> None:
        """Send it; any status but 2xx is a failure."""
        import aiohttp

        filled = filled_in(self.body, {"target": target, "text": text})
        headers = {"Authorization": f"Bearer {self.secret}"} if self.secret else {}
        limit = aiohttp.ClientTimeout(total=LIMIT)
        try:
            async with (
                aiohttp.ClientSession(timeout=limit, headers=headers) as session,
                session.post(self.url, json=filled, allow_redirects=False) as answer,
            ):
                if not 200 <= answer.status < 300:
                    raise CallFailed(f"HTTP {answer.status}")
        except (aiohttp.ClientError, TimeoutError) as error:
            raise CallFailed(f"{type(error).__name__}: {error}"[:LONGEST_ERROR]) from error


def filled_in(body: Any, words: Mapping[str, str]) -> Any:
    """The template with its placeholders filled in, at any depth; the rest stays as it is."""
    if isinstance(body, Mapping):
        return {key: filled_in(value, words) for key, value in body.items()}
    if isinstance(body, list):
        return [filled_in(value, words) for value in body]
    if not isinstance(body, str):
        return body
    pieces = body.split("{target}")  # one after the other: a text may contain the other's name
    return words["target"].join(piece.replace("{text}", words["text"]) for piece in pieces)


def open_provider(settings: Settings) -> Provider | None:
    """The provider of the settings; None where none is set and people telephone themselves."""
    if settings.alarm_command:
        return CommandProvider(tuple(shlex.split(settings.alarm_command)))
    if settings.alarm_url:
        secret = settings.alarm_secret.get_secret_value() if settings.alarm_secret else ""
        return HttpProvider(settings.alarm_url, json.loads(settings.alarm_template), secret)
    return None
