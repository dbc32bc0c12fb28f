"""Asks a Rasa server over HTTP; nothing of what was asked is logged."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import quote, urlsplit

TIMEOUT = 2.0
"""Seconds an answer may take; a citizen waits, and with the citizen the worker."""

_LARGEST_REPLY = 4_000_000
_OK = 200


class RasaUnavailable(Exception):
    """The server cannot be reached, is too slow, refuses, or answers something unreadable."""


class RasaRefused(RasaUnavailable):
    """The server is there and does not do as asked: no model, wrong token, an error."""


@dataclass(frozen=True, slots=True)
class RasaClient:
    """One server: base URL, token where it wants one, seconds to wait. Safe between threads.

    Each question takes a connection of its own: on loopback that costs a fraction of a millisecond,
    and a restarted server leaves nothing stale behind. Redirects are not followed.
    """

    url: str
    token: str = field(default="", repr=False)
    timeout: float = TIMEOUT

    def parse(self, text: str) -> Mapping[str, Any]:
        """Rasa's reply to a message. Raises RasaUnavailable."""
        return self._ask("POST", "/model/parse", json.dumps({"text": text}).encode())

    def status(self) -> Mapping[str, Any]:
        """Which model the server has loaded. Raises RasaUnavailable, also while none is loaded."""
        return self._ask("GET", "/status")

    def _ask(self, method: str, path: str, body: bytes | None = None) -> Mapping[str, Any]:
        try:
            status, content = self._exchange(method, path, body)
            reply = json.loads(content) if status == _OK else None
        except (OSError, HTTPException, ValueError) as error:
            # Only the kind of error: its text may hold the address with the token.
            raise RasaUnavailable(type(error).__name__) from None
        if not isinstance(reply, dict):
            raise RasaRefused(f"HTTP {status}")
        return reply

    def _exchange(self, method: str, path: str, body: bytes | None) -> tuple[int, bytes]:
        base = urlsplit(self.url)
        kind = HTTPSConnection if base.scheme == "https" else HTTPConnection
        connection = kind(base.hostname or "", base.port, timeout=self.timeout)
        query = f"?token={quote(self.token, safe='')}" if self.token else ""
        headers = {"Content-Type": "application/json"} if body else {}
        try:
            connection.request(method, base.path.rstrip("/") + path + query, body, headers)
            response = connection.getresponse()
            return response.status, response.read(_LARGEST_REPLY)
        finally:
            connection.close()
