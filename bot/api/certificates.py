"""Certificates of contests, for whoever has the link that was given to the citizen."""

from __future__ import annotations

import asyncio

import sqlalchemy as sa
from fastapi import APIRouter
from fastapi.responses import JSONResponse, Response

from bot.bootstrap import App
from bot.certificates import Certificate, draw
from bot.db.contest_rows import SqlContests
from bot.db.tables import citizens
from content.hant import in_script
from handlers.campaigns.sampling_ports import Contest, Entry
from handlers.intents.contest import CERTIFICATE

HEADERS = {"Cache-Control": "private, max-age=300", "X-Content-Type-Options": "nosniff"}


def create_certificates(app: App) -> APIRouter:
    """The one address under which certificates lie."""
    router = APIRouter()

    @router.get("/api/contest/certificate/{token}.png", include_in_schema=False)
    async def certificate(token: str) -> Response:
        entry_id = app.services.signer.opened(CERTIFICATE, token)
        made = await _certificate(app, entry_id) if entry_id is not None else None
        if made is None:
            return JSONResponse({"error": app.services.phrases.text("contest.no_certificate")}, 404)
        picture = await asyncio.to_thread(draw, made)
        return Response(picture, media_type="image/png", headers=HEADERS)

    return router


async def _certificate(app: App, entry_id: int) -> Certificate | None:
    async with app.database.read() as connection:
        rows = SqlContests(connection)
        entry = await rows.entry_by_id(entry_id)
        contest = await rows.get(entry.contest_id) if entry else None
        if entry is None or contest is None or entry.hidden or not entry.answered:
            return None
        over = contest.texts.closes_at <= app.clock.now() or contest.state == "stopped"
        rank = await rows.rank(entry) if over else None
        where = citizens.c.id == entry.citizen_id
        locale = await connection.scalar(sa.select(citizens.c.locale).where(where))
    return _worded(app, contest, entry, rank, locale or "zh-Hans")


def _worded(app: App, contest: Contest, entry: Entry, rank: int | None, locale: str) -> Certificate:
    phrases = app.services.phrases
    title = in_script(contest.texts.title, locale)
    score = {"right": entry.right, "count": entry.answered}
    lines = [phrases.text("contest.paper_body", locale, title=title, **score)]
    if rank is not None:
        lines.append(phrases.text("contest.paper_rank", locale, rank=rank))
    day = min(app.clock.now(), contest.texts.closes_at).astimezone(app.clock.now().tzinfo)
    office = in_script(app.services.jurisdiction.office_name, locale)
    foot = phrases.text("contest.paper_foot", locale, office=office, day=f"{day:%Y-%m-%d}")
    return Certificate(
        phrases.text("contest.paper_title", locale), entry.nickname, tuple(lines), foot, locale
    )
