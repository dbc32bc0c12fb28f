"""The emulator as a server: Telegram's URLs, the /sim URLs, start and clean end."""

from __future__ import annotations

import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Self

from aiohttp import ClientSession, web

from . import sim_http
from .call import Call
from .errors import ApiError, DropConnectionError
from .faults import AFTER, Fault, Faults, RateLimit
from .methods import HANDLERS
from .sim import Sim
from .state import BotState
from .view import View
from .webhook import Retry, WebhookSender
from .wire import MethodSpec, Parameters, build, catalogue, read_parameters

TOKEN = "123456789:emulated"  # opens nothing but this emulator
BODY_LIMIT = 64 * 1024 * 1024
DESCRIPTIONS = {"setWebhook": "Webhook was set", "deleteWebhook": "Webhook was deleted"}
PROXY_PAGE = "<html><head><title>{0}</title></head><body><h1>{0}</h1></body></html>"


class TelegramApi:
    """An emulated Bot API. Use `running`; add further bots with `add_bot`."""

    def __init__(self, retry: Retry | None = None) -> None:
        self.url = ""
        self.bots: dict[str, BotState] = {}
        self._retry = retry or Retry()
        self._senders: dict[str, WebhookSender] = {}
        self._http: ClientSession | None = None
        self._runner: web.AppRunner | None = None

    @classmethod
    @asynccontextmanager
    async def running(
        cls,
        host: str = "127.0.0.1",
        port: int = 0,
        token: str = TOKEN,
        retry: Retry | None = None,
        **bot: Any,
    ) -> AsyncIterator[Self]:
        """A running emulator with one bot (options: see `BotState`), stopped at the end."""
        api = cls(retry)
        api.add_bot(token, **bot)
        await api.start(host, port)
        try:
            yield api
        finally:
            await api.stop()

    def add_bot(self, token: str, **options: Any) -> BotState:
        """One more bot with a world of its own; options: see `BotState`."""
        bot = self.bots[token] = BotState(token, **options)
        return bot

    @property
    def bot(self) -> BotState:
        """The first bot."""
        return next(iter(self.bots.values()))

    @property
    def token(self) -> str:
        """The first bot's token."""
        return self.bot.token

    @property
    def sim(self) -> Sim:
        """People who use the first bot."""
        return Sim(self.bot)

    @property
    def view(self) -> View:
        """What they see."""
        return View(self.bot)

    @property
    def faults(self) -> Faults:
        """Faults of the first bot."""
        return self.bot.faults

    @property
    def limits(self) -> RateLimit:
        """Rate limits of the first bot."""
        return self.bot.limits

    # life

    def app(self) -> web.Application:
        """The routes."""
        app = web.Application(client_max_size=BODY_LIMIT)
        app.router.add_route("*", "/bot{token}/{method}", self._on_call)
        app.router.add_get("/file/bot{token}/{path:.+}", self._on_download)
        app.router.add_post("/sim/{operation}", self._on_sim)
        app.on_shutdown.append(self._on_shutdown)
        return app

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listens; port 0 takes a free one. Sets `url`."""
        self._http = ClientSession()
        runner = self._runner = web.AppRunner(
            self.app(), access_log=None, handler_cancellation=True, shutdown_timeout=1.0
        )
        await runner.setup()
        await web.TCPSite(runner, host, port, backlog=1024).start()
        self.url = f"http://{host}:{runner.addresses[0][1]}"

    async def stop(self) -> None:
        """Ends deliveries and open polls, then stops listening."""
        for sender in self._senders.values():
            await sender.stop()
        self._senders.clear()
        if self._runner is not None:
            await self._runner.cleanup()
        if self._http is not None:
            await self._http.close()

    async def _on_shutdown(self, app: web.Application) -> None:
        for bot in self.bots.values():
            bot.updates.close()

    # requests

    async def _on_call(self, request: web.Request) -> web.Response:
        try:
            bot = self._bot(request)
            name = request.match_info["method"]
            result = await self.execute(bot, name, await read_parameters(request))
        except ApiError as error:
            return _refused(error)
        except DropConnectionError:
            if request.transport is not None:
                request.transport.abort()
            return web.Response()
        body = {"ok": True, "result": result}
        if name in DESCRIPTIONS:
            body["description"] = DESCRIPTIONS[name]
        return _json(body)

    def _bot(self, request: web.Request) -> BotState:
        bot = self.bots.get(request.match_info["token"])
        if bot is None:
            raise ApiError(401, "Unauthorized")
        return bot

    async def execute(self, bot: BotState, name: str, parameters: Parameters) -> Any:
        """One call with its faults. Raises ApiError or DropConnectionError."""
        spec = _supported(name)
        chat_id = str(parameters.values.get("chat_id", ""))
        fault = bot.faults.take(spec.name, chat_id)
        if fault is not None and fault.kind not in AFTER:
            bot.faults.record(fault, spec.name, chat_id, ())
            raise _failure(fault)
        try:
            result = await self._perform(bot, spec, parameters)
        except ApiError:
            if fault is not None:
                fault.give_back()
            raise
        if fault is not None:
            bot.faults.record(fault, spec.name, chat_id, message_ids(result))
            await sim_http.pause(fault)
            if fault.kind != "slow":
                raise _failure(fault)
        return result

    async def _perform(self, bot: BotState, spec: MethodSpec, parameters: Parameters) -> Any:
        method = build(spec, parameters)
        result = HANDLERS[spec.model](Call(bot, parameters), method)
        if inspect.isawaitable(result):
            result = await result
        chat_id = getattr(method, "chat_id", None)
        chat = bot.find_chat(chat_id) if chat_id is not None else None
        ids = message_ids(result)
        for message_id in ids or (0,):
            bot.count(spec.name, chat.chat_id if chat else 0, message_id)
        if spec.name in DESCRIPTIONS:
            await self._follow_webhook(bot)
        return result

    async def _follow_webhook(self, bot: BotState) -> None:
        sender = self._senders.pop(bot.token, None)
        if sender is not None:
            await sender.stop()
        if bot.webhook.url and self._http is not None:
            sender = WebhookSender(bot, self._http, self._retry, self._obey)
            self._senders[bot.token] = sender
            sender.start()

    async def _obey(self, bot: BotState, name: str, parameters: Parameters) -> None:
        """A call made in the answer to a webhook: nobody hears about its failure."""
        try:
            await self.execute(bot, name, parameters)
        except (ApiError, DropConnectionError):
            return

    async def _on_download(self, request: web.Request) -> web.Response:
        try:
            data = self._bot(request).files.download(request.match_info["path"])
        except ApiError as error:
            return _refused(error)
        if data is None:
            return _refused(ApiError(404, "Not Found"))
        return web.Response(body=data, content_type="application/octet-stream")

    async def _on_sim(self, request: web.Request) -> web.Response:
        return await sim_http.answer(request, self.bots)


def _supported(name: str) -> MethodSpec:
    spec = catalogue().get(name.lower())
    if spec is None:
        raise ApiError(404, "Not Found: method not found")
    if spec.model not in HANDLERS:
        raise ApiError(404, f"Not Found: method {spec.name} is not emulated")
    return spec


def message_ids(result: Any) -> tuple[int, ...]:
    """The messages that a result is about."""
    items = result if isinstance(result, list) else [result]
    return tuple(
        item["message_id"] for item in items if isinstance(item, dict) and "message_id" in item
    )


def _failure(fault: Fault) -> Exception:
    return DropConnectionError() if fault.kind.startswith("drop") else fault.error()


def _json(body: dict[str, Any], status: int = 200) -> web.Response:
    data = json.dumps(body, ensure_ascii=False).encode()
    return web.Response(body=data, status=status, content_type="application/json")


def _refused(error: ApiError) -> web.Response:
    if error.html:
        page = PROXY_PAGE.format(f"{error.status} {error.description}")
        return web.Response(text=page, status=error.status, content_type="text/html")
    return _json(error.body(), error.status)
