"""What no page may do: call third parties, break its own security policy, fail in the console."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from playwright.sync_api import BrowserContext, ConsoleMessage, Request, WebError

REPORT_VIOLATIONS = """
addEventListener("securitypolicyviolation", (e) =>
  console.error(`CSP: ${e.violatedDirective} blocked ${e.blockedURI} in ${e.sourceFile}`));
"""


@dataclass
class Watch:
    """Listens to everything the pages of one browser context do.

    `expected` holds patterns of console errors that belong to the story told: the browser
    itself reports every refused upload and every request while there is no network.
    """

    origin: str
    expected: list[str] = field(default_factory=list)
    strangers: list[str] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    def follow(self, context: BrowserContext) -> None:
        """Start listening."""
        context.add_init_script(REPORT_VIOLATIONS)
        context.on("request", self._requested)
        context.on("console", self._said)
        context.on("weberror", self._failed)

    def verdict(self) -> list[str]:
        """What was wrong, in words; empty when nothing was."""
        known = re.compile("|".join(self.expected) or "(?!)")
        errors = [error for error in self.errors if not known.search(error)]
        return [f"third party: {url}" for url in self.strangers] + errors

    def _requested(self, request: Request) -> None:
        if not request.url.startswith((f"{self.origin}/", "data:", f"blob:{self.origin}/")):
            self.strangers.append(request.url)

    def _said(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.errors.append(f"console {message.type}: {message.text}")

    def _failed(self, error: WebError) -> None:
        self.errors.append(f"uncaught: {error.error}")
