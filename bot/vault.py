"""Sealing what must not be read from a stolen disk: AES-256-GCM with a key ring.

The context (`table.column|row`) is bound as associated data, so a ciphertext moved to another
row does not open. Old keys stay in the ring for reading; the newest one writes.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from handlers.errors import VaultKeyMissing

NONCE = 12
KEY_ID = 4
FILE = "vault.json"


@dataclass(frozen=True)
class Vault:
    """A ring of keys by id; `current` seals, `index_key` makes blind indexes."""

    keys: dict[bytes, AESGCM]
    current: bytes
    index_key: bytes

    def seal(self, context: str, data: bytes) -> bytes:
        """Ciphertext of `data`, to be opened with the same context."""
        nonce = os.urandom(NONCE)
        box = self.keys[self.current].encrypt(nonce, data, context.encode())
        return self.current + nonce + box

    def open(self, context: str, sealed: bytes) -> bytes:
        """The sealed bytes; raises VaultKeyMissing."""
        key = self.keys.get(sealed[:KEY_ID])
        if key is None:
            raise VaultKeyMissing(key=sealed[:KEY_ID].hex())
        nonce, box = sealed[KEY_ID : KEY_ID + NONCE], sealed[KEY_ID + NONCE :]
        try:
            return key.decrypt(nonce, box, context.encode())
        except InvalidTag as error:
            raise VaultKeyMissing(value=context.split("|")[0]) from error

    def seal_json(self, context: str, value: Any) -> bytes:
        """Seal a JSON-able value."""
        return self.seal(
            context, json.dumps(value, ensure_ascii=False).encode("utf-8", "surrogatepass")
        )

    def open_json(self, context: str, sealed: bytes) -> Any:
        """Open what `seal_json` sealed."""
        return json.loads(self.open(context, sealed).decode("utf-8", "surrogatepass"))

    def index(self, value: str) -> bytes:
        """Blind index of a value: equal values have equal indexes, nothing else shows."""
        return hmac.new(self.index_key, value.encode(), hashlib.sha256).digest()


@dataclass(frozen=True)
class Single:
    """One key, that of a row: seals and opens like the ring, without a key id before it."""

    key: AESGCM

    def seal(self, context: str, data: bytes) -> bytes:
        """Ciphertext of `data`, to be opened with the same context."""
        nonce = os.urandom(NONCE)
        return nonce + self.key.encrypt(nonce, data, context.encode())

    def open(self, context: str, sealed: bytes) -> bytes:
        """The sealed bytes; raises VaultKeyMissing."""
        try:
            return self.key.decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
        except InvalidTag as error:
            raise VaultKeyMissing(value=context.split("|")[0]) from error


def new_key() -> bytes:
    """A fresh key for one row."""
    return os.urandom(32)


def single(key: bytes) -> Single:
    """One key as something that seals."""
    return Single(AESGCM(key))


def add_key(folder: Path) -> Vault:
    """A new current key in the ring of `folder`; the old ones stay for reading."""
    ring = _read(folder)
    name = os.urandom(KEY_ID).hex()
    ring["keys"][name], ring["current"] = os.urandom(32).hex(), name
    _replace(folder, ring)
    return open_vault(folder)


def drop_key(folder: Path, name: str) -> None:
    """Take a key out of the ring for good; the caller has made sure that nothing needs it."""
    ring = _read(folder)
    ring["keys"].pop(name)
    _replace(folder, ring)


def _read(folder: Path) -> dict[str, Any]:
    ring: dict[str, Any] = json.loads((folder / FILE).read_text())
    return ring


def _replace(folder: Path, ring: dict[str, Any]) -> None:
    """Write beside, then rename: a crash leaves the old ring or the new one, never half of it."""
    beside = folder / f".{FILE}.new"
    beside.unlink(missing_ok=True)
    _write(beside, ring)
    beside.replace(folder / FILE)


def open_vault(folder: Path) -> Vault:
    """The vault whose key file lies in `folder`; makes the first key when there is none."""
    path = folder / FILE
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write_new(path)
    raw = _read(folder)
    keys = {bytes.fromhex(k): AESGCM(bytes.fromhex(v)) for k, v in raw["keys"].items()}
    return Vault(keys, bytes.fromhex(raw["current"]), bytes.fromhex(raw["index_key"]))


def _write_new(path: Path) -> None:
    name = os.urandom(KEY_ID).hex()
    ring = {
        "current": name,
        "keys": {name: os.urandom(32).hex()},
        "index_key": os.urandom(32).hex(),
    }
    _write(path, ring)


def _write(path: Path, ring: dict[str, Any]) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(ring, file, indent=1)
        file.flush()
        os.fsync(file.fileno())


def sealing_context(channel: str, external_id: str) -> str:
    """What the stored payload of an update is bound to."""
    return f"inbox.payload|{channel}|{external_id}"
