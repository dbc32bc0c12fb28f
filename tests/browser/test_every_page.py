"""Every page of the console that has an address of its own: axe, dark and light, phone and desktop."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from bot.console.menu import entries_for
from bot.console.pages import PAGES
from tests.browser.axe import grave_violations
from tests.browser.conftest import PHONE
from tests.browser.office import Officer
from tests.browser.test_access import assert_fits

ROLES = {"admin": "admin", "wang": "officer", "lin": "publicist", "gu": "supervisor"}
NO_PAGES = (
    "/",
    "/enter",
    "/login",
    "/alerts.json",
    "/campaigns/count",
)  # answers without a body to read


def addresses(role: str) -> list[str]:
    """What somebody of a role reaches from the menu, and the pages behind it without a number.

    A new campaign is the publicist's alone; others are refused.
    """
    entries = tuple(entry.address.removeprefix("/console") for entry in entries_for(role))
    return [
        page.path
        for page in PAGES
        if page.method == "GET"
        and "{" not in page.path
        and page.path not in NO_PAGES
        and page.path.startswith(entries)
        and (role == "publicist" or page.path != "/campaigns/new")
    ]


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("viewport", [PHONE], ids=["phone"], indirect=True)
@pytest.mark.parametrize("login", ROLES)
def test_axe_finds_nothing_grave_on_any_page(
    officer: Callable[..., Officer], login: str, scheme: str
) -> None:
    someone = officer(login, color_scheme=scheme)
    found = {}
    for path in addresses(ROLES[login]):
        page = someone.go(path).page
        assert page.title(), path
        found[path] = grave_violations(page)
        assert_fits(page)
    assert found, "no page was looked at"
    assert not any(found.values()), found
