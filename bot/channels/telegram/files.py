"""What citizens attach: found in a message, fetched from Telegram, kept by the media store."""

from __future__ import annotations

import asyncio
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from aiogram import Bot
from aiogram.exceptions import TelegramBadRequest, TelegramRetryAfter
from aiogram.types import Message
from aiohttp import ClientError

from bot.channels.telegram.arrivals import NAME
from bot.channels.telegram.errors import CALL_ERRORS, brief
from bot.db import tables as t
from bot.media import MAX_BYTES, MAX_PER_TURN, MediaRefused, MediaStore, Stored

LARGEST = {True: MAX_BYTES, False: 2 * MAX_BYTES}  # bytes, photos and others; Telegram gives 20 MB
PAUSES = (0.3, 1.0)  # seconds between tries to fetch a file
LONGEST_FLOOD = 20  # seconds
ABREAST = 4  # files of an album fetched at the same time
KINDS = {
    "voice": "audio/ogg",
    "audio": "audio/mpeg",
    "video": "video/mp4",
    "video_note": "video/mp4",
    "animation": "video/mp4",
    "document": "application/octet-stream",
}
"""Fields of a message that hold a file, and its type where Telegram gives none."""
EVIDENCE = ("audio/", "video/")  # kept as they came


class FileUnavailable(Exception):
    """A file cannot be fetched now; trying later may help."""


@dataclass(frozen=True)
class Found:
    """A file in a message. `key` is the same for every look at the same message."""

    file_id: str
    key: str
    size: int
    media_type: str

    @property
    def is_photo(self) -> bool:
        return self.media_type.startswith("image/")


def found_in(message: Message) -> Found | None:
    """The file of a message; of a photo, its largest size."""
    if message.photo:
        largest = max(message.photo, key=lambda size: size.width * size.height)
        return _found(message, largest, "image/jpeg")
    for kind, media_type in KINDS.items():
        file = getattr(message, kind)
        if file is not None:
            return _found(message, file, getattr(file, "mime_type", None) or media_type)
    return None


def _found(message: Message, file: Any, media_type: str) -> Found:
    # The message is part of the key: the same picture sent for two matters belongs to both.
    key = f"{message.message_id}:{file.file_unique_id}"
    return Found(file.file_id, key, file.file_size or 0, media_type.lower()[:64])


@dataclass(frozen=True)
class Files:
    """Fetches and keeps."""

    bot: Bot
    media: MediaStore

    async def take(
        self, sender: str, messages: Sequence[Message]
    ) -> tuple[tuple[int, ...], tuple[str, ...]]:
        """Ids of the files kept, and phrase keys for those refused. Raises FileUnavailable."""
        found = [file for file in map(found_in, messages) if file is not None]
        limit = asyncio.Semaphore(ABREAST)
        kept = await asyncio.gather(
            *(self._keep(sender, file, limit) for file in found[:MAX_PER_TURN]),
            return_exceptions=True,
        )
        ids, refused = [], []
        for result in kept:
            if isinstance(result, int):
                ids.append(result)
            elif isinstance(result, MediaRefused):
                refused.append(result.phrase)
            else:
                raise result
        if len(found) > MAX_PER_TURN:
            refused.append("bad.too_many")
        return tuple(ids), tuple(refused)

    async def _keep(self, sender: str, file: Found, limit: asyncio.Semaphore) -> int:
        """The id of one file, fetched unless a try before has kept it."""
        async with limit:
            known = await self._known(sender, file.key)
            if known is not None:
                return known
            if not file.is_photo and not file.media_type.startswith(EVIDENCE):
                raise MediaRefused("bad.photo_broken")
            if file.size > LARGEST[file.is_photo]:
                raise MediaRefused("bad.photo_big")
            return (await self._store(sender, file, await self._fetch(file.file_id))).id

    async def _known(self, sender: str, key: str) -> int | None:
        c = t.attachments.c
        where = sa.and_(c.channel == NAME, c.sender == sender, c.source_key == key)
        async with self.media.database.read() as connection:
            found: int | None = await connection.scalar(sa.select(c.id).where(where))
        return found

    async def _store(self, sender: str, file: Found, data: bytes) -> Stored:
        if file.is_photo:
            return await self.media.photo(NAME, sender, file.key, data)
        return await self.media.recording(NAME, sender, file.key, data, file.media_type)

    async def _fetch(self, file_id: str) -> bytes:
        """The bytes; raises MediaRefused when there is no use in trying, else FileUnavailable."""
        problem: Exception | None = None
        for pause in (*PAUSES, 0.0):
            try:
                return await self._download(file_id)
            except TelegramRetryAfter as error:
                problem, pause = error, min(error.retry_after, LONGEST_FLOOD)
            except (*CALL_ERRORS, ClientError, TimeoutError) as error:
                problem = error
                if isinstance(error, TelegramBadRequest) and "too big" in error.message:
                    raise MediaRefused("bad.photo_big") from error
            await asyncio.sleep(pause)
        if isinstance(problem, TelegramBadRequest):
            raise MediaRefused("bad.photo_broken") from problem
        # Not chained: errors of the download name its address, which holds the token.
        raise FileUnavailable(brief(problem or TimeoutError(), self.bot.token)) from None

    async def _download(self, file_id: str) -> bytes:
        file = await self.bot.get_file(file_id)
        if file.file_path is None:
            raise MediaRefused("bad.photo_big")
        data = io.BytesIO()
        await self.bot.download_file(file.file_path, data)
        return data.getvalue()
