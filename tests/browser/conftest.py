"""A real server, a real browser, and a picture of every failure."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, expect, sync_playwright

from tests.browser.citizen import Citizen
from tests.browser.office import Officer, new_officer
from tests.browser.served import Server, free_port
from tests.browser.watch import Watch

SCREENSHOTS = Path(__file__).parent.parent / ".screenshots"
PHONE = {"width": 360, "height": 640}
DESKTOP = {"width": 1280, "height": 800}
PATIENCE_MS = 20_000  # a busy build machine is slow, not wrong
CHROMIUM_FLAGS = (
    "--no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking "
    "--disable-component-update --disable-sync"
).split()
FAILED = pytest.StashKey[bool]()
HIRED = {
    "wang": ("王芳", "区市场监管局", "经办"),
    "lin": ("林宣宣", "区食安办", "宣传"),
    "gu": ("顾督", "区食安办", "督办"),
}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker("browser")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[FAILED] = True
    return report


@pytest.fixture(scope="package")
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        pytest.skip("no Chromium: run .ci/browser-setup as root, or apt-get install chromium")
    expect.set_options(timeout=PATIENCE_MS)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=CHROMIUM_FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The server of all journeys."""
    made = Server(tmp_path_factory.mktemp("serve"), free_port())
    try:
        made.start()
        yield made
    finally:
        made.stop()


@pytest.fixture(params=[PHONE, DESKTOP], ids=["phone", "desktop"])
def viewport(request: pytest.FixtureRequest) -> dict[str, int]:
    return dict(request.param)


@pytest.fixture
def contexts(request: pytest.FixtureRequest) -> Iterator[list[tuple[BrowserContext, Watch]]]:
    """Closes what a test opened, pictures it when the test failed, and asks the watches."""
    opened: list[tuple[BrowserContext, Watch]] = []
    yield opened
    failed = request.node.stash.get(FAILED, False)
    findings: list[str] = []
    for number, (context, watch) in enumerate(opened):
        if failed:
            _picture(context, f"{request.node.name}-{number}")
        context.close()
        findings += watch.verdict()
    assert failed or not findings, "\n".join(findings)


def _picture(context: BrowserContext, name: str) -> None:
    SCREENSHOTS.mkdir(exist_ok=True)
    for page in context.pages:
        page.screenshot(path=SCREENSHOTS / f"{re.sub(r'[^A-Za-z0-9]+', '-', name)}.png")


@pytest.fixture
def citizen(
    chromium: Browser,
    server: Server,
    viewport: dict[str, int],
    contexts: list[tuple[BrowserContext, Watch]],
) -> Callable[..., Citizen]:
    """Opens the chat as somebody new; options are those of a browser context."""

    def open_chat(**options: Any) -> Citizen:
        options = {"viewport": viewport, "has_touch": viewport["width"] < 600, **options}
        context = chromium.new_context(locale="zh-CN", **options)
        context.set_default_timeout(PATIENCE_MS)
        watch = Watch(server.url)
        watch.follow(context)
        contexts.append((context, watch))
        return Citizen(context, context.new_page(), watch).open()

    return open_chat


@pytest.fixture(scope="package")
def staff(chromium: Browser, server: Server) -> Iterator[dict[str, Any]]:
    """The printed one-time link used, some people hired: what the browsers of all then hold."""
    admin = new_officer(chromium, server.url)
    admin.enter(server.first_login, "admin")
    people = {"admin": admin}
    for login, (name, unit, role) in HIRED.items():
        link = admin.hire(login, name, unit, role)
        people[login] = new_officer(chromium, server.url).enter(link, login)
    kept = {login: person.context.storage_state() for login, person in people.items()}
    for person in people.values():
        person.context.close()
        assert not person.watch.verdict(), person.watch.verdict()
    yield kept


@pytest.fixture
def officer(
    chromium: Browser,
    server: Server,
    viewport: dict[str, int],
    staff: dict[str, Any],
    contexts: list[tuple[BrowserContext, Watch]],
) -> Callable[..., Officer]:
    """Opens the console as somebody logged in."""

    def open_console(login: str = "wang", **options: Any) -> Officer:
        options = {"viewport": viewport, "storage_state": staff[login], **options}
        person = new_officer(chromium, server.url, **options)
        person.context.set_default_timeout(PATIENCE_MS)
        contexts.append((person.context, person.watch))
        return person

    return open_console
