"""What is sealed opens only with its key and in its place."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from bot.vault import open_vault
from handlers.errors import VaultKeyMissing


def test_a_value_opens_where_it_was_sealed_and_nowhere_else(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    sealed = vault.seal("identities.phone|7", b"13800001234")
    assert b"13800001234" not in sealed
    assert vault.open("identities.phone|7", sealed) == b"13800001234"
    with pytest.raises(VaultKeyMissing):
        vault.open("identities.phone|8", sealed)


def test_the_key_file_is_private_and_kept(tmp_path: Path) -> None:
    first = open_vault(tmp_path / "keys")
    assert stat.S_IMODE((tmp_path / "keys" / "vault.json").stat().st_mode) == 0o600
    sealed = first.seal_json("a|1", {"名": "李明"})
    assert open_vault(tmp_path / "keys").open_json("a|1", sealed) == {"名": "李明"}


def test_a_new_key_writes_while_the_old_one_still_reads(tmp_path: Path) -> None:
    old = open_vault(tmp_path).seal("a|1", b"x")
    path = tmp_path / "vault.json"
    ring = json.loads(path.read_text())
    ring["keys"]["0badcafe"] = "11" * 32
    ring["current"] = "0badcafe"
    path.write_text(json.dumps(ring))
    vault = open_vault(tmp_path)
    assert vault.open("a|1", old) == b"x"
    assert vault.seal("a|1", b"y")[:4].hex() == "0badcafe"


def test_a_lost_key_is_said_plainly(tmp_path: Path) -> None:
    sealed = open_vault(tmp_path / "one").seal("a|1", b"x")
    with pytest.raises(VaultKeyMissing, match="key"):
        open_vault(tmp_path / "two").open("a|1", sealed)


def test_broken_utf16_survives_sealing(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    sealed = vault.seal_json("a|1", {"text": "坏\ud800字"})
    assert vault.open_json("a|1", sealed) == {"text": "坏\ud800字"}


def test_the_blind_index_finds_equal_values_only(tmp_path: Path) -> None:
    vault = open_vault(tmp_path)
    assert vault.index("13800001234") == vault.index("13800001234")
    assert vault.index("13800001234") != vault.index("13800001235")
