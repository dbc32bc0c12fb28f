"""Every table. Rows are the truth: inbox, outbox, dialog, ticket, timeline (design §10).

`Sealed` columns hold AES-GCM ciphertext: whatever a citizen wrote, and who they are.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

metadata = sa.MetaData(
    naming_convention={
        "ix": "ix_%(column_0_N_label)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


class Moment(sa.types.TypeDecorator[datetime]):
    """An aware datetime, kept in UTC; refuses naive ones."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("naive datetime")
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:
        if value is None:
            return None
        moment: datetime = value
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)


Key = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
Sealed = sa.LargeBinary


def _id() -> sa.Column[int]:
    return sa.Column("id", Key, primary_key=True, autoincrement=True)


citizens = sa.Table(
    "citizens",
    metadata,
    _id(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("address", sa.String(128), nullable=False),
    sa.Column("locale", sa.String(8), nullable=False),
    sa.Column("reachable", sa.Boolean, nullable=False, default=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("channel", "address"),
)

inbox = sa.Table(
    "inbox",
    metadata,
    _id(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("external_id", sa.String(128), nullable=False),
    sa.Column("sender", sa.String(128), nullable=False),
    sa.Column("message_key", sa.String(128), nullable=False, default=""),
    sa.Column("group_key", sa.String(128)),  # an album arrives as several updates
    sa.Column("payload", Sealed, nullable=False),
    sa.Column("state", sa.String(16), nullable=False, default="new"),  # new → done | failed
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("error", sa.Text),
    sa.Column("received_at", Moment, nullable=False),
    sa.Column("done_at", Moment),
    sa.UniqueConstraint("channel", "external_id"),
    sa.Index("ix_inbox_open", "state", "channel", "sender", "id"),
    sa.Index("ix_inbox_sender", "channel", "sender", "id"),
)

outbox = sa.Table(
    "outbox",
    metadata,
    _id(),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("address", sa.String(128), nullable=False),
    sa.Column("dedup_key", sa.String(200), nullable=False, unique=True),
    sa.Column("payload", Sealed, nullable=False),
    sa.Column("priority", sa.Integer, nullable=False, default=0),
    # pending → sending → sent | unknown | blocked | failed
    sa.Column("state", sa.String(16), nullable=False, default="pending"),
    sa.Column("attempts", sa.Integer, nullable=False, default=0),
    sa.Column("not_before", Moment),
    sa.Column("external_id", sa.String(64)),
    sa.Column("error", sa.Text),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("sent_at", Moment),
    sa.Index("ix_outbox_open", "state", "channel", "address", "id"),
    sa.Index("ix_outbox_chat", "channel", "address", "id"),
)

dialogs = sa.Table(
    "dialogs",
    metadata,
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), primary_key=True),
    sa.Column("state", Sealed, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("name", sa.String(32), primary_key=True),
    sa.Column("value", sa.Integer, nullable=False),
)

identities = sa.Table(
    "identities",
    metadata,
    _id(),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False),
    sa.Column("name", Sealed, nullable=False),
    sa.Column("phone", Sealed, nullable=False),
    sa.Column("id_number", Sealed, nullable=False),
    sa.Column("contact_address", Sealed, nullable=False),
    sa.Column("phone_index", sa.LargeBinary, index=True),  # HMAC; finds without opening
    sa.Column(
        "wrapped_key", sa.LargeBinary
    ),  # this row's own key, sealed by the ring; erase = forget
    sa.Column("created_at", Moment, nullable=False),
)

tickets = sa.Table(
    "tickets",
    metadata,
    _id(),
    sa.Column("number", sa.String(24), nullable=False, unique=True),
    sa.Column("kind", sa.String(16), nullable=False),
    sa.Column("state", sa.String(24), nullable=False),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False, index=True),
    sa.Column("reporter", sa.String(32), nullable=False),
    sa.Column("summary", sa.Text, nullable=False),
    sa.Column("labels", sa.JSON, nullable=False),
    sa.Column("routing", sa.JSON, nullable=False),
    sa.Column("fields", sa.JSON, nullable=False),
    sa.Column("lead", sa.String(32), nullable=False),
    sa.Column("assist", sa.JSON, nullable=False),
    sa.Column("officer", sa.String(64)),
    sa.Column("severity", sa.String(16), nullable=False),
    sa.Column("shielded", sa.Boolean, nullable=False),
    sa.Column("identity_id", Key, sa.ForeignKey("identities.id")),
    sa.Column("linked", sa.String(24)),
    sa.Column("source", sa.String(16), nullable=False),
    sa.Column(
        "received", sa.JSON, nullable=False, server_default="{}"
    ),  # 正式接收: channel, number, date
    sa.Column("interim", sa.String(32)),  # who works on it while it is argued whose it is
    sa.Column(
        "hops", sa.Integer, nullable=False, server_default="0"
    ),  # returns and transfers so far
    sa.Column(
        "secrecy", sa.String(16), nullable=False, server_default="normal"
    ),  # normal | insider
    sa.Column("grid", sa.String(64)),
    # No foreign keys: SQLite would have to make the table anew to get them.
    sa.Column("merchant_id", Key, index=True),
    sa.Column("incident_id", Key, index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("updated_at", Moment, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    # 0 urgent, 1 other, 2 urgent and done, 3 done: the order of the queue, then by id
    sa.Column("queue_rank", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Index("ix_tickets_queue", "lead", "queue_rank", "id"),
    sa.Index("ix_tickets_rank", "queue_rank", "id"),
    sa.Index("ix_tickets_state", "state", "queue_rank", "id"),
)

ticket_units = sa.Table(  # who sees a ticket besides its lead; in the order of the queue
    "ticket_units",
    metadata,
    sa.Column("ticket_id", Key, sa.ForeignKey("tickets.id"), primary_key=True),
    sa.Column("unit", sa.String(32), primary_key=True),
    sa.Column("queue_rank", sa.SmallInteger, nullable=False, server_default="1"),
    sa.Index("ix_ticket_units_queue", "unit", "queue_rank", "ticket_id"),
)

timeline = sa.Table(
    "timeline",
    metadata,
    _id(),
    sa.Column("ticket_id", Key, sa.ForeignKey("tickets.id"), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("type", sa.String(32), nullable=False),
    sa.Column("audience", sa.String(16), nullable=False),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.CheckConstraint("audience in ('citizen', 'unit', 'supervisors')", name="audience"),
)

attachments = sa.Table(
    "attachments",
    metadata,
    _id(),
    sa.Column("channel", sa.String(16), nullable=False),
    sa.Column("sender", sa.String(128), nullable=False),
    sa.Column("source_key", sa.String(200), nullable=False),  # client id or Telegram file id
    sa.Column("kind", sa.String(16), nullable=False),  # photo | voice | file
    sa.Column("media_type", sa.String(64), nullable=False),
    sa.Column("sha256", sa.String(64), nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("ticket_number", sa.String(24), index=True),
    sa.Column("created_at", Moment, nullable=False),
    sa.UniqueConstraint("channel", "sender", "source_key"),
)

consents = sa.Table(
    "consents",
    metadata,
    _id(),
    sa.Column("citizen_id", Key, sa.ForeignKey("citizens.id"), nullable=False, index=True),
    sa.Column("purpose", sa.String(16), nullable=False),
    sa.Column("granted", sa.Boolean, nullable=False),
    sa.Column("wording", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
)

alerts = sa.Table(
    "alerts",
    metadata,
    _id(),
    sa.Column("ticket_number", sa.String(24), nullable=False),
    sa.Column("unit", sa.String(32), nullable=False, index=True),
    sa.Column("text", sa.Text, nullable=False),
    sa.Column("raised_at", Moment, nullable=False),
    sa.Column("seen_at", Moment),
    sa.Column("seen_by", sa.String(64)),
    sa.Column("level", sa.String(16), nullable=False, server_default="unit"),  # whom it has reached
    sa.Column("escalated_at", Moment),
    sa.UniqueConstraint("ticket_number", "unit"),
)

corrections = sa.Table(  # what an officer says a matter meant: examples for training
    "corrections",
    metadata,
    _id(),
    sa.Column("ticket_id", Key, sa.ForeignKey("tickets.id"), nullable=False),
    sa.Column("subject", sa.String(8), nullable=False),
    sa.Column("text", sa.Text, nullable=False),  # masked
    sa.Column("labels", sa.JSON, nullable=False),  # those nobody objected to
    sa.Column("before", sa.JSON, nullable=False),
    sa.Column("after", sa.JSON, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),  # masked
    sa.Column("staff", sa.String(64), nullable=False),
    sa.Column("engine", sa.String(32), nullable=False),
    sa.Column("model_version", sa.String(64), nullable=False),  # the one that was wrong
    sa.Column("at", Moment, nullable=False),
    sa.UniqueConstraint("ticket_id", "subject"),
    sa.CheckConstraint("subject in ('labels', 'unit')", name="subject"),
)

item_reviews = sa.Table(  # what a reviewer said of an item of the library, as its text was then
    "item_reviews",
    metadata,
    sa.Column("item", sa.String(16), primary_key=True),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("state", sa.String(8), nullable=False),
    sa.Column("login", sa.String(64), nullable=False),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("at", Moment, nullable=False),
    sa.CheckConstraint("state in ('signed', 'pulled')", name="state"),
)

staff = sa.Table(
    "staff",
    metadata,
    _id(),
    sa.Column("login", sa.String(64), nullable=False, unique=True),
    sa.Column("name", sa.String(64), nullable=False),
    sa.Column("role", sa.String(16), nullable=False),
    sa.Column("unit", sa.String(32), nullable=False),
    sa.Column("password_hash", sa.String(200)),  # NULL until the first password is set
    sa.Column("active", sa.Boolean, nullable=False, default=True),
    sa.Column("created_at", Moment, nullable=False),
)

sessions = sa.Table(
    "sessions",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("csrf", sa.String(64), nullable=False),
    sa.Column("created_at", Moment, nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)

one_time_logins = sa.Table(
    "one_time_logins",
    metadata,
    sa.Column("token_hash", sa.String(64), primary_key=True),
    sa.Column("staff_id", Key, sa.ForeignKey("staff.id"), nullable=False),
    sa.Column("expires_at", Moment, nullable=False),
)

login_failures = sa.Table(
    "login_failures",
    metadata,
    _id(),
    sa.Column("login", sa.String(64), nullable=False, index=True),
    sa.Column("at", Moment, nullable=False),
)

audit = sa.Table(
    "audit",
    metadata,
    _id(),
    sa.Column("at", Moment, nullable=False),
    sa.Column("actor", sa.String(80), nullable=False),
    sa.Column("action", sa.String(48), nullable=False),
    sa.Column("subject", sa.String(80), nullable=False),
    sa.Column("data", sa.JSON, nullable=False),
    sa.Column("previous", sa.String(64)),  # hash of the row before: rows form a chain
    sa.Column("hash", sa.String(64)),
)
