"""Items written from answered tickets."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Moment

revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table('item_drafts',
    sa.Column('number', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
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
    op.create_index(op.f('ix_item_drafts_ticket'), 'item_drafts', ['ticket'], unique=False)


def downgrade() -> None:
    """Drop it; what was signed from it is taught no more."""
    op.drop_index(op.f('ix_item_drafts_ticket'), table_name='item_drafts')
    op.drop_table('item_drafts')
