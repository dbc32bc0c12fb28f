"""Corrections: what officers say a matter meant, kept as examples for training."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Moment

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table('corrections',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('subject', sa.String(length=8), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('labels', sa.JSON(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('after', sa.JSON(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('staff', sa.String(length=64), nullable=False),
    sa.Column('engine', sa.String(length=32), nullable=False),
    sa.Column('model_version', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.CheckConstraint("subject in ('labels', 'unit')", name=op.f('ck_corrections_subject')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_corrections_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_corrections')),
    sa.UniqueConstraint('ticket_id', 'subject', name=op.f('uq_corrections_ticket_id_subject'))
    )


def downgrade() -> None:
    """Drop the table; what was corrected on the tickets themselves stays."""
    op.drop_table('corrections')
