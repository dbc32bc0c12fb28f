"""The citizen's page and the API behind it: POST with a client-made id, SSE from the database."""

from __future__ import annotations

import json
import secrets
import time
from collections import defaultdict, deque
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from fastapi import APIRouter, Cookie, Form, Header, Request, Response, UploadFile
from fastapi.responses import FileResponse, HTMLResponse, JSONResponse, StreamingResponse
from fastapi.templating import Jinja2Templates
from pydantic import BaseModel, Field, ValidationError

from bot.bootstrap import App
from bot.channels.webchat import NAME, address_of, arrival
from bot.db.campaign_tables import campaign_pictures
from bot.media import MAX_BYTES, MAX_PER_TURN, MediaRefused
from content.phrasebook import load_ui

PAGE = Path(__file__).parent.parent / "channels" / "web"
COOKIE = "shian_chat"
COOKIE_DAYS = 180
MAX_BODY = 2 * 1024 * 1024  # bytes of one JSON message
PER_MINUTE = 40  # messages of one chat
NO_SESSION = "请重新打开页面。"
STATUS = {"bad.photo_big": 413, "bad.photo_broken": 415}


LARGEST_ID = 2**53  # beyond it JavaScript cannot count, nor SQLite look up


class Place(BaseModel):
    """WGS-84 degrees."""

    lat: float = Field(ge=-90, le=90)
    lon: float = Field(ge=-180, le=180)


class Message(BaseModel):
    """What the page posts; `client_id` makes sending it twice harmless."""

    client_id: str = Field(min_length=8, max_length=64, pattern=r"^[A-Za-z0-9._-]+$")
    text: str = ""
    button: str | None = Field(default=None, max_length=64)
    attachments: list[int] = Field(default=[], max_length=100)
    location: Place | None = None
    locale: Literal["zh-Hans", "zh-Hant"] | None = None


class LocaleChoice(BaseModel):
    """Which script to read."""

    locale: Literal["zh-Hans", "zh-Hant"]


@dataclass
class Pace:
    """At most PER_MINUTE messages a chat and minute."""

    _seen: dict[str, deque[float]] = field(default_factory=lambda: defaultdict(deque))

    def wait(self, address: str) -> float:
        """Seconds to wait before the next message; 0 when it may come now."""
        now, seen = time.monotonic(), self._seen[address]
        while seen and now - seen[0] > 60:
            seen.popleft()
        if len(seen) >= PER_MINUTE:
            return 60 - (now - seen[0])
        seen.append(now)
        return 0.0


def create_chat(app: App) -> APIRouter:
    """Routes of the citizen's page."""
    words = load_ui(app.settings.content, "web").by_locale
    page = ChatPage(app, Pace(), Jinja2Templates(PAGE), words)
    router = APIRouter()
    router.get("/", response_class=HTMLResponse)(page.show)
    router.get("/api/chat/history")(page.history)
    router.post("/api/chat/messages", status_code=202)(page.post)
    router.post("/api/chat/attachments", status_code=201)(page.attach)
    router.get("/api/chat/attachments/{attachment_id}")(page.attachment)
    router.get("/api/chat/pictures/{sha256}")(page.picture)
    router.get("/api/chat/events")(page.events)
    router.post("/api/chat/locale", status_code=204)(page.locale)
    return router


Session = Annotated[str | None, Cookie(alias=COOKIE)]


@dataclass(frozen=True)
class ChatPage:
    """What the page asks for; `session` is the browser's cookie, without it there is no chat."""

    app: App
    pace: Pace
    templates: Jinja2Templates
    words: Mapping[str, Mapping[str, str]]

    async def show(self, request: Request, session: Session = None) -> HTMLResponse:
        """The page itself; gives a new browser its session."""
        locale = await self.app.mailbox.locale(address_of(session)) if session else "zh-Hans"
        context = {
            "office_name": self.app.services.jurisdiction.office_name,
            "locale": locale,
            "push": self.app.pusher is not None,
            "strings": self.words[locale],
            "notice": self.app.services.phrases.text("receipt.notice", locale),
        }
        response = self.templates.TemplateResponse(request, "chat.html", context)
        response.headers["Cache-Control"] = "no-store"
        _keep_session(self.app, response, session)
        return response

    async def history(self, session: Session = None) -> Response:
        """The conversation so far."""
        if session is None:
            return _refuse(401, NO_SESSION)
        address = address_of(session)
        messages, newest = await self.app.mailbox.history(address)
        locale = await self.app.mailbox.locale(address)
        body = {"messages": messages, "last_event_id": newest, "locale": locale}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    async def post(self, request: Request, session: Session = None) -> Response:
        """Take a message: 202 means it is committed."""
        if session is None:
            return _refuse(401, NO_SESSION)
        message = await _message(request)
        if isinstance(message, Response):
            return message
        return await _accept(self.app, self.pace, address_of(session), message)

    async def attach(
        self,
        file: UploadFile,
        client_id: Annotated[str, Form(max_length=64)],
        session: Session = None,
    ) -> Response:
        """Take a photo; refused ones say why."""
        if session is None:
            return _refuse(401, NO_SESSION)
        data = await file.read(MAX_BYTES + 1)
        try:
            stored = await self.app.media.photo(NAME, address_of(session), client_id, data)
        except MediaRefused as error:
            return _refuse(STATUS[error.phrase], self.app.services.phrases.text(error.phrase))
        url = f"/api/chat/attachments/{stored.id}"
        return JSONResponse({"id": stored.id, "kind": stored.kind, "url": url}, 201)

    async def attachment(self, attachment_id: int, session: Session = None) -> Response:
        """One of the citizen's own files."""
        known = session is not None and 0 < attachment_id <= LARGEST_ID
        found = known and await self.app.media.read(attachment_id, NAME, address_of(session or ""))
        if not found:
            return _refuse(404, "没有这个文件。")
        headers = {"Cache-Control": "private, max-age=86400", "X-Content-Type-Options": "nosniff"}
        return FileResponse(found[0], media_type=found[1], headers=headers)

    async def picture(self, sha256: str) -> Response:
        """A picture of a broadcast: anybody may see it."""
        c = campaign_pictures.c
        async with self.app.database.read() as connection:
            kind = await connection.scalar(sa.select(c.media_type).where(c.sha256 == sha256))
        if kind is None:
            return _refuse(404, "没有这个文件。")
        headers = {"Cache-Control": "public, max-age=86400", "X-Content-Type-Options": "nosniff"}
        path = self.app.settings.uploads / sha256
        return FileResponse(path, media_type=kind, headers=headers)

    async def events(
        self, session: Session = None, last_event_id: Annotated[int, Header()] = 0
    ) -> Response:
        """Messages as they come."""
        if session is None:
            return _refuse(401, NO_SESSION)
        lines = _sse(self.app, address_of(session), last_event_id)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(lines, media_type="text/event-stream", headers=headers)

    async def locale(self, request: Request, session: Session = None) -> Response:
        """Keep which script the citizen reads."""
        if session is None:
            return _refuse(401, NO_SESSION)
        try:
            choice = LocaleChoice.model_validate_json(await _body(request) or b"")
        except ValidationError:
            return _refuse(422, "没有这种文字。")
        async with self.app.units_of_work() as work:
            citizen = await work.citizens.get_or_add(NAME, address_of(session), choice.locale)
            await work.citizens.set_locale(citizen.id, choice.locale)
            await work.commit()
        return Response(status_code=204)


async def _message(request: Request) -> Message | Response:
    body = await _body(request)
    if body is None:
        return _refuse(413, "内容太长了，请分几次发送。")
    try:
        return Message.model_validate(whole(json.loads(body)))
    except (ValidationError, ValueError, RecursionError):
        return _refuse(422, "这条消息的格式不对，没有收下。请刷新页面再试。")


def whole(value: Any) -> Any:
    """The value with broken UTF-16 (half of an emoji, say) replaced, so that it can be kept."""
    if isinstance(value, str):
        return value.encode("utf-8", "replace").decode()
    if isinstance(value, dict):
        return {whole(key): whole(inner) for key, inner in value.items()}
    return [whole(inner) for inner in value] if isinstance(value, list) else value


async def _body(request: Request) -> bytes | None:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > MAX_BODY:
            return None
    return bytes(body)


async def _accept(app: App, pace: Pace, address: str, message: Message) -> Response:
    """Commit the message to the inbox, then say so."""
    row = message.model_dump()
    if await app.intake.known(NAME, f"{address}:{message.client_id}"):
        return JSONResponse({"accepted": True, "duplicate": True}, 202)
    wait = pace.wait(address)
    if wait:
        body = {"error": "您发得太快了，请稍等一会儿。", "retry_after": round(wait, 1)}
        return JSONResponse(body, 429, headers={"Retry-After": str(int(wait) + 1)})
    ids = [i for i in message.attachments if 0 < i <= LARGEST_ID]
    own = await app.media.own(ids, NAME, address)
    row["attachments"] = list(own[:MAX_PER_TURN])
    row["refused"] = ["bad.too_many"] if len(message.attachments) > MAX_PER_TURN else []
    added = await app.intake.accept([arrival(address, row)])
    return JSONResponse({"accepted": True, "duplicate": not added}, 202)


async def _sse(app: App, address: str, after: int) -> AsyncIterator[str]:
    yield ": connected\n\n"
    async for message in app.mailbox.stream(address, after):
        if message is None:
            yield ": still here\n\n"
            continue
        number = message.pop("event_id")
        yield f"event: message\nid: {number}\ndata: {json.dumps(message, ensure_ascii=False)}\n\n"


def _keep_session(app: App, response: Response, token: str | None) -> None:
    """Give the browser its session, or prolong it; nothing but this cookie opens the chat."""
    response.set_cookie(
        COOKIE,
        token or secrets.token_urlsafe(32),
        max_age=COOKIE_DAYS * 86400,
        httponly=True,
        samesite="lax",
        secure=app.settings.https,
    )


def _refuse(status: int, text: str, **more: Any) -> JSONResponse:
    return JSONResponse({"error": text, **more}, status)
