"""Files that citizens send: checked, stripped of what the camera added, stored by their hash."""

from __future__ import annotations

import asyncio
import hashlib
import io
import warnings
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
from PIL import Image, ImageOps, UnidentifiedImageError

from bot.db import statements
from bot.db import tables as t
from bot.db.engine import Database
from handlers.ports import Clock

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 50_000_000
LONG_EDGE = 4096  # pixels kept
TAKEN = {"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp"}
MAX_PER_TURN = 9


class MediaRefused(Exception):
    """A file cannot be taken; `phrase` names the sentence that says why."""

    def __init__(self, phrase: str) -> None:
        self.phrase = phrase
        super().__init__(phrase)


@dataclass(frozen=True)
class Stored:
    """A stored file."""

    id: int
    kind: str
    media_type: str


@dataclass(frozen=True)
class MediaStore:
    """Keeps files under `folder`/<sha256>; rows tie them to sender and ticket."""

    folder: Path
    database: Database
    clock: Clock

    async def photo(self, channel: str, sender: str, source_key: str, data: bytes) -> Stored:
        """Store a photo without EXIF; raises MediaRefused. The same key twice is stored once."""
        clean, media_type = await asyncio.to_thread(clean_photo, data)
        return await self._keep(channel, sender, source_key, "photo", media_type, clean)

    async def recording(
        self, channel: str, sender: str, source_key: str, data: bytes, media_type: str
    ) -> Stored:
        """Store a voice message or other file as it came (evidence); raises MediaRefused."""
        if not data:
            raise MediaRefused("bad.photo_broken")
        if len(data) > 2 * MAX_BYTES:
            raise MediaRefused("bad.photo_big")
        kind = "voice" if media_type.startswith("audio/") else "file"
        return await self._keep(channel, sender, source_key, kind, media_type, data)

    async def read(self, attachment_id: int, channel: str, sender: str) -> tuple[Path, str] | None:
        """Path and media type of a citizen's own file; None when it is not theirs."""
        c = t.attachments.c
        where = sa.and_(c.id == attachment_id, c.channel == channel, c.sender == sender)
        async with self.database.read() as connection:
            row = (await connection.execute(sa.select(c.sha256, c.media_type).where(where))).first()
        return (self.folder / row.sha256, row.media_type) if row else None

    async def own(self, ids: list[int], channel: str, sender: str) -> tuple[int, ...]:
        """Those of `ids` that this citizen stored, in the order given."""
        c = t.attachments.c
        where = sa.and_(c.id.in_(ids), c.channel == channel, c.sender == sender)
        async with self.database.read() as connection:
            found = set((await connection.execute(sa.select(c.id).where(where))).scalars())
        return tuple(i for i in ids if i in found)

    async def _keep(
        self, channel: str, sender: str, source_key: str, kind: str, media_type: str, data: bytes
    ) -> Stored:
        sha256 = hashlib.sha256(data).hexdigest()
        await asyncio.to_thread(self._write, sha256, data)
        row = {
            "channel": channel,
            "sender": sender,
            "source_key": source_key[:200],
            "kind": kind,
            "media_type": media_type,
            "sha256": sha256,
            "size": len(data),
            "created_at": self.clock.now(),
        }
        c = t.attachments.c
        same = sa.and_(c.channel == channel, c.sender == sender, c.source_key == row["source_key"])
        async with self.database.write() as connection:
            added = statements.added_once(connection.dialect.name, t.attachments)
            await connection.execute(added, row)
            found = await connection.execute(sa.select(c.id, c.kind, c.media_type).where(same))
            return Stored(*found.one())

    def _write(self, sha256: str, data: bytes) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)
        path = self.folder / sha256
        if not path.exists():
            part = path.with_suffix(".part")
            part.write_bytes(data)
            part.rename(path)


def clean_photo(data: bytes) -> tuple[bytes, str]:
    """The picture re-encoded upright, without EXIF, GPS or other baggage; raises MediaRefused."""
    if len(data) > MAX_BYTES:
        raise MediaRefused("bad.photo_big")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return _reencode(data)
    except (Image.DecompressionBombWarning, Image.DecompressionBombError) as error:
        raise MediaRefused("bad.photo_big") from error
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError) as error:
        raise MediaRefused("bad.photo_broken") from error


def _reencode(data: bytes) -> tuple[bytes, str]:
    with Image.open(io.BytesIO(data), formats=list(TAKEN)) as picture:
        if picture.width * picture.height > MAX_PIXELS:
            raise MediaRefused("bad.photo_big")
        kind = picture.format or "JPEG"
        upright = ImageOps.exif_transpose(picture)
        upright.thumbnail((LONG_EDGE, LONG_EDGE))
        if kind == "JPEG":
            upright = upright.convert("RGB")
        bare = Image.new(upright.mode, upright.size)
        bare.paste(upright)
        out = io.BytesIO()
        bare.save(out, format=kind, quality=88)
    return out.getvalue(), TAKEN[kind]
