"""Web Push as RFC 8030, 8291 and 8292 have it: who we are, what is sealed, where it may go.

A browser names the address its notes are sent to, so that address is a stranger's wish: only https
at its ordinary port, never a private address, by its name or after looking it up, no redirects.
"""

from __future__ import annotations

import base64
import ipaddress
import json
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

TIMEOUT = aiohttp.ClientTimeout(total=10)
KEEP = 24 * 3600  # seconds a push service keeps a note for a browser that is switched off
LONGEST_ENDPOINT = 1000  # characters


class BadEndpoint(ValueError):
    """An address or key that no browser gives, or that we do not call."""


@dataclass(frozen=True)
class PushIdentity:
    """The key that signs our notes, and whom a push service may write to about them."""

    key_file: Path
    contact: str

    @property
    def public_key(self) -> str:
        """As the browser wants it. Raises OSError or VapidException without a key."""
        point = self._vapid().public_key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
        return base64.urlsafe_b64encode(point).rstrip(b"=").decode()

    def headers(self, endpoint: str) -> dict[str, str]:
        """Authorization for one endpoint, valid for hours."""
        url = urlsplit(endpoint)
        claims = {"sub": self.contact, "aud": f"{url.scheme}://{url.netloc}"}
        signed: dict[str, str] = self._vapid().sign(claims)
        return signed

    def _vapid(self) -> Any:
        from py_vapid import Vapid02

        return Vapid02.from_pem(self.key_file.read_bytes())


def make_key(path: Path) -> None:
    """A new key, for its owner's eyes only; raises FileExistsError rather than replace one."""
    from py_vapid import Vapid02

    vapid = Vapid02()
    vapid.generate_keys()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.touch(mode=0o600, exist_ok=False)
    path.write_bytes(vapid.private_pem())


def checked(endpoint: str, p256dh: str, auth: str, *, anywhere: bool = False) -> dict[str, Any]:
    """What a browser gave, in the form it is kept; raises BadEndpoint."""
    _check_address(endpoint, anywhere=anywhere)
    try:
        point, secret = _bytes(p256dh), _bytes(auth)
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), point)
    except ValueError as error:
        raise BadEndpoint("keys") from error
    if len(secret) != 16:
        raise BadEndpoint("auth")
    return {"endpoint": endpoint, "keys": {"p256dh": p256dh, "auth": auth}}


async def push(
    identity: PushIdentity,
    browser: Mapping[str, Any],
    note: Mapping[str, str],
    *,
    anywhere: bool = False,
) -> int:
    """Send one sealed note; gives the status. Raises BadEndpoint, aiohttp.ClientError, TimeoutError."""
    from pywebpush import WebPusher

    endpoint = str(browser["endpoint"])
    _check_address(endpoint, anywhere=anywhere)
    body = WebPusher(dict(browser)).encode(json.dumps(note).encode())["body"]
    headers = {
        **identity.headers(endpoint),
        "Content-Encoding": "aes128gcm",
        "Content-Type": "application/octet-stream",
        "TTL": str(KEEP),
        "Topic": "news",  # of several that wait at the service only the last is shown
    }
    resolver = ThreadedResolver() if anywhere else PublicResolver()
    connector = aiohttp.TCPConnector(resolver=resolver)
    async with (
        aiohttp.ClientSession(connector=connector, timeout=TIMEOUT) as session,
        session.post(endpoint, data=body, headers=headers, allow_redirects=False) as response,
    ):
        return response.status


class PublicResolver(AbstractResolver):
    """Looks names up and hides addresses inside our own network."""

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        """Public addresses only; raises OSError where there is none."""
        found = await ThreadedResolver().resolve(host, port, family)
        public = [one for one in found if _is_public(one["host"])]
        if not public:
            raise OSError(f"{host}: no public address")
        return public

    async def close(self) -> None:
        """Nothing is held."""


def _is_public(host: str) -> bool:
    address = ipaddress.ip_address(host)
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return (inner or address).is_global


def _check_address(endpoint: str, *, anywhere: bool) -> None:
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port
    except ValueError as error:
        raise BadEndpoint("address") from error
    if not host or len(endpoint) > LONGEST_ENDPOINT or url.username is not None:
        raise BadEndpoint("address")
    if anywhere:
        return
    if url.scheme != "https" or port not in (None, 443) or "." not in host or _is_number(host):
        raise BadEndpoint("address")


def _is_number(host: str) -> bool:
    """An address instead of a name: no push service has one."""
    return ":" in host or host.rsplit(".", 1)[-1].isdigit() or host.endswith(".")


def _bytes(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
