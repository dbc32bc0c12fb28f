"""Who people are: each row sealed by a key of its own, that key sealed by the ring of the vault.

Changing the ring's key seals the small keys anew, not what people told; forgetting a row's key forgets
the row. Rows from before have no key of their own and are opened by the ring.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.db.case_tables import documents
from bot.db.push_tables import push_endpoints
from bot.db.tables import dialogs, identities, inbox, outbox
from bot.vault import Vault, new_key, single
from handlers.errors import NoSuchTicket
from handlers.ports import Identity

NAMES = tuple(field.name for field in fields(Identity))
BATCH = 500


@dataclass
class SqlVault:
    """See handlers.ports.Vault; found by a blind index of the telephone number."""

    connection: AsyncConnection
    cipher: Vault

    async def put(self, citizen_id: int, identity: Identity, at: datetime) -> int:
        key = new_key()
        own = single(key)
        row: dict[str, Any] = {
            name: own.seal(f"identities.{name}|{citizen_id}", value.encode())
            for name, value in asdict(identity).items()
        }
        row["wrapped_key"] = self.cipher.seal(_context(citizen_id), key)
        row["phone_index"] = self.cipher.index(identity.phone) if identity.phone else None
        statement = sa.insert(identities).values(citizen_id=citizen_id, created_at=at, **row)
        result = await self.connection.execute(statement.returning(identities.c.id))
        return int(result.scalar_one())

    async def open(self, identity_id: int) -> Identity:
        statement = sa.select(identities).where(identities.c.id == identity_id)
        row = (await self.connection.execute(statement)).mappings().first()
        if row is None:
            raise NoSuchTicket(identity=identity_id)
        citizen = row["citizen_id"]
        wrapped = row["wrapped_key"]
        box = single(self.cipher.open(_context(citizen), wrapped)) if wrapped else self.cipher
        opened = {name: box.open(f"identities.{name}|{citizen}", row[name]) for name in NAMES}
        return Identity(**{name: value.decode() for name, value in opened.items()})


async def rewrap(connection: AsyncConnection, cipher: Vault) -> int:
    """Seal the next batch of small keys with the ring's newest key; 0 when none is left."""
    c, current = identities.c, cipher.current
    old = sa.func.substr(c.wrapped_key, 1, len(current)) != current
    query = sa.select(c.id, c.citizen_id, c.wrapped_key).where(c.wrapped_key.is_not(None), old)
    rows = (await connection.execute(query.order_by(c.id).limit(BATCH))).all()
    for row in rows:
        context = _context(row.citizen_id)
        anew = cipher.seal(context, cipher.open(context, row.wrapped_key))
        await connection.execute(
            sa.update(identities).where(c.id == row.id).values(wrapped_key=anew)
        )
    return len(rows)


async def uses(connection: AsyncConnection, key: bytes) -> dict[str, int]:
    """How many rows of each sealed column need a key of the ring."""
    found: dict[str, int] = {}
    for name, (column, only) in SEALED.items():
        mine = sa.func.substr(column, 1, len(key)) == key
        query = sa.select(sa.func.count()).select_from(column.table).where(mine, *only)
        found[name] = int(await connection.scalar(query) or 0)
    return found


# What the ring seals; fields of identities only where the row has no key of its own.
SEALED: dict[str, tuple[sa.Column[Any], tuple[sa.ColumnElement[bool], ...]]] = {
    "identities.wrapped_key": (identities.c.wrapped_key, ()),
    "identities.name": (identities.c.name, (identities.c.wrapped_key.is_(None),)),
    "push_endpoints.sealed": (push_endpoints.c.sealed, ()),
    "inbox.payload": (inbox.c.payload, ()),
    "outbox.payload": (outbox.c.payload, ()),
    "dialogs.state": (dialogs.c.state, ()),
    "documents.content": (documents.c.content, ()),
}


def _context(citizen_id: int) -> str:
    return f"identities.key|{citizen_id}"
