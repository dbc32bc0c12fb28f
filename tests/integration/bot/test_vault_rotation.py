"""Changing keys: everything stays readable, an interrupted change is repeated, a lost key is said."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from bot.audit import verify
from bot.bootstrap import App
from bot.clock import SetClock
from bot.db import tables as t
from bot.db.vault_rows import rewrap, uses
from bot.vault import add_key, drop_key, open_vault
from handlers.errors import NothingToUnmask, NotPermitted, ReasonMissing, VaultKeyMissing
from handlers.ports import Identity
from handlers.tickets import shielding
from tests.integration.bot.case import CHEN, DU, LIN, NAMED, WANG, Case


@pytest.fixture
async def case(app: App, clock: SetClock) -> AsyncIterator[Case]:
    yield Case(app, clock)


def keys_of(case: Case) -> Path:
    return case.app.settings.data / "keys"


async def opened(case: Case, vault: Any) -> Identity:
    from bot.db.vault_rows import SqlVault

    async with case.app.database.read() as connection:
        return await SqlVault(connection, vault).open(1)


async def test_a_new_key_seals_the_small_keys_anew_and_the_old_one_can_go(case: Case) -> None:
    await case.file(identity=NAMED)
    old = case.app.vault.current
    vault = add_key(keys_of(case))
    assert await opened(case, vault) == NAMED  # interrupted right here, nothing is lost
    async with case.app.database.write() as connection:
        assert await rewrap(connection, vault) == 1
        assert await rewrap(connection, vault) == 0
    assert await opened(case, vault) == NAMED
    async with case.app.database.read() as connection:
        assert (await uses(connection, old))["identities.wrapped_key"] == 0
        assert (await uses(connection, vault.current))["identities.wrapped_key"] == 1
    drop_key(keys_of(case), old.hex())
    assert await opened(case, open_vault(keys_of(case))) == NAMED
    assert (keys_of(case) / "vault.json").stat().st_mode & 0o777 == 0o600


async def test_a_row_from_before_opens_by_the_ring(case: Case) -> None:
    await case.file(identity=NAMED)
    sealed = {
        name: case.app.vault.seal(f"identities.{name}|{case.people[0]}", value.encode())
        for name, value in vars_of(NAMED).items()
    }
    async with case.app.database.write() as connection:
        await connection.execute(sa.update(t.identities).values(wrapped_key=None, **sealed))
    assert await opened(case, case.app.vault) == NAMED


def vars_of(identity: Identity) -> dict[str, str]:
    return {
        name: getattr(identity, name) for name in ("name", "phone", "id_number", "contact_address")
    }


async def test_a_lost_key_is_said_and_nothing_half_done(case: Case) -> None:
    number = await case.file(identity=NAMED)
    path = keys_of(case) / "vault.json"
    ring = json.loads(path.read_text())
    ring["keys"] = dict.fromkeys(ring["keys"], "00" * 32)
    path.write_text(json.dumps(ring))
    case.app.units_of_work = type(case.app.units_of_work)(
        case.app.database, open_vault(keys_of(case)), case.clock
    )
    services = case.app.services
    object.__setattr__(services, "unit_of_work", case.app.units_of_work)
    with pytest.raises(VaultKeyMissing):
        await shielding.unmask(services, WANG, number, "调解要联系")
    assert (await case.load(number)).version == 0
    assert [e.type for e in await case.timeline(number)] == ["registered", "dispatched"]


async def test_who_looked_and_why_is_kept_and_read_by_supervisors_only(case: Case) -> None:
    services, number = case.app.services, await case.file(identity=NAMED)
    with pytest.raises(ReasonMissing):
        await shielding.unmask(services, WANG, number, "看看")
    assert await shielding.unmask(services, WANG, number, "电话约调解时间") == NAMED
    [entry] = [e for e in await case.timeline(number) if e.type == "unmasked"]
    assert (entry.audience, entry.text) == ("supervisors", "电话约调解时间")
    row = (await case.rows(t.audit))[-1]
    assert (row.action, row.actor, row.subject) == ("ticket.unmask", "staff:wang", number)
    assert "李小明" not in json.dumps([list(map(str, r)) for r in await case.rows(t.audit)])


async def test_the_reporter_behind_a_shielded_report_is_opened_by_few(case: Case) -> None:
    services = case.app.services
    number = await case.file("report", "举报", identity=NAMED, shielded=True)
    with pytest.raises(NotPermitted):
        await shielding.unmask(services, WANG, number, "想知道是谁")
    assert await shielding.unmask(services, CHEN, number, "核实线索细节") == NAMED
    insider = await case.file("report", "举报", identity=NAMED, shielded=True, secrecy="insider")
    with pytest.raises(NotPermitted):
        await shielding.unmask(services, CHEN, insider, "核实线索细节")
    assert await shielding.unmask(services, DU, insider, "核实线索细节") == NAMED
    nobody = await case.file("report", "举报")
    with pytest.raises(NothingToUnmask):
        await shielding.unmask(services, CHEN, nobody, "核实线索细节")
    assert LIN.unit != CHEN.unit


async def test_the_chain_shows_a_row_that_was_changed(case: Case) -> None:
    number = await case.file(identity=NAMED)
    for _ in range(3):
        await shielding.unmask(case.app.services, WANG, number, "电话约调解时间")
    database = case.app.database
    async with database.read() as connection:
        verdict = await verify(connection)
    assert (verdict.rows, verdict.broken) == (3, None)
    for statement in ("UPDATE audit SET actor = 'staff:x'", "DELETE FROM audit"):
        with pytest.raises(sa.exc.DBAPIError, match="append-only"):
            async with database.write() as connection:
                await connection.execute(sa.text(statement))
    async with database.write() as connection:
        await connection.execute(sa.text("DROP TRIGGER audit_no_update"))
        await connection.execute(sa.text("UPDATE audit SET actor = 'staff:x' WHERE id = 2"))
    async with database.read() as connection:
        assert (await verify(connection)).broken == 2
