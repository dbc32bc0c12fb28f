"""The browser's own notes: offered after subscribing, asked for by a click, shown by the worker."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, expect

from bot.push_service import make_key
from tests.browser.citizen import Citizen
from tests.browser.conftest import PATIENCE_MS, PHONE
from tests.browser.served import Server, free_port
from tests.browser.watch import Watch

# Chromium without a Google account has no push service: what it would give is given here.
PUSH_SERVICE = """
PushManager.prototype.subscribe = async function (options) {
  window.asked = { visible: options.userVisibleOnly, bytes: options.applicationServerKey.length };
  return { endpoint: "https://push.example.com/send/one", keys: {
    p256dh: "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
    auth: "BTBZMqHH6r4Tts7J_aSIgg" } };
};
"""
ASK = 'navigator.serviceWorker.getRegistration("/static/chat/")'
NOTES = f"""async () => {{
  const shown = await (await {ASK}).getNotifications();
  return shown.map((note) => note.body);
}}"""


@dataclass
class PushServer(Server):
    """A server with a key for notes."""

    def start(self) -> None:
        self.data.mkdir(parents=True, exist_ok=True)
        make_key(self.data / "push.pem")
        given = {
            "SHIAN_WEB_PUSH_KEY_FILE": str(self.data / "push.pem"),
            "SHIAN_WEB_PUSH_CONTACT": "mailto:shian@example.cn",
        }
        command = [sys.executable, "-m", "bot", "serve", "--port", str(self.port)]
        with self._log.open("ab") as log:
            self.process = subprocess.Popen(
                [*command, "--data", str(self.data)],
                cwd=self.data,
                env={**{k: v for k, v in os.environ.items() if k[:6] != "SHIAN_"}, **given},
                stdout=log,
                stderr=subprocess.STDOUT,
            )
        self._await_ready(self.process)


@pytest.fixture
def noted(
    chromium: Browser, tmp_path: Path, contexts: list[tuple[BrowserContext, Watch]]
) -> Iterator[Callable[[], Citizen]]:
    made = PushServer(tmp_path / "serve", free_port())
    made.start()

    def open_chat() -> Citizen:
        context = chromium.new_context(locale="zh-CN", viewport=PHONE)  # type: ignore[arg-type]
        context.set_default_timeout(PATIENCE_MS)
        context.add_init_script(PUSH_SERVICE)
        context.add_init_script(
            "Object.defineProperty(Notification, 'permission', {get: () => window.chosen || 'default'});"
            "Notification.requestPermission = async () => (window.chosen = 'granted');"
        )
        context.grant_permissions(["notifications"], origin=made.url)
        watch = Watch(made.url)
        watch.follow(context)
        contexts.append((context, watch))
        return Citizen(context, context.new_page(), watch).open()

    try:
        yield open_chat
    finally:
        made.stop()


def test_notes_are_offered_after_subscribing_and_shown_without_contents(
    noted: Callable[[], Citizen],
) -> None:
    me = noted()
    offer = me.page.locator("#push")
    expect(offer).to_be_hidden()
    me.box.fill("订阅")
    me.page.locator("#send").click()
    me.page.get_by_role("button", name="全都要").click()
    expect(offer).to_be_in_viewport(ratio=0.9)
    assert me.page.evaluate("window.asked") is None  # nothing is asked before the click
    with me.page.expect_response("**/api/chat/push") as kept:
        offer.click()
    assert kept.value.status == 204
    expect(me.page.locator("#hint")).to_contain_text("会提醒您")
    expect(offer).to_be_hidden()
    assert me.page.evaluate("window.asked") == {"visible": True, "bytes": 65}
    _deliver(me, '{"title": "食安办", "body": "您有一条新消息"}')
    me.page.wait_for_function(f"async () => (await ({NOTES})()).length > 0")
    assert me.page.evaluate(NOTES) == ["您有一条新消息"]


def _deliver(me: Citizen, data: str) -> None:
    """Hand the worker a note, as the browser does after opening it."""
    tool = me.context.new_cdp_session(me.page)
    found: list[str] = []
    tool.on(
        "ServiceWorker.workerRegistrationUpdated",
        lambda event: found.extend(r["registrationId"] for r in event["registrations"]),
    )
    tool.send("ServiceWorker.enable")
    me.page.wait_for_timeout(500)
    given = {"origin": me.watch.origin, "registrationId": found[-1], "data": data}
    tool.send("ServiceWorker.deliverPushMessage", given)
