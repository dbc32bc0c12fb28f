"""The web application: citizen page, console, webhook, health; and what runs beside it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import sqlalchemy as sa
import structlog
from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.staticfiles import StaticFiles
from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from bot.alarms import run_alarms
from bot.api.certificates import create_certificates
from bot.api.chat import PAGE, create_chat
from bot.api.push import create_push
from bot.bootstrap import App
from bot.scheduler import run_scheduler

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram

log = structlog.get_logger()
Failure = Callable[[BaseException], None]
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


def create_server(
    app: App, *, background: bool = True, on_failure: Failure = lambda _: None
) -> FastAPI:
    """The ASGI application; with `background` it also answers, delivers and polls.

    `on_failure` hears of a background loop that ended by an error; /healthz then answers 503.
    """
    loops = Loops(on_failure)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        loops.start(_loops(app) if background else [])
        yield
        await loops.stop()
        await app.close()

    server = FastAPI(title="食安 Shian", lifespan=lifespan, docs_url=None, redoc_url=None)
    server.add_middleware(SecurityHeaders)
    server.add_exception_handler(RequestValidationError, _malformed)
    server.get("/healthz")(_health(app, loops))
    server.mount("/static/chat", FreshFiles(directory=PAGE / "static"), name="chat-static")
    server.include_router(create_chat(app))
    server.include_router(create_certificates(app))
    if app.pusher is not None:
        server.include_router(create_push(app.pusher))
    _mount_console(server, app)
    if app.telegram is not None and app.settings.telegram_webhook_secret is not None:
        secret = app.settings.telegram_webhook_secret.get_secret_value()
        server.include_router(app.telegram.webhook_router(secret))
    return server


@dataclass
class Loops:
    """The loops beside the pages, watched: one that dies is never silently missed."""

    on_failure: Failure
    failed: bool = False
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _tasks: list[asyncio.Task[None]] = field(default_factory=list)

    def start(self, loops: list[Loop]) -> None:
        """Run each in a task of its own."""
        for loop in loops:
            task = asyncio.get_running_loop().create_task(loop(self._stop))
            task.add_done_callback(self._ended)
            self._tasks.append(task)

    async def stop(self) -> None:
        """Let them finish what they are doing."""
        self._stop.set()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def _ended(self, task: asyncio.Task[None]) -> None:
        error = None if task.cancelled() else task.exception()
        if error is not None:
            self.failed = True
            log.critical("loop_died", error=repr(error))
            self.on_failure(error)


class FreshFiles(StaticFiles):
    """Static files whose copies are checked each time, so that a new release is seen at once."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response: Response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "no-cache"
        return response


def _loops(app: App) -> list[Loop]:
    loops: list[Loop] = [app.worker.run, app.delivery.run, app.broadcaster.run]
    loops += [partial(run_scheduler, app), partial(run_alarms, app)]
    if app.pusher is not None:
        loops.append(app.pusher.run)
    if app.telegram is not None:
        loops.append(partial(_telegram, app.telegram, bool(app.settings.telegram_webhook_url)))
    if app.cards is not None:
        loops.append(app.cards.run)
    return loops


async def _telegram(telegram: Telegram, webhook: bool, stop: asyncio.Event) -> None:
    """Introduce the bot, then poll; beside the pages, which never wait for Telegram."""
    await telegram.prepare()
    if not webhook:
        await telegram.poll(stop)


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


def _health(app: App, loops: Loops) -> Callable[[], Awaitable[Response]]:
    async def health() -> Response:
        if loops.failed:
            return JSONResponse({"status": "failed"}, 503)
        async with app.database.read() as connection:
            await connection.execute(sa.text("SELECT 1"))
        return JSONResponse({"status": "ok"})

    return health


async def _malformed(_: Request, error: Exception) -> Response:
    """A request of a form that no page of ours sends: said in Chinese, never echoed."""
    log.info("malformed_request", error=type(error).__name__)
    return JSONResponse({"error": "请求的格式不对，没有收下。请刷新页面再试。"}, 422)
