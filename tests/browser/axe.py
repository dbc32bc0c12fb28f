"""axe-core on an open page."""

from __future__ import annotations

from importlib import resources
from typing import Any

import pytest
from playwright.sync_api import Page

PACKAGE = "axe_playwright_python"  # carries axe.min.js; its own runner is not used
GRAVE = ("serious", "critical")
RUN = """() => axe.run(document, {
  resultTypes: ["violations"],
  runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
})"""


def grave_violations(page: Page) -> list[str]:
    """The serious and critical findings, one line each; skips the test where axe is missing."""
    pytest.importorskip(PACKAGE, reason="axe-playwright-python is not installed")
    script = resources.files(PACKAGE).joinpath("axe.min.js")
    page.evaluate(script.read_text(encoding="utf-8"))
    found: list[dict[str, Any]] = page.evaluate(RUN)["violations"]
    return [_line(violation) for violation in found if violation["impact"] in GRAVE]


def _line(violation: dict[str, Any]) -> str:
    places = "; ".join(node["html"] for node in violation["nodes"][:3])
    return f"{violation['impact']} {violation['id']}: {violation['help']} – {places}"
