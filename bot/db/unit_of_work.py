"""One transaction with all repositories on it."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType
from typing import Self

from sqlalchemy.ext.asyncio import AsyncConnection

from bot.audit import SqlAudit
from bot.db.calendar_rows import SqlNotices, SqlOccasions, SqlWitnesses
from bot.db.campaign_rows import SqlCampaigns, SqlSubscriptions
from bot.db.case_rows import SqlDocuments, SqlTasks
from bot.db.draft_rows import SqlItemDrafts
from bot.db.engine import Database
from bot.db.group_rows import SqlGroups
from bot.db.incident_rows import SqlIncidents
from bot.db.knowledge_rows import SqlItemReviews
from bot.db.ladder_rows import SqlReleases, SqlSupervisions
from bot.db.repositories import (
    SqlAlerts,
    SqlAttachments,
    SqlCitizens,
    SqlConsents,
    SqlCorrections,
    SqlDialogs,
    SqlInbox,
    SqlOutbox,
)
from bot.db.review_rows import SqlReviews
from bot.db.sampling_rows import SqlSampling
from bot.db.ticket_rows import SqlTickets
from bot.db.vault_rows import SqlVault
from bot.vault import Vault
from handlers import ports
from handlers.campaigns import group_ports, sampling_ports
from handlers.campaigns import ports as campaign_ports
from handlers.knowledge import ports as knowledge_ports
from handlers.ports import Clock, UnitOfWork
from handlers.tickets import ports as case_ports


class SqlUnitOfWork:
    """See handlers.ports.UnitOfWork. Leaving without commit rolls back."""

    citizens: ports.Citizens
    dialogs: ports.Dialogs
    tickets: case_ports.Tickets
    outbox: ports.Outbox
    inbox: ports.Inbox
    vault: ports.Vault
    consents: ports.Consents
    attachments: ports.Attachments
    alerts: case_ports.Alerts
    corrections: case_ports.Corrections
    tasks: case_ports.Tasks
    documents: case_ports.Documents
    reviews: case_ports.Reviews
    supervisions: case_ports.Supervisions
    releases: case_ports.Releases
    incidents: case_ports.Incidents
    item_reviews: ports.ItemReviews
    subscriptions: campaign_ports.Subscriptions
    campaigns: campaign_ports.Campaigns
    drafts: knowledge_ports.ItemDrafts
    occasions: knowledge_ports.Occasions
    witnesses: knowledge_ports.Witnesses
    notices: knowledge_ports.Notices
    sampling: sampling_ports.Sampling
    groups: group_ports.Groups
    audit: ports.Audit

    def __init__(self, database: Database, cipher: Vault, clock: Clock) -> None:
        self._database, self._cipher, self._clock = database, cipher, clock
        self.connection: AsyncConnection

    async def __aenter__(self) -> Self:
        self.connection = await self._database.writer.connect()
        await self.connection.begin()
        connection, cipher, now = self.connection, self._cipher, self._clock.now()
        self.citizens = SqlCitizens(connection, now)
        self.dialogs = SqlDialogs(connection, cipher)
        self.tickets = SqlTickets(connection)
        self.outbox = SqlOutbox(connection, cipher, now)
        self.inbox = SqlInbox(connection, cipher)
        self.vault = SqlVault(connection, cipher)
        self.consents = SqlConsents(connection)
        self.attachments = SqlAttachments(connection)
        self.alerts = SqlAlerts(connection)
        self.corrections = SqlCorrections(connection)
        self.tasks = SqlTasks(connection)
        self.documents = SqlDocuments(connection, cipher)
        self.reviews = SqlReviews(connection)
        self.supervisions = SqlSupervisions(connection)
        self.releases = SqlReleases(connection)
        self.incidents = SqlIncidents(connection)
        self.item_reviews = SqlItemReviews(connection)
        self.subscriptions = SqlSubscriptions(connection)
        self.campaigns = SqlCampaigns(connection)
        self.drafts = SqlItemDrafts(connection)
        self.occasions = SqlOccasions(connection)
        self.witnesses = SqlWitnesses(connection)
        self.notices = SqlNotices(
            connection, SqlCitizens(connection, now), SqlOutbox(connection, cipher, now)
        )
        self.sampling = SqlSampling(connection)
        self.groups = SqlGroups(connection)
        self.audit = SqlAudit(connection)
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.connection.close()

    async def commit(self) -> None:
        await self.connection.commit()


@dataclass(frozen=True)
class SqlUnitsOfWork:
    """Opens units of work on one database."""

    database: Database
    cipher: Vault
    clock: Clock

    def __call__(self) -> UnitOfWork:
        return SqlUnitOfWork(self.database, self.cipher, self.clock)
