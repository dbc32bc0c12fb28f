"""Chat groups that subscribed, and browsers that take pushed notes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Moment

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None

KEY = sa.BigInteger().with_variant(sa.Integer(), 'sqlite')


def upgrade() -> None:
    """Make the tables."""
    op.create_table('group_consents',
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.Column('citizen_id', KEY, nullable=False),
    sa.Column('granted', sa.Boolean(), nullable=False),
    sa.Column('by', sa.BigInteger(), nullable=True),
    sa.Column('why', sa.String(length=16), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_group_consents_citizen_id_citizens')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_group_consents'))
    )
    op.create_index(op.f('ix_group_consents_citizen_id'), 'group_consents', ['citizen_id'], unique=False)
    op.create_table('push_endpoints',
    sa.Column('id', KEY, autoincrement=True, nullable=False),
    sa.Column('citizen_id', KEY, nullable=False),
    sa.Column('digest', sa.String(length=64), nullable=False),
    sa.Column('sealed', sa.LargeBinary(), nullable=False),
    sa.Column('pushed_at', Moment(), nullable=True),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_push_endpoints_citizen_id_citizens')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_push_endpoints')),
    sa.UniqueConstraint('digest', name=op.f('uq_push_endpoints_digest'))
    )
    op.create_index(op.f('ix_push_endpoints_citizen_id'), 'push_endpoints', ['citizen_id'], unique=False)


def downgrade() -> None:
    """Drop them; who consented for a group is forgotten."""
    op.drop_index(op.f('ix_push_endpoints_citizen_id'), table_name='push_endpoints')
    op.drop_table('push_endpoints')
    op.drop_index(op.f('ix_group_consents_citizen_id'), table_name='group_consents')
    op.drop_table('group_consents')
