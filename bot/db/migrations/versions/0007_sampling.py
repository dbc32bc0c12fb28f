"""Polls with votes and samples, testing days with bookings, contests, public lists."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.db.tables import Key, Moment

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None

TABLES = ('contests', 'polls', 'public_lists', 'testing_days', 'bookings', 'contest_entries', 'poll_samples', 'poll_votes', 'contest_answers')


def upgrade() -> None:
    """Make the tables."""
    op.create_table('contests',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('opens_at', Moment(), nullable=False),
    sa.Column('closes_at', Moment(), nullable=False),
    sa.Column('questions', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('written_by', sa.String(length=64), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contests'))
    )
    op.create_table('polls',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('title', sa.String(length=100), nullable=False),
    sa.Column('opens_at', Moment(), nullable=False),
    sa.Column('closes_at', Moment(), nullable=False),
    sa.Column('products', sa.JSON(), nullable=False),
    sa.Column('items', sa.JSON(), nullable=False),
    sa.Column('places', sa.JSON(), nullable=False),
    sa.Column('samples', sa.Integer(), nullable=False),
    sa.Column('repeat', sa.String(length=16), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('written_by', sa.String(length=64), nullable=False),
    sa.Column('follows', Key, nullable=True),
    sa.Column('basis', sa.Text(), nullable=False),
    sa.Column('submitted_by', sa.String(length=64), nullable=True),
    sa.Column('signed_by', sa.String(length=64), nullable=True),
    sa.Column('published_at', Moment(), nullable=True),
    sa.Column('told_at', Moment(), nullable=True),
    sa.CheckConstraint("state in ('draft', 'announced', 'planned', 'submitted', 'published')", name=op.f('ck_polls_state')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_polls')),
    sa.UniqueConstraint('follows', name=op.f('uq_polls_follows'))
    )
    op.create_index('ix_polls_state', 'polls', ['state', 'closes_at'], unique=False)
    op.create_table('public_lists',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('title', sa.String(length=60), nullable=False),
    sa.Column('colour', sa.String(length=8), nullable=False),
    sa.Column('merchant', sa.String(length=100), nullable=False),
    sa.Column('basis', sa.String(length=300), nullable=False),
    sa.Column('from_day', sa.Date(), nullable=False),
    sa.Column('until_day', sa.Date(), nullable=False),
    sa.Column('written_by', sa.String(length=64), nullable=False),
    sa.Column('written_at', Moment(), nullable=False),
    sa.Column('signed_by', sa.String(length=64), nullable=True),
    sa.Column('signed_at', Moment(), nullable=True),
    sa.Column('withdrawn_by', sa.String(length=64), nullable=True),
    sa.Column('withdrawn_at', Moment(), nullable=True),
    sa.CheckConstraint("basis <> ''", name=op.f('ck_public_lists_basis')),
    sa.CheckConstraint("colour in ('red', 'black')", name=op.f('ck_public_lists_colour')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_public_lists'))
    )
    op.create_table('testing_days',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('place', sa.String(length=100), nullable=False),
    sa.Column('opens_at', Moment(), nullable=False),
    sa.Column('closes_at', Moment(), nullable=False),
    sa.Column('capacity', sa.Integer(), nullable=False),
    sa.Column('taken', sa.Integer(), nullable=False),
    sa.Column('accepted', sa.String(length=300), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('written_by', sa.String(length=64), nullable=False),
    sa.CheckConstraint('taken >= 0 and taken <= capacity', name=op.f('ck_testing_days_capacity')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_testing_days'))
    )
    op.create_index('ix_testing_days_open', 'testing_days', ['state', 'opens_at'], unique=False)
    op.create_table('bookings',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('day_id', Key, nullable=False),
    sa.Column('citizen_id', Key, nullable=False),
    sa.Column('product', sa.String(length=60), nullable=False),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('cancelled_at', Moment(), nullable=True),
    sa.Column('reminded_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_bookings_citizen_id')),
    sa.ForeignKeyConstraint(['day_id'], ['testing_days.id'], name=op.f('fk_bookings_day_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_bookings'))
    )
    op.create_index(op.f('ix_bookings_citizen_id'), 'bookings', ['citizen_id'], unique=False)
    op.create_index(op.f('ix_bookings_day_id'), 'bookings', ['day_id'], unique=False)
    op.create_index('ux_bookings_living', 'bookings', ['day_id', 'citizen_id'], unique=True, sqlite_where=sa.text('cancelled_at IS NULL'), postgresql_where=sa.text('cancelled_at IS NULL'))
    op.create_table('contest_entries',
    sa.Column('id', Key, autoincrement=True, nullable=False),
    sa.Column('contest_id', Key, nullable=False),
    sa.Column('citizen_id', Key, nullable=False),
    sa.Column('nickname', sa.String(length=24), nullable=False),
    sa.Column('nickname_key', sa.String(length=48), nullable=False),
    sa.Column('right', sa.Integer(), nullable=False),
    sa.Column('answered', sa.Integer(), nullable=False),
    sa.Column('seconds', sa.Integer(), nullable=False),
    sa.Column('hidden', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_contest_entries_citizen_id')),
    sa.ForeignKeyConstraint(['contest_id'], ['contests.id'], name=op.f('fk_contest_entries_contest_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_contest_entries')),
    sa.UniqueConstraint('contest_id', 'citizen_id', name=op.f('uq_contest_entries_contest_id_citizen_id')),
    sa.UniqueConstraint('contest_id', 'nickname_key', name=op.f('uq_contest_entries_contest_id_nickname_key'))
    )
    op.create_index('ix_contest_entries_best', 'contest_entries', ['contest_id', 'right', 'seconds', 'id'], unique=False)
    op.create_index(op.f('ix_contest_entries_citizen_id'), 'contest_entries', ['citizen_id'], unique=False)
    op.create_table('poll_samples',
    sa.Column('poll_id', Key, nullable=False),
    sa.Column('number', sa.Integer(), nullable=False),
    sa.Column('product', sa.SmallInteger(), nullable=False),
    sa.Column('item', sa.SmallInteger(), nullable=False),
    sa.Column('place', sa.SmallInteger(), nullable=False),
    sa.Column('merchant', sa.String(length=100), nullable=False),
    sa.Column('tested_on', sa.Date(), nullable=True),
    sa.Column('conclusion', sa.String(length=16), nullable=False),
    sa.Column('note', sa.String(length=300), nullable=False),
    sa.Column('entered_by', sa.String(length=64), nullable=False),
    sa.Column('entered_at', Moment(), nullable=True),
    sa.CheckConstraint("conclusion in ('pending', 'qualified', 'unqualified')", name=op.f('ck_poll_samples_conclusion')),
    sa.ForeignKeyConstraint(['poll_id'], ['polls.id'], name=op.f('fk_poll_samples_poll_id')),
    sa.PrimaryKeyConstraint('poll_id', 'number', name=op.f('pk_poll_samples'))
    )
    op.create_table('poll_votes',
    sa.Column('poll_id', Key, nullable=False),
    sa.Column('citizen_id', Key, nullable=False),
    sa.Column('product', sa.SmallInteger(), nullable=True),
    sa.Column('item', sa.SmallInteger(), nullable=True),
    sa.Column('place', sa.SmallInteger(), nullable=True),
    sa.Column('changes', sa.Integer(), nullable=False),
    sa.Column('wants_result', sa.Boolean(), nullable=True),
    sa.Column('at', Moment(), nullable=False),
    sa.Column('told_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['citizen_id'], ['citizens.id'], name=op.f('fk_poll_votes_citizen_id')),
    sa.ForeignKeyConstraint(['poll_id'], ['polls.id'], name=op.f('fk_poll_votes_poll_id')),
    sa.PrimaryKeyConstraint('poll_id', 'citizen_id', name=op.f('pk_poll_votes'))
    )
    op.create_index(op.f('ix_poll_votes_citizen_id'), 'poll_votes', ['citizen_id'], unique=False)
    op.create_table('contest_answers',
    sa.Column('entry_id', Key, nullable=False),
    sa.Column('question', sa.String(length=24), nullable=False),
    sa.Column('asked_at', Moment(), nullable=False),
    sa.Column('choice', sa.SmallInteger(), nullable=True),
    sa.ForeignKeyConstraint(['entry_id'], ['contest_entries.id'], name=op.f('fk_contest_answers_entry_id')),
    sa.PrimaryKeyConstraint('entry_id', 'question', name=op.f('pk_contest_answers'))
    )


def downgrade() -> None:
    """Drop them, last made first."""
    for name in reversed(TABLES):
        op.drop_table(name)
