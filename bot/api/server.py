"""The web application: citizen page, console, webhook, health; and what runs beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from pathlib import Path

import sqlalchemy as sa
from fastapi import FastAPI, Response
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.api.chat import PAGE, create_chat
from bot.bootstrap import App

Loop = Callable[[asyncio.Event], Coroutine[None, None, None]]
CSP = (
    "default-src 'self'; img-src 'self' data: blob:; connect-src 'self'; object-src 'none'; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = {
    "Content-Security-Policy": CSP,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(self), camera=(self), microphone=(self)",
}


def create_server(app: App, *, background: bool = True) -> FastAPI:
    """The ASGI application; with `background` it also answers, delivers and polls."""

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        stop = asyncio.Event()
        async with asyncio.TaskGroup() as group:
            for run in _loops(app) if background else ():
                group.create_task(run(stop))
            yield
            stop.set()
        await app.close()

    server = FastAPI(title="食安 Shian", lifespan=lifespan, docs_url=None, redoc_url=None)
    server.add_middleware(SecurityHeaders)
    server.get("/healthz")(_health(app))
    server.mount("/static/chat", FreshFiles(directory=PAGE / "static"), name="chat-static")
    server.include_router(create_chat(app))
    _mount_console(server, app)
    if app.telegram is not None and app.settings.telegram_webhook_secret is not None:
        secret = app.settings.telegram_webhook_secret.get_secret_value()
        server.include_router(app.telegram.webhook_router(secret))
    return server


class FreshFiles(StaticFiles):
    """Static files whose copies are checked each time, so that a new release is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def _loops(app: App) -> list[Loop]:
    loops: list[Loop] = [app.worker.run, app.delivery.run]
    if app.telegram is not None and not app.settings.telegram_webhook_url:
        loops.append(app.telegram.poll)
    return loops


def _mount_console(server: FastAPI, app: App) -> None:
    from bot.console import create_console

    static = Path(__file__).parent.parent / "console" / "static"
    server.mount("/static/console", FreshFiles(directory=static), name="console-static")
    server.include_router(create_console(app), prefix="/console")


class SecurityHeaders:
    """Adds HEADERS to every response that does not set its own."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, with_headers if scope["type"] == "http" else send)


def _health(app: App) -> Callable[[], Awaitable[Response]]:
    async def health() -> Response:
        async with app.database.read() as connection:
            await connection.execute(sa.text("SELECT 1"))
        return JSONResponse({"status": "ok"})

    return health
