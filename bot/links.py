"""Links that only we can make: what a citizen may open without a session, by whoever has the link."""

from __future__ import annotations

import base64
import hmac
from dataclasses import dataclass
from urllib.parse import urlsplit

from bot.vault import Vault

PATHS = {"contest": "/api/contest/certificate/{token}.png"}
BYTES = 16
LARGEST = 2**53


@dataclass(frozen=True)
class SignedLinks:
    """See handlers.campaigns.sampling_ports.Signer. `site` is empty where nobody set it."""

    vault: Vault
    site: str = ""

    def link(self, purpose: str, number: int) -> str:
        token = f"{number}-{self._mark(purpose, number)}"
        return self.site + PATHS[purpose].format(token=token)

    def opened(self, purpose: str, token: str) -> int | None:
        digits, _, mark = token.partition("-")
        if not (digits.isascii() and digits.isdecimal()) or len(digits) > 16:
            return None
        number = int(digits)
        fits = hmac.compare_digest(mark.encode(), self._mark(purpose, number).encode())
        return number if fits and number < LARGEST else None

    def _mark(self, purpose: str, number: int) -> str:
        code = self.vault.index(f"link|{purpose}|{number}")[:BYTES]
        return base64.urlsafe_b64encode(code).rstrip(b"=").decode()


def site_of(webhook_url: str) -> str:
    """Scheme and host of an address of ours, as far as one is set."""
    parts = urlsplit(webhook_url)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""
