"""Secrets of the console: tokens, passwords, and what a browser may do with a page."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import secrets
from collections.abc import Mapping

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError

from bot.console.refusals import PasswordRefused

PASSWORD_LENGTH = range(10, 201)
HEADERS: Mapping[str, str] = {
    "Content-Security-Policy": (
        "default-src 'self'; base-uri 'none'; form-action 'self'; "
        "frame-ancestors 'none'; object-src 'none'"
    ),
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cache-Control": "no-store",
}
COMMON = frozenset(
    """
    0123456789 1234567890 0987654321 9876543210 1234567891 12345678910 123456789a a123456789
    aa123456789 123456789q q123456789 1234567890a a1234567890 123456789abc abc123456789 abc1234567
    abcd123456 abcdef1234 abcdefghij qwertyuiop qwerty1234 qwerty12345 qwerty123456 1q2w3e4r5t
    q1w2e3r4t5 1qaz2wsx3edc 1qazxsw23edc qazwsxedcrfv asdfghjkl1 asdfghjkl; zxcvbnm123 zaq12wsxcde3
    password12 password123 password1234 passw0rd123 p@ssw0rd123 p@ssword123 admin12345 admin123456
    administrator administrator1 root123456 welcome123 welcome1234 changeme123 letmein1234
    iloveyou12 iloveyou123 woaini1314 woaini520 woaini5201314 5201314520 5201314000 1314520520
    1314521521 shian12345 shian123456 shipinanquan shipinanquan123 spaq123456 shianban123
    """.split()
)


def new_token() -> str:
    """A secret nobody can guess (256 bits), fit for a URL."""
    return secrets.token_urlsafe(32)


def digest(token: str) -> str:
    """What is stored of a token: whoever reads the table cannot use it."""
    return hashlib.sha256(token.encode()).hexdigest()


def same(given: str, expected: str) -> bool:
    """Compare two secrets in constant time; an empty secret equals nothing."""
    return bool(expected) and hmac.compare_digest(given.encode(), expected.encode())


def check_password(password: str, login: str) -> None:
    """Raise PasswordRefused for a password that is too short, too long, the login, or common."""
    plain, name = password.casefold(), login.casefold()
    rules = (
        ("short", len(password) < PASSWORD_LENGTH.start),
        ("long", len(password) >= PASSWORD_LENGTH.stop),
        ("is_login", name in (plain, plain.strip(), plain[::-1])),
        ("common", plain in COMMON or len(set(plain)) < 4),
    )
    for reason, broken in rules:
        if broken:
            raise PasswordRefused(reason)


class Passwords:
    """argon2id in a thread, a few at a time: each takes 64 MiB while it runs."""

    def __init__(self, at_once: int = 2) -> None:
        self._hasher = PasswordHasher()
        self._turn = asyncio.Semaphore(at_once)
        self._decoy = ""

    async def hash(self, password: str) -> str:
        """The hash to store."""
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, password)

    async def fits(self, stored: str | None, password: str) -> bool:
        """Whether the password is right; an account without one takes just as long to refuse."""
        against = stored or await self._decoy_hash()
        async with self._turn:
            right = await asyncio.to_thread(self._verify, against, password)
        return right and stored is not None

    async def _decoy_hash(self) -> str:
        self._decoy = self._decoy or await self.hash(new_token())
        return self._decoy

    def _verify(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except VerifyMismatchError:
            return False
