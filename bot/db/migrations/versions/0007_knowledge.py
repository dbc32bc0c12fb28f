"""Drafts of items, first-hand cases, notices, entered dates of occasions, manners in groups."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Key, Moment

revision = '0007'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table('item_drafts',
    sa.Column('number', Key, autoincrement=True, nullable=False),
    sa.Column('kind', sa.String(length=8), nullable=False),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('claim', sa.Text(), nullable=False),
    sa.Column('verdict', sa.String(length=16), nullable=False),
    sa.Column('short', sa.Text(), nullable=False),
    sa.Column('long', sa.Text(), nullable=False),
    sa.Column('asks', sa.JSON(), nullable=False),
    sa.Column('issuer', sa.Text(), nullable=False),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('source_date', sa.String(length=10), nullable=True),
    sa.Column('url', sa.Text(), nullable=True),
    sa.Column('review_by', sa.Date(), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('ticket', sa.String(length=24), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.CheckConstraint("kind in ('tip', 'qa', 'rumour')", name=op.f('ck_item_drafts_kind')),
    sa.PrimaryKeyConstraint('number', name=op.f('pk_item_drafts'))
    )
    op.create_index(op.f('ix_item_drafts_ticket'), 'item_drafts', ['ticket'])
    op.create_table('item_cases',
    sa.Column('item', sa.String(length=16), nullable=False),
    sa.Column('ticket', sa.String(length=24), nullable=False),
    sa.Column('citizen_id', Key, nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_item_cases_citizen_id')),
    sa.PrimaryKeyConstraint('item', 'ticket', name=op.f('pk_item_cases'))
    )
    op.create_table('item_notices',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('item', sa.String(length=16), nullable=False),
    sa.Column('recipient', sa.String(length=72), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_item_notices'))
    )
    op.create_index(op.f('ix_item_notices_recipient'), 'item_notices', ['recipient'])
    op.create_table('occasion_years',
    sa.Column('occasion', sa.String(length=64), nullable=False),
    sa.Column('year', sa.Integer(), autoincrement=False, nullable=False),
    sa.Column('name', sa.String(length=60), nullable=False),
    sa.Column('start', sa.Date(), nullable=False),
    sa.Column('to', sa.Date(), nullable=True),
    sa.Column('theme', sa.Text(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('entered_by', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('occasion', 'year', name=op.f('pk_occasion_years'))
    )
    op.create_table('group_manners',
    sa.Column('channel', sa.String(length=16), nullable=False),
    sa.Column('address', sa.String(length=128), nullable=False),
    sa.Column('quiet', sa.Boolean(), nullable=False),
    sa.Column('set_by', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('channel', 'address', name=op.f('pk_group_manners'))
    )


def downgrade() -> None:
    """Drop the tables; what was written locally is gone."""
    for name in ('group_manners', 'occasion_years', 'item_notices', 'item_cases', 'item_drafts'):
        op.drop_table(name)
