"""Dates entered by publicists, rumours that cases contradict, notices to staff, manners of groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Moment

revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table('group_manners',
    sa.Column('chat_id', sa.BigInteger(), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('by', sa.BigInteger(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('chat_id', name=op.f('pk_group_manners'))
    )
    op.create_table('occasion_years',
    sa.Column('occasion', sa.String(length=64), nullable=False),
    sa.Column('year', sa.SmallInteger(), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('end', sa.Date(), nullable=True),
    sa.Column('theme', sa.String(length=120), nullable=True),
    sa.Column('source', sa.String(length=300), nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('occasion', 'year', name=op.f('pk_occasion_years'))
    )
    op.create_table('staff_notices',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_staff_notices')),
    sa.UniqueConstraint('key', name=op.f('uq_staff_notices_key'))
    )
    op.create_index(op.f('ix_staff_notices_at'), 'staff_notices', ['at'], unique=False)
    op.create_table('rumour_witnesses',
    sa.Column('item', sa.String(length=16), nullable=False),
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_rumour_witnesses_citizen_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_rumour_witnesses_ticket_id')),
    sa.PrimaryKeyConstraint('item', 'citizen_id', name=op.f('pk_rumour_witnesses'))
    )


def downgrade() -> None:
    """Drop them: entered dates, counts and silences are lost."""
    op.drop_table('rumour_witnesses')
    op.drop_index(op.f('ix_staff_notices_at'), table_name='staff_notices')
    op.drop_table('staff_notices')
    op.drop_table('occasion_years')
    op.drop_table('group_manners')
