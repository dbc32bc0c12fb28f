"""What citizens attached, for those who may see the ticket."""

from __future__ import annotations

import re

from starlette.responses import FileResponse, Response

from bot.console import views
from bot.console.desk import Visit
from bot.console.refusals import NoSuchPage
from handlers import staff as permissions

SHOWN = frozenset(
    "image/jpeg image/png image/webp audio/ogg audio/mpeg audio/mp4 audio/webm audio/wav".split()
)
SHA256 = re.compile(r"[0-9a-f]{64}")


async def attachment(visit: Visit) -> Response:
    """A file of a ticket, for those who may see the ticket; unknown types are only downloaded."""
    found = await views.attachment(visit.host.database, int(visit.path("id")))
    if found is None or not SHA256.fullmatch(found.sha256):
        raise NoSuchPage()
    permissions.check(visit.staff, "see", found.ticket)
    path = visit.host.attachments_dir / found.sha256
    if not path.is_file():
        raise NoSuchPage()
    media_type = found.media_type.partition(";")[0].strip()
    if media_type in SHOWN:
        return FileResponse(path, media_type=media_type)
    name = f"{found.ticket.number}-{found.id}"
    return FileResponse(path, media_type="application/octet-stream", filename=name)
