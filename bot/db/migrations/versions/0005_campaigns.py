"""Subscriptions, campaigns, the ledger of who got what, and what they did with it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Moment

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables."""
    op.create_table('campaign_pictures',
    sa.Column('sha256', sa.String(length=64), nullable=False),
    sa.Column('media_type', sa.String(length=32), nullable=False),
    sa.Column('uploaded_by', sa.String(length=64), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('sha256', name=op.f('pk_campaign_pictures'))
    )
    op.create_table('campaigns',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('title', sa.String(length=120), nullable=False),
    sa.Column('state', sa.String(length=12), nullable=False),
    sa.Column('due', Moment(), nullable=True),
    sa.Column('late_hours', sa.Integer(), nullable=False),
    sa.Column('urgent', sa.Boolean(), nullable=False),
    sa.Column('policy', sa.String(length=16), nullable=False),
    sa.Column('series', sa.String(length=120), nullable=False),
    sa.Column('author', sa.String(length=64), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('planned', sa.Boolean(), server_default=sa.false(), nullable=False),
    sa.Column('planned_upto', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), server_default='0', nullable=False),
    sa.Column('wake_at', Moment(), nullable=True),
    sa.Column('leased_by', sa.String(length=32), nullable=True),
    sa.Column('leased_until', Moment(), nullable=True),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('started_at', Moment(), nullable=True),
    sa.Column('ended_at', Moment(), nullable=True),
    sa.Column('version', sa.Integer(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_campaigns'))
    )
    op.create_index('ix_campaigns_state', 'campaigns', ['state', 'due'], unique=False)
    op.create_table('campaign_responses',
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('what', sa.String(length=24), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_campaign_responses_campaign_id')),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_campaign_responses_citizen_id')),
    sa.PrimaryKeyConstraint('campaign_id', 'citizen_id', 'what', name=op.f('pk_campaign_responses'))
    )
    op.create_table('deliveries',
    sa.Column('campaign_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('variant', sa.SmallInteger(), nullable=False),
    sa.Column('state', sa.String(length=8), nullable=False),
    sa.Column('attempts', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('not_before', Moment(), nullable=True),
    sa.Column('sent_at', Moment(), nullable=True),
    sa.Column('error', sa.String(length=120), nullable=True),
    sa.ForeignKeyConstraint(['campaign_id'], ['campaigns.id'], name=op.f('fk_deliveries_campaign_id')),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_deliveries_citizen_id')),
    sa.PrimaryKeyConstraint('campaign_id', 'citizen_id', name=op.f('pk_deliveries')),
    sqlite_with_rowid=False
    )
    op.create_index('ix_deliveries_state', 'deliveries', ['campaign_id', 'state', 'citizen_id'], unique=False)
    op.create_table('subscriber_tags',
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('tag', sa.String(length=24), nullable=False),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_subscriber_tags_citizen_id')),
    sa.PrimaryKeyConstraint('citizen_id', 'tag', name=op.f('pk_subscriber_tags'))
    )
    op.create_index('ix_subscriber_tags_tag', 'subscriber_tags', ['tag', 'citizen_id'], unique=False)
    op.create_table('subscribers',
    sa.Column('citizen_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('district', sa.String(length=64), server_default='', nullable=False),
    sa.Column('quiet_from', sa.SmallInteger(), nullable=True),
    sa.Column('quiet_until', sa.SmallInteger(), nullable=True),
    sa.Column('every_days', sa.SmallInteger(), server_default='0', nullable=False),
    sa.Column('since', Moment(), nullable=False),
    sa.Column('changed_at', Moment(), nullable=False),
    sa.Column('last_campaign', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('last_sent_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_subscribers_citizen_id')),
    sa.PrimaryKeyConstraint('citizen_id', name=op.f('pk_subscribers'))
    )


def downgrade() -> None:
    """Drop them; nobody is subscribed to anything."""
    op.drop_table('subscribers')
    op.drop_index('ix_subscriber_tags_tag', table_name='subscriber_tags')
    op.drop_table('subscriber_tags')
    op.drop_index('ix_deliveries_state', table_name='deliveries')
    op.drop_table('deliveries')
    op.drop_table('campaign_responses')
    op.drop_index('ix_campaigns_state', table_name='campaigns')
    op.drop_table('campaigns')
    op.drop_table('campaign_pictures')
