"""The statements of the hot path, built once: building them anew costs more than running them."""

from __future__ import annotations

import functools
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from bot.db import tables as t


def insert_into(dialect: str, table: sa.Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that knows ON CONFLICT."""
    return sqlite.insert(table) if dialect == "sqlite" else postgresql.insert(table)


@functools.cache
def added_once(dialect: str, table: sa.Table) -> sa.Executable:
    """Insert a row; one that is there already stays as it is."""
    return insert_into(dialect, table).on_conflict_do_nothing()


@functools.cache
def inbox_added(dialect: str) -> sa.Executable:
    """Insert an update; gives its id, or nothing for a repeat."""
    return insert_into(dialect, t.inbox).on_conflict_do_nothing().returning(t.inbox.c.id)


@functools.cache
def inbox_done() -> sa.Executable:
    """Mark updates as done that nobody has answered yet."""
    ids = t.inbox.c.id.in_(sa.bindparam("ids", expanding=True))
    return (
        sa.update(t.inbox)
        .where(ids, t.inbox.c.state == "new")
        .values(state="done", done_at=sa.bindparam("done_at"))
    )


@functools.cache
def inbox_waiting() -> sa.Select[Any]:
    """The oldest unanswered updates of one sender."""
    c = t.inbox.c
    mine = sa.and_(c.channel == sa.bindparam("channel"), c.sender == sa.bindparam("sender"))
    return sa.select(t.inbox).where(mine, c.state == "new").order_by(c.id).limit(24)


@functools.cache
def citizen_kept(dialect: str) -> sa.Executable:
    """Give a citizen's row, made when there is none. The no-op update locks it for this turn."""
    c = t.citizens.c
    kept = insert_into(dialect, t.citizens)
    return kept.on_conflict_do_update(
        index_elements=["channel", "address"], set_={"address": kept.excluded.address}
    ).returning(c.id, c.channel, c.address, c.locale, c.reachable)


@functools.cache
def dialog_state() -> sa.Select[Any]:
    """The sealed dialog of one citizen."""
    return sa.select(t.dialogs.c.state).where(t.dialogs.c.citizen_id == sa.bindparam("citizen"))


@functools.cache
def dialog_kept(dialect: str) -> sa.Executable:
    """Store a dialog, new or not."""
    kept = insert_into(dialect, t.dialogs)
    new = {"state": kept.excluded.state, "updated_at": kept.excluded.updated_at}
    return kept.on_conflict_do_update(index_elements=["citizen_id"], set_=new)


@functools.cache
def counted(dialect: str) -> sa.Executable:
    """Count one up; gives the new value."""
    kept = insert_into(dialect, t.counters)
    return kept.on_conflict_do_update(
        index_elements=["name"], set_={"value": t.counters.c.value + 1}
    ).returning(t.counters.c.value)


@functools.cache
def correction_kept(dialect: str) -> sa.Executable:
    """Store a correction; a repeat replaces it, except for what was understood at first."""
    kept = insert_into(dialect, t.corrections)
    repeated = ("text", "labels", "after", "reason", "staff", "at")
    new = {name: kept.excluded[name] for name in repeated}
    return kept.on_conflict_do_update(index_elements=["ticket_id", "subject"], set_=new)


@functools.cache
def ticket_added() -> sa.Executable:
    """Insert a ticket; gives its id."""
    return sa.insert(t.tickets).returning(t.tickets.c.id)


@functools.cache
def ticket_saved() -> sa.Executable:
    """Update a ticket that nobody changed since it was read."""
    c = t.tickets.c
    return sa.update(t.tickets).where(
        c.id == sa.bindparam("ticket_id"), c.version == sa.bindparam("before")
    )
