"""The case: clocks, orders, incidents, subjects, notices, alarms, staff on Telegram."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from bot.audit import protect, unprotect
from bot.db.search import create_search, drop_search, fill
from bot.db.tables import Moment

revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the tables and columns."""
    op.create_table('incidents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('number', sa.String(length=24), nullable=False),
    sa.Column('title', sa.String(length=200), nullable=False),
    sa.Column('opened_by', sa.String(length=64), nullable=False),
    sa.Column('opened_at', Moment(), nullable=False),
    sa.Column('closed_at', Moment(), nullable=True),
    sa.Column('facts_only', sa.Boolean(), nullable=False),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_incidents')),
    sa.UniqueConstraint('number', name=op.f('uq_incidents_number'))
    )
    op.create_table('merchants',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('name', sa.String(length=200), nullable=False),
    sa.Column('key', sa.String(length=100), nullable=False),
    sa.Column('address', sa.String(length=300), nullable=False),
    sa.Column('same_as', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True),
    sa.Column('created_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['same_as'], ['merchants.id'], name=op.f('fk_merchants_same_as')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merchants'))
    )
    op.create_index(op.f('ix_merchants_key'), 'merchants', ['key'], unique=False)
    op.create_table('schedule',
    sa.Column('what', sa.String(length=64), nullable=False),
    sa.Column('due', sa.String(length=40), nullable=False),
    sa.Column('taken_at', Moment(), nullable=False),
    sa.Column('done_at', Moment(), nullable=True),
    sa.PrimaryKeyConstraint('what', 'due', name=op.f('pk_schedule'))
    )
    op.create_table('unit_groups',
    sa.Column('unit', sa.String(length=32), nullable=False),
    sa.Column('chat_id', sa.BigInteger(), nullable=False),
    sa.Column('thread_id', sa.BigInteger(), nullable=True),
    sa.Column('linked_by', sa.String(length=64), nullable=False),
    sa.Column('linked_at', Moment(), nullable=False),
    sa.PrimaryKeyConstraint('unit', name=op.f('pk_unit_groups')),
    sa.UniqueConstraint('chat_id', 'thread_id', name=op.f('uq_unit_groups_chat_id_thread_id'))
    )
    op.create_table('calls',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('alert_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('level', sa.String(length=16), nullable=False),
    sa.Column('target', sa.String(length=128), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('error', sa.Text(), nullable=True),
    sa.Column('created_at', Moment(), nullable=False),
    sa.Column('sent_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['alert_id'], ['alerts.id'], name=op.f('fk_calls_alert_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_calls')),
    sa.UniqueConstraint('alert_id', 'level', 'target', name=op.f('uq_calls_alert_id_level_target'))
    )
    op.create_index(op.f('ix_calls_alert_id'), 'calls', ['alert_id'], unique=False)
    op.create_index('ix_calls_open', 'calls', ['state', 'id'], unique=False)
    op.create_table('link_codes',
    sa.Column('code_hash', sa.String(length=64), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('purpose', sa.String(length=16), nullable=False),
    sa.Column('expires_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_link_codes_staff_id')),
    sa.PrimaryKeyConstraint('code_hash', name=op.f('pk_link_codes'))
    )
    op.create_table('releases',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('incident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('written_by', sa.String(length=64), nullable=False),
    sa.Column('written_at', Moment(), nullable=False),
    sa.Column('signed_by', sa.String(length=64), nullable=True),
    sa.Column('signed_at', Moment(), nullable=True),
    sa.Column('sent_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['incident_id'], ['incidents.id'], name=op.f('fk_releases_incident_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_releases'))
    )
    op.create_index(op.f('ix_releases_incident_id'), 'releases', ['incident_id'], unique=False)
    op.create_table('staff_links',
    sa.Column('telegram_id', sa.BigInteger(), nullable=False),
    sa.Column('staff_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('linked_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['staff_id'], ['staff.id'], name=op.f('fk_staff_links_staff_id')),
    sa.PrimaryKeyConstraint('telegram_id', name=op.f('pk_staff_links')),
    sa.UniqueConstraint('staff_id', name=op.f('uq_staff_links_staff_id'))
    )
    op.create_table('cards',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit', sa.String(length=32), nullable=False),
    sa.Column('chat_id', sa.BigInteger(), nullable=False),
    sa.Column('message_id', sa.BigInteger(), nullable=True),
    sa.Column('shown_version', sa.Integer(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('attempts', sa.Integer(), nullable=False),
    sa.Column('not_before', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_cards_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'unit', name=op.f('pk_cards'))
    )
    op.create_index('ix_cards_message', 'cards', ['chat_id', 'message_id'], unique=False)
    op.create_table('clocks',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.Column('name', sa.String(length=32), nullable=False),
    sa.Column('unit', sa.String(length=32), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('started_on', sa.Date(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('data', sa.JSON(), nullable=False),
    sa.Column('announced', sa.String(length=8), server_default='', nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_clocks_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'position', name=op.f('pk_clocks'))
    )
    op.create_index('ix_clocks_open', 'clocks', ['state', 'due_on'], unique=False)
    op.create_table('documents',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('form', sa.String(length=32), nullable=False),
    sa.Column('title', sa.String(length=100), nullable=False),
    sa.Column('content', sa.LargeBinary(), nullable=False),
    sa.Column('made_by', sa.String(length=64), nullable=False),
    sa.Column('made_at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_documents_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_documents'))
    )
    op.create_index(op.f('ix_documents_ticket_id'), 'documents', ['ticket_id'], unique=False)
    op.create_table('proposals',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('other_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('score', sa.Float(), nullable=False),
    sa.Column('reasons', sa.JSON(), nullable=False),
    sa.Column('state', sa.String(length=16), nullable=False),
    sa.Column('decided_by', sa.String(length=64), nullable=True),
    sa.Column('at', Moment(), nullable=False),
    sa.ForeignKeyConstraint(['other_id'], ['tickets.id'], name=op.f('fk_proposals_other_id')),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_proposals_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposals')),
    sa.UniqueConstraint('ticket_id', 'other_id', name=op.f('uq_proposals_ticket_id_other_id'))
    )
    op.create_index(op.f('ix_proposals_other_id'), 'proposals', ['other_id'], unique=False)
    op.create_table('reviews',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('asked_at', Moment(), nullable=False),
    sa.Column('reminded_at', Moment(), nullable=True),
    sa.Column('score', sa.Integer(), nullable=True),
    sa.Column('reason', sa.String(length=16), nullable=True),
    sa.Column('answered_at', Moment(), nullable=True),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_reviews_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', name=op.f('pk_reviews'))
    )
    op.create_index('ix_reviews_open', 'reviews', ['score', 'asked_at'], unique=False)
    op.create_table('supervisions',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('issued_by', sa.String(length=64), nullable=False),
    sa.Column('issued_at', Moment(), nullable=False),
    sa.Column('replied_by', sa.String(length=64), nullable=True),
    sa.Column('replied_at', Moment(), nullable=True),
    sa.Column('reply', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_supervisions_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_supervisions'))
    )
    op.create_index('ix_supervisions_open', 'supervisions', ['replied_at', 'due_on'], unique=False)
    op.create_index(op.f('ix_supervisions_ticket_id'), 'supervisions', ['ticket_id'], unique=False)
    op.create_table('tasks',
    sa.Column('id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), autoincrement=True, nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('unit', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('due_on', sa.Date(), nullable=False),
    sa.Column('given_by', sa.String(length=64), nullable=False),
    sa.Column('given_at', Moment(), nullable=False),
    sa.Column('done_at', Moment(), nullable=True),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_tasks_ticket_id')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_tasks'))
    )
    op.create_index('ix_tasks_open', 'tasks', ['done_at', 'due_on'], unique=False)
    op.create_index(op.f('ix_tasks_ticket_id'), 'tasks', ['ticket_id'], unique=False)
    op.create_table('ticket_keys',
    sa.Column('key', sa.String(length=80), nullable=False),
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_keys_ticket_id')),
    sa.PrimaryKeyConstraint('key', 'ticket_id', name=op.f('pk_ticket_keys'))
    )
    op.create_index(op.f('ix_ticket_keys_ticket_id'), 'ticket_keys', ['ticket_id'], unique=False)
    op.create_table('ticket_watchers',
    sa.Column('ticket_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=False),
    sa.Column('login', sa.String(length=64), nullable=False),
    sa.ForeignKeyConstraint(['ticket_id'], ['tickets.id'], name=op.f('fk_ticket_watchers_ticket_id')),
    sa.PrimaryKeyConstraint('ticket_id', 'login', name=op.f('pk_ticket_watchers'))
    )
    op.create_index(op.f('ix_ticket_watchers_login'), 'ticket_watchers', ['login'], unique=False)
    op.add_column('alerts', sa.Column('level', sa.String(length=16), server_default='unit', nullable=False))
    op.add_column('alerts', sa.Column('escalated_at', Moment(), nullable=True))
    op.add_column('audit', sa.Column('previous', sa.String(length=64), nullable=True))
    op.add_column('audit', sa.Column('hash', sa.String(length=64), nullable=True))
    op.add_column('identities', sa.Column('wrapped_key', sa.LargeBinary(), nullable=True))
    op.add_column('tickets', sa.Column('received', sa.JSON(), server_default='{}', nullable=False))
    op.add_column('tickets', sa.Column('interim', sa.String(length=32), nullable=True))
    op.add_column('tickets', sa.Column('hops', sa.Integer(), server_default='0', nullable=False))
    op.add_column('tickets', sa.Column('secrecy', sa.String(length=16), server_default='normal', nullable=False))
    op.add_column('tickets', sa.Column('grid', sa.String(length=64), nullable=True))
    op.add_column('tickets', sa.Column('merchant_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.add_column('tickets', sa.Column('incident_id', sa.BigInteger().with_variant(sa.Integer(), 'sqlite'), nullable=True))
    op.create_index(op.f('ix_tickets_incident_id'), 'tickets', ['incident_id'], unique=False)
    op.create_index(op.f('ix_tickets_merchant_id'), 'tickets', ['merchant_id'], unique=False)
    _upgrade_queue()
    protect(op.get_bind().dialect.name, op.execute)


def downgrade() -> None:
    """Drop them."""
    unprotect(op.get_bind().dialect.name, op.execute)
    _downgrade_queue()
    op.drop_index(op.f('ix_tickets_merchant_id'), table_name='tickets')
    op.drop_index(op.f('ix_tickets_incident_id'), table_name='tickets')
    op.drop_column('tickets', 'incident_id')
    op.drop_column('tickets', 'merchant_id')
    op.drop_column('tickets', 'grid')
    op.drop_column('tickets', 'secrecy')
    op.drop_column('tickets', 'hops')
    op.drop_column('tickets', 'interim')
    op.drop_column('tickets', 'received')
    op.drop_column('identities', 'wrapped_key')
    op.drop_column('audit', 'hash')
    op.drop_column('audit', 'previous')
    op.drop_column('alerts', 'escalated_at')
    op.drop_column('alerts', 'level')
    op.drop_index(op.f('ix_ticket_watchers_login'), table_name='ticket_watchers')
    op.drop_table('ticket_watchers')
    op.drop_index(op.f('ix_ticket_keys_ticket_id'), table_name='ticket_keys')
    op.drop_table('ticket_keys')
    op.drop_index(op.f('ix_tasks_ticket_id'), table_name='tasks')
    op.drop_index('ix_tasks_open', table_name='tasks')
    op.drop_table('tasks')
    op.drop_index(op.f('ix_supervisions_ticket_id'), table_name='supervisions')
    op.drop_index('ix_supervisions_open', table_name='supervisions')
    op.drop_table('supervisions')
    op.drop_index('ix_reviews_open', table_name='reviews')
    op.drop_table('reviews')
    op.drop_index(op.f('ix_proposals_other_id'), table_name='proposals')
    op.drop_table('proposals')
    op.drop_index(op.f('ix_documents_ticket_id'), table_name='documents')
    op.drop_table('documents')
    op.drop_index('ix_clocks_open', table_name='clocks')
    op.drop_table('clocks')
    op.drop_index('ix_cards_message', table_name='cards')
    op.drop_table('cards')
    op.drop_table('staff_links')
    op.drop_index(op.f('ix_releases_incident_id'), table_name='releases')
    op.drop_table('releases')
    op.drop_table('link_codes')
    op.drop_index('ix_calls_open', table_name='calls')
    op.drop_index(op.f('ix_calls_alert_id'), table_name='calls')
    op.drop_table('calls')
    op.drop_table('unit_groups')
    op.drop_table('schedule')
    op.drop_index(op.f('ix_merchants_key'), table_name='merchants')
    op.drop_table('merchants')
    op.drop_table('incidents')


DONE = ('resolved', 'strike_off_pending', 'struck_off', 'answered', 'closed', 'withdrawn')


def _upgrade_queue() -> None:
    """Columns and indexes in the order of the queue, and full text."""
    for table in ('tickets', 'ticket_units'):
        rank = sa.Column('queue_rank', sa.SmallInteger(), server_default='1', nullable=False)
        op.add_column(table, rank)
    done = ', '.join(f"'{state}'" for state in DONE)
    op.execute(
        "UPDATE tickets SET queue_rank = CASE WHEN severity = 'urgent' THEN 0 ELSE 1 END"
        f" + CASE WHEN state IN ({done}) THEN 2 ELSE 0 END"
    )
    op.execute(
        'UPDATE ticket_units SET queue_rank ='
        ' (SELECT queue_rank FROM tickets WHERE tickets.id = ticket_units.ticket_id)'
    )
    op.drop_index('ix_tickets_queue', table_name='tickets')
    op.create_index('ix_tickets_queue', 'tickets', ['lead', 'queue_rank', 'id'], unique=False)
    op.create_index('ix_tickets_rank', 'tickets', ['queue_rank', 'id'], unique=False)
    op.create_index('ix_tickets_state', 'tickets', ['state', 'queue_rank', 'id'], unique=False)
    op.drop_index('ix_ticket_units_unit', table_name='ticket_units')
    op.create_index('ix_ticket_units_queue', 'ticket_units', ['unit', 'queue_rank', 'ticket_id'], unique=False)
    create_search(op.get_bind().dialect.name, op.get_bind().execute)
    fill(op.get_bind())


def _downgrade_queue() -> None:
    drop_search(op.get_bind().dialect.name, op.execute)
    op.drop_index('ix_ticket_units_queue', table_name='ticket_units')
    op.create_index('ix_ticket_units_unit', 'ticket_units', ['unit'], unique=False)
    op.drop_index('ix_tickets_state', table_name='tickets')
    op.drop_index('ix_tickets_rank', table_name='tickets')
    op.drop_index('ix_tickets_queue', table_name='tickets')
    op.create_index('ix_tickets_queue', 'tickets', ['lead', 'state', 'severity', 'created_at'], unique=False)
    op.drop_column('ticket_units', 'queue_rank')
    op.drop_column('tickets', 'queue_rank')
