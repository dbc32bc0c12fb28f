"""The instruments themselves: a watch that sees nothing proves nothing."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import expect

from tests.browser.axe import grave_violations
from tests.browser.citizen import Citizen
from tests.browser.conftest import PHONE
from tests.browser.test_access import assert_fits

pytestmark = pytest.mark.parametrize("viewport", [PHONE], ids=["phone"], indirect=True)
BAD = {
    "a stranger": ("new Image().src = 'https://stranger.invalid/x.png'", "CSP"),
    "inline script": (
        "document.body.append(Object.assign(document.createElement('script'), {text: '1'}))",
        "CSP: script-src",
    ),
    "an exception": ("setTimeout(() => { throw new Error('oops'); })", "uncaught: oops"),
    "console": ("console.error('complaint')", "console error: complaint"),
}


@pytest.mark.parametrize("what", BAD)
def test_the_watch_sees(citizen: Callable[..., Citizen], what: str) -> None:
    me = citizen()
    script, finding = BAD[what]
    me.page.evaluate(f"() => {{ {script} }}")
    me.page.wait_for_timeout(300)
    assert any(finding in line for line in me.watch.verdict()), me.watch.verdict()
    me.watch.errors.clear()
    me.watch.strangers.clear()


def test_axe_and_the_ruler_see(citizen: Callable[..., Citizen]) -> None:
    me = citizen()
    me.page.evaluate(
        "() => document.getElementById('log').insertAdjacentHTML('beforeend', "
        "'<img src=\"/static/chat/icon.svg\" width=900>')"
    )
    expect(me.page.locator("#log img")).to_be_visible()
    with pytest.raises(AssertionError):
        assert_fits(me.page)
    assert any("image-alt" in line for line in grave_violations(me.page))
