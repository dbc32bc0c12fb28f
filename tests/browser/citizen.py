"""The citizen's page as a citizen uses it: by what is written on it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import BrowserContext, Locator, Page, expect

from tests.browser.watch import Watch

NUMBER = re.compile(r"SA\d{8}-\d{4,}")
SENT, WAITING = "已送达", "等待网络"
# What a citizen in a hurry presses, best first, until the matter is registered.
PRESSED = ("举报：我发现了问题", "改为匿名举报", "不知道", "不同意", "不用了", "跳过")
REPORT = "我要匿名举报：新北区河海路88号张记面馆，昨天用过期肉做菜"
TURNS = 8


@dataclass
class Citizen:
    """One browser with the chat open."""

    context: BrowserContext
    page: Page
    watch: Watch

    def open(self) -> Citizen:
        """Load the page and wait until it listens."""
        self.page.goto(self.watch.origin + "/")
        return self.connected()

    def connected(self) -> Citizen:
        """Wait until the page says that it is connected."""
        expect(self.page.locator("#status")).to_have_attribute("data-state", "connected")
        return self

    @property
    def box(self) -> Locator:
        """Where one writes."""
        return self.page.locator("#text")

    @property
    def mine(self) -> Locator:
        """What the citizen said, oldest first."""
        return self.page.locator(".msg.mine")

    @property
    def told(self) -> Locator:
        """What the bot and the officers said, oldest first."""
        return self.page.locator(".msg:not(.mine)")

    @property
    def choices(self) -> Locator:
        """The quick replies that can be pressed now."""
        return self.page.locator("#log .choices button")

    def say(self, text: str) -> Locator:
        """Write and press 发送; returns the bubble."""
        before = self.mine.count()
        self.box.fill(text)
        self.page.get_by_role("button", name="发送", exact=True).click()
        expect(self.mine).to_have_count(before + 1)
        return self.mine.nth(before)

    def ask(self, text: str) -> Locator:
        """Say something and wait for the first answer to it; returns that bubble."""
        return self._answered(lambda: self.say(text))

    def press(self, label: str) -> Locator:
        """Press a quick reply and wait for the first answer to it; returns that bubble."""
        return self._answered(lambda: self.choices.filter(has_text=label).first.click())

    def _answered(self, act: Any) -> Locator:
        before = self.told.count()
        act()
        answer = self.told.nth(before)
        expect(answer).to_be_visible()
        expect(self.page.locator("#typing")).to_be_hidden()
        return answer

    def report(self, text: str = REPORT) -> str:
        """Tell a matter and press on until it is registered; returns its number."""
        self.ask(text)
        for _ in range(TURNS):
            found = NUMBER.search(self.told.last.inner_text())
            if found:
                return found[0]
            self._press_on()
        raise AssertionError(f"not registered:\n{self.page.locator('#log').inner_text()}")

    def _press_on(self) -> None:
        offered = self.choices.all_inner_texts()
        wanted = next((label for label in PRESSED if label in offered), None)
        if wanted:
            self.press(wanted)
        else:
            self.ask("不知道")

    def history(self) -> list[dict[str, Any]]:
        """What the server has of this conversation."""
        answer = self.context.request.get(f"{self.watch.origin}/api/chat/history")
        messages: list[dict[str, Any]] = answer.json()["messages"]
        return messages

    def said_to_server(self, text: str) -> int:
        """How often the server has this message."""
        said = [m for m in self.history() if m["from"] == "citizen"]
        return sum(m["text"] == text for m in said)
