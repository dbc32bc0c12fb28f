"""`shian serve`: migrate, wire, print where to go, run until told to stop."""

from __future__ import annotations

import asyncio
import signal
import socket
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import structlog
import uvicorn

from bot.bootstrap import App, bootstrap, serving_interpreter
from bot.db.engine import open_database
from bot.db.migrate import upgrade as migrate
from bot.settings import Settings
from bot.understanding import progress
from content.jurisdiction import load_jurisdiction
from handlers.errors import ShianError
from handlers.ports import Interpreter
from nlu.engines.rasa_home import RasaError

log = structlog.get_logger()
SAFE_SQLITE = (3, 51, 3)
GRACE = 4  # seconds open streams get at shutdown


class ClosingServer(uvicorn.Server):
    """Tells open event streams to end before it waits for its connections."""

    def __init__(self, config: uvicorn.Config, closing: Callable[[], None]) -> None:
        super().__init__(config)
        self._closing = closing

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Close the streams, then everything."""
        self._closing()
        await super().shutdown(sockets)


def serve(settings: Settings) -> None:
    """Run everything in one process. Raises ContentError before anything is started."""
    _check_place(settings)
    with _interpreter(settings) as interpreter:
        asyncio.run(_run(bootstrap(settings, interpreter=interpreter, progress=progress)))


@contextmanager
def _interpreter(settings: Settings) -> Iterator[Interpreter]:
    if settings.nlu == "rasa":
        signal.signal(signal.SIGTERM, _leave)  # uvicorn passes it on when it is done
    try:
        with serving_interpreter(settings, progress) as interpreter:
            yield interpreter
    except RasaError as error:
        raise SystemExit(str(error)) from error


def _leave(number: int, _: object) -> None:
    """End like a program, not at once: what was started has to be stopped."""
    raise SystemExit(128 + number)


def _check_place(settings: Settings) -> None:
    """Refuse a data folder or a port that cannot be had, before anything is printed."""
    try:
        settings.data.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SystemExit(
            f"{settings.data}: {error.strerror} → 换一个数据目录（SHIAN_DATA）"
        ) from error
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((settings.host, settings.port))
            settings.port = probe.getsockname()[1]
        except OSError as error:
            place = f"{settings.host}:{settings.port}"
            raise SystemExit(f"{place}: {error.strerror} → 换一个端口（--port）") from error


async def upgrade(settings: Settings) -> None:
    """Bring the database to the newest layout."""
    settings.data.mkdir(parents=True, exist_ok=True)
    database = open_database(settings.database)
    try:
        await migrate(database)
    finally:
        await database.close()


async def add_staff(settings: Settings, login: str, name: str, role: str, unit: str) -> str:
    """Make an account; gives the one-time link that sets its password."""
    from bot.clock import WallClock
    from bot.console.staff_admin import add_account

    units = load_jurisdiction(settings.content, settings.jurisdiction).units
    if unit not in units:
        raise SystemExit(f"没有单位 {unit!r} → 可用：{'、'.join(units)}")
    await upgrade(settings)
    database = open_database(settings.database)
    try:
        token = await add_account(database, WallClock(), login, name, role, unit)
    except ShianError as error:
        raise SystemExit(f"{error} → 换一个登录名，角色和名字要填对") from error
    finally:
        await database.close()
    return f"{_address(settings)}/console/enter?token={token}"


async def _run(app: App) -> None:
    from bot.api.server import create_server

    await migrate(app.database)
    await _announce(app)
    died: list[BaseException] = []

    def give_up(error: BaseException) -> None:
        """A process that no longer answers must end, so that it is started again."""
        died.append(error)
        server.should_exit = True

    config = uvicorn.Config(
        create_server(app, on_failure=give_up),
        host=app.settings.host,
        port=app.settings.port,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=GRACE,
    )
    server = ClosingServer(config, app.hub.close)
    await server.serve()
    if died:
        raise SystemExit(1)


async def _announce(app: App) -> None:
    from bot.console.auth import issue_one_time_login

    if app.settings.database.startswith("sqlite") and sqlite3.sqlite_version_info < SAFE_SQLITE:
        log.info("sqlite_version", version=sqlite3.sqlite_version, note="single writer connection")
    address = _address(app.settings)
    print(f"市民聊天：{address}/", flush=True)
    print(f"工作台：  {address}/console", flush=True)
    office = app.services.jurisdiction.office
    token = await issue_one_time_login(app.database, app.clock, office)
    if token:
        print(f"首次登录（一次有效）：{address}/console/enter?token={token}", flush=True)
    off = "未设置 SHIAN_TELEGRAM_TOKEN，未启动"
    print(f"Telegram：{'启动中' if app.telegram else off}", flush=True)


def _address(settings: Settings) -> str:
    scheme = "https" if settings.https else "http"
    return f"{scheme}://{settings.host}:{settings.port}"
