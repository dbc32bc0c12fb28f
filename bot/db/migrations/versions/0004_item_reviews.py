"""Reviews of the library's items: signed, or pulled back to be looked at again."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Moment

revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the table."""
    op.create_table('item_reviews',
    sa.Column('item', sa.String(length=16), nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.Column('name', sa.String(length=64), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.CheckConstraint("state in ('signed', 'pulled')", name=op.f('ck_item_reviews_state')),
    sa.PrimaryKeyConstraint('item', name=op.f('pk_item_reviews'))
    )


def downgrade() -> None:
    """Drop the table; drafts are drafts again."""
    op.drop_table('item_reviews')
