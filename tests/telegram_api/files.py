"""Files of one bot: ids, the media objects that describe them, and their bytes."""

from __future__ import annotations

import base64
import io
import mimetypes
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from PIL import Image, UnidentifiedImageError

from .errors import bad_request

DOWNLOAD_LIMIT = 20 * 1024 * 1024
UPLOAD_LIMIT = 50 * 1024 * 1024
PHOTO_LIMIT = 10 * 1024 * 1024
LINK_SECONDS = 3600
THUMBNAILS = (90, 320, 800)
"""Longest sides, in pixels, of the smaller sizes of a photo."""

FOLDERS = {
    "photo": ("photos", ".jpg"), "voice": ("voice", ".oga"), "document": ("documents", ""),
    "video": ("videos", ".mp4"), "audio": ("music", ".mp3"), "animation": ("animations", ".mp4"),
    "video_note": ("video_notes", ".mp4"), "sticker": ("stickers", ".webp"),
}  # fmt: skip


@dataclass(slots=True, frozen=True)
class Upload:
    """Bytes as they came, with the name and type the sender gave."""

    data: bytes
    filename: str = "file"
    mime: str | None = None


@dataclass(slots=True)
class StoredFile:
    """One downloadable file. ``media`` is the object that a message carries for it."""

    file_id: str
    unique_id: str
    path: str
    kind: str
    read: Callable[[], bytes]
    size: int | None
    media: Any = None
    link_until: float = 0.0

    def description(self) -> dict[str, Any]:
        """The common part of every object that stands for a file."""
        size = {} if self.size is None else {"file_size": self.size}
        return {"file_id": self.file_id, "file_unique_id": self.unique_id, **size}


def image_size(data: bytes) -> tuple[int, int] | None:
    """Width and height in pixels, or None when the bytes are no image."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            return image.size
    except (UnidentifiedImageError, OSError):
        return None


def _scaled(data: bytes, size: tuple[int, int]) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        small = image.convert("RGB").resize(size)
    out = io.BytesIO()
    small.save(out, "JPEG")
    return out.getvalue()


class FileStore:
    """Keeps everything that was sent by either side."""

    def __init__(self, bot_id: int, clock: Callable[[], float]) -> None:
        self._bot_id = bot_id
        self._clock = clock
        self._files: dict[str, StoredFile] = {}
        self._by_path: dict[str, StoredFile] = {}

    def _store(
        self, kind: str, name: str, read: Callable[[], bytes], size: int | None
    ) -> StoredFile:
        number = len(self._files) + 1
        folder, suffix = FOLDERS[kind]
        suffix = suffix or (f".{name.rpartition('.')[2]}" if "." in name else "")
        unique = base64.urlsafe_b64encode(f"u{self._bot_id}.{number}".encode()).decode().rstrip("=")
        token = f"{kind}:{self._bot_id}:{number}:emulated"
        file_id = base64.urlsafe_b64encode(token.encode()).decode().rstrip("=")
        path = f"{folder}/file_{number}{suffix}"
        stored = StoredFile(file_id, unique, path, kind, read, size)
        self._files[file_id] = self._by_path[path] = stored
        return stored

    def photo(self, data: bytes) -> list[dict[str, Any]]:
        """The sizes of a photo, smallest first; the last one is the original, byte for byte."""
        dimensions = image_size(data)
        width, height = dimensions or (1280, 960)
        sizes: list[dict[str, Any]] = []
        stored: list[StoredFile] = []
        for side in THUMBNAILS if dimensions else ():
            if side < max(width, height):
                scale = side / max(width, height)
                small = (max(1, round(width * scale)), max(1, round(height * scale)))
                read = self._reader(data, small)
                stored.append(self._store("photo", "", read, None))
                sizes.append({**stored[-1].description(), "width": small[0], "height": small[1]})
        stored.append(self._store("photo", "", lambda: data, len(data)))
        sizes.append({**stored[-1].description(), "width": width, "height": height})
        for entry in stored:
            entry.media = sizes
        return sizes

    @staticmethod
    def _reader(data: bytes, size: tuple[int, int]) -> Callable[[], bytes]:
        return lambda: _scaled(data, size)

    def media(self, kind: str, upload: Upload, **attributes: Any) -> Any:
        """Stores an upload and returns the media object (for photos: the list of sizes)."""
        if kind == "photo":
            return self.photo(upload.data)
        data = upload.data
        stored = self._store(kind, upload.filename, lambda: data, len(data))
        mime = upload.mime or mimetypes.guess_type(upload.filename)[0]
        named = {"file_name": upload.filename} if kind in NAMED else {}
        typed = {"mime_type": mime} if mime and kind not in UNTYPED else {}
        stored.media = {**stored.description(), **named, **typed, **attributes}
        return stored.media

    def reuse(self, kind: str, file_id: str) -> Any:
        """The media object behind a file id. Raises ApiError 400 when it is not one of ours."""
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("wrong file identifier/HTTP URL specified")
        if stored.kind != kind:
            raise bad_request(f"can't use file of type {stored.kind} as {kind}")
        return stored.media

    def link(self, file_id: str) -> dict[str, Any]:
        """The File object of getFile; the path can be downloaded for one hour."""
        stored = self._files.get(file_id)
        if stored is None:
            raise bad_request("invalid file_id")
        if stored.size is not None and stored.size > DOWNLOAD_LIMIT:
            raise bad_request("file is too big")
        stored.link_until = self._clock() + LINK_SECONDS
        return {**stored.description(), "file_path": stored.path}

    def download(self, path: str) -> bytes | None:
        """The bytes behind a path, or None when there is no valid link to it."""
        stored = self._by_path.get(path)
        if stored is None or stored.link_until < self._clock():
            return None
        return stored.read()

    def read(self, file_id: str) -> bytes:
        """The bytes behind an id, for the simulated person. Raises KeyError."""
        return self._files[file_id].read()


NAMED = frozenset({"document", "video", "audio", "animation"})
UNTYPED = frozenset({"sticker", "video_note"})
