"""Notes to browsers, against a push service that checks who sent them and opens them."""

from __future__ import annotations

import base64
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import http_ece
import pytest
import sqlalchemy as sa
from aiohttp import web
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from py_vapid import Vapid02

from bot.bootstrap import App, bootstrap
from bot.db.campaign_tables import subscribers
from bot.db.migrate import upgrade
from bot.db.push_tables import push_endpoints
from bot.push_service import BadEndpoint, PublicResolver, checked, make_key
from bot.settings import Settings
from handlers.ports import Interpreter
from tests.integration.bot.audience import begin, draft
from tests.integration.bot.browser import Page, open_page

SECRET = b"sixteen bytes ok"
CONTACT = "mailto:shian@example.cn"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@dataclass
class PushService:
    """Takes notes for one browser whose keys it knows."""

    url: str = ""
    status: int = 201
    notes: list[dict[str, Any]] = field(default_factory=list)
    claims: list[dict[str, Any]] = field(default_factory=list)
    key: Any = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))

    @property
    def subscription(self) -> dict[str, Any]:
        point = self.key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return {"endpoint": self.url, "keys": {"p256dh": _text(point), "auth": _text(SECRET)}}

    async def take(self, request: web.Request) -> web.Response:
        """Raises (a 500) where the signature is wrong or the note cannot be opened."""
        said = request.headers["Authorization"]
        assert Vapid02.verify(said), said
        token = said.split("t=")[1].split(",")[0]
        claims = token.split(".")[1]
        self.claims.append(json.loads(base64.urlsafe_b64decode(claims + "=" * (-len(claims) % 4))))
        assert request.headers["Content-Encoding"] == "aes128gcm"
        assert int(request.headers["TTL"]) > 0
        body = await request.read()
        opened = http_ece.decrypt(body, private_key=self.key, auth_secret=SECRET)
        self.notes.append(json.loads(opened))
        return web.Response(status=self.status)


@asynccontextmanager
async def service() -> AsyncIterator[PushService]:
    made, app = PushService(), web.Application()
    app.router.add_post("/send/one", made.take)
    runner = web.AppRunner(app)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    port = runner.addresses[0][1]
    made.url = f"http://127.0.0.1:{port}/send/one"
    try:
        yield made
    finally:
        await runner.cleanup()


@asynccontextmanager
async def subscribed(
    folder: Path, interpreter: Interpreter, *, anywhere: bool = True
) -> AsyncIterator[tuple[App, Page, PushService]]:
    """A citizen of the web page who has subscribed in the chat, and a push service."""
    make_key(folder / "push.pem")
    settings = Settings(
        data=folder,
        web_push_key_file=folder / "push.pem",
        web_push_contact=CONTACT,
        web_push_anywhere=anywhere,
    )
    app = bootstrap(settings, interpreter=interpreter)
    await upgrade(app.database)
    try:
        async with service() as push, open_page(app) as page:
            await page.say("订阅")
            await page.say(button="sub:on-all")
            app.pusher and app.pusher._due.clear()
            yield app, page, push
    finally:
        await app.close()


async def kept(app: App) -> int:
    async with app.database.read() as connection:
        counted = sa.select(sa.func.count()).select_from(push_endpoints)
        return int(await connection.scalar(counted) or 0)


async def test_a_broadcast_is_noted_signed_and_sealed_without_its_words(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with subscribed(tmp_path, interpreter) as (app, page, push):
        assert (await page.http.post("/api/chat/push", json=push.subscription)).status_code == 204
        await begin(app, draft("生熟分开。", urgent=False))
        async with app.database.write() as connection:
            await connection.execute(
                sa.text("update dialogs set updated_at = '2020-01-01 00:00:00'")
            )
        await app.broadcaster.drain()
        assert app.pusher is not None
        assert await app.pusher.drain() == 1
        [note], [claims] = push.notes, push.claims
        assert note == {"title": app.services.jurisdiction.office_name, "body": "您有一条新消息"}
        assert claims["sub"] == CONTACT and claims["aud"] == push.url.removesuffix("/send/one")


async def test_a_reply_is_noted_only_while_nobody_looks(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with subscribed(tmp_path, interpreter) as (app, page, push):
        assert app.pusher is not None
        await page.http.post("/api/chat/push", json=push.subscription)
        async with app.database.read() as connection:
            sender = str(await connection.scalar(sa.text("select address from citizens")))
        looking = app.hub.subscribe(sender)
        await page.say("你好")
        assert await app.pusher.drain() == 0
        app.hub.leave(sender, looking)
        await page.say("你好")
        assert await app.pusher.drain() == 1
        await page.say("你好")
        assert await app.pusher.drain() == 0  # several replies are one piece of news
        assert len(push.notes) == 1


@pytest.mark.parametrize("status", [404, 410])
async def test_a_browser_that_is_gone_is_forgotten(
    tmp_path: Path, interpreter: Interpreter, status: int
) -> None:
    async with subscribed(tmp_path, interpreter) as (app, page, push):
        assert app.pusher is not None
        await page.http.post("/api/chat/push", json=push.subscription)
        push.status = 503
        await page.say("你好")
        await app.pusher.drain()
        assert await kept(app) == 1
        push.status = status
        await page.say("你好")
        await app.pusher.drain()
        assert await kept(app) == 0


async def test_only_subscribers_are_offered_it_and_who_ends_that_gets_none(
    tmp_path: Path, interpreter: Interpreter
) -> None:
    async with subscribed(tmp_path, interpreter) as (app, page, push):
        assert app.pusher is not None
        assert (await page.http.get("/api/chat/push")).json()["offer"] is True
        await page.http.post("/api/chat/push", json=push.subscription)
        async with app.database.write() as connection:
            await connection.execute(sa.update(subscribers).values(active=False))
        assert (await page.http.get("/api/chat/push")).json()["offer"] is False
        again = await page.http.post("/api/chat/push", json=push.subscription)
        assert again.status_code == 403
        await page.say("你好")
        assert await app.pusher.drain() == 0
        assert push.notes == []


async def test_addresses_inside_are_refused(tmp_path: Path, interpreter: Interpreter) -> None:
    async with subscribed(tmp_path, interpreter, anywhere=False) as (app, page, push):
        keys = push.subscription["keys"]
        for endpoint in (
            push.url, "https://127.0.0.1/x", "https://[::1]/x", "https://10.0.0.1/x",
            "https://localhost/x", "https://2130706433/x", "https://0x7f.1/x",
            "https://push.example.com:8443/x", "https://a@push.example.com/x", "file:///etc/passwd",
        ):  # fmt: skip
            given = {"endpoint": endpoint, "keys": keys}
            response = await page.http.post("/api/chat/push", json=given)
            assert response.status_code == 422, endpoint
        assert await kept(app) == 0
        assert checked("https://push.example.com/x", keys["p256dh"], keys["auth"])
        with pytest.raises(BadEndpoint):
            checked("https://push.example.com/x", keys["auth"], keys["auth"])
    with pytest.raises(OSError, match="no public address"):
        await PublicResolver().resolve("localhost", 443)


def test_a_key_is_private_and_never_replaced(tmp_path: Path) -> None:
    make_key(tmp_path / "push.pem")
    assert (tmp_path / "push.pem").stat().st_mode & 0o777 == 0o600
    with pytest.raises(FileExistsError):
        make_key(tmp_path / "push.pem")
