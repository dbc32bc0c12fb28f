"""The composition root: the only place that picks concrete classes and wires them together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bot.channels import Channel
from bot.channels.webchat import Hub, Mailbox, WebChannel
from bot.clock import WallClock
from bot.db.engine import Database, open_database
from bot.db.unit_of_work import SqlUnitsOfWork
from bot.delivery import Delivery
from bot.intake import Intake
from bot.media import MediaStore
from bot.settings import Settings
from bot.vault import Vault, open_vault
from bot.worker import InboxWorker
from content.faq import load_faq
from content.jurisdiction import load_jurisdiction
from content.phrasebook import load_phrasebook
from handlers.ports import Clock, Interpreter
from handlers.services import Services

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram

Progress = Callable[[str], None]


@dataclass
class App:
    """Everything that runs, wired."""

    settings: Settings
    clock: Clock
    database: Database
    vault: Vault
    services: Services
    units_of_work: SqlUnitsOfWork
    intake: Intake
    media: MediaStore
    hub: Hub
    mailbox: Mailbox
    worker: InboxWorker
    delivery: Delivery
    telegram: Telegram | None = None

    @property
    def attachments_dir(self) -> Path:
        """Where files of citizens lie, named by their hash."""
        return self.settings.uploads

    def wake_delivery(self) -> None:
        """Something was put into the outbox."""
        self.delivery.wake()

    async def close(self) -> None:
        """Give back connections."""
        if self.telegram is not None:
            await self.telegram.close()
        await self.database.close()


def load_interpreter(settings: Settings, progress: Progress = lambda _: None) -> Interpreter:
    """The local engine, trained first when there is no model for these training files."""
    from nlu.engines.local import load_local
    from nlu.engines.train import needs_training

    if needs_training(settings.training, settings.models):
        progress("训练本地理解模型（首次运行约需一两分钟）……")
        _train_apart(settings)
    return load_local(settings.models)


def _train_apart(settings: Settings) -> None:
    """Train in a process of its own: what training takes in memory goes when it ends."""
    places = {"SHIAN_TRAINING": str(settings.training), "SHIAN_MODELS": str(settings.models)}
    command = [sys.executable, "-m", "bot", "nlu", "train"]
    subprocess.run(command, check=True, stdout=sys.stderr, env={**os.environ, **places})  # noqa: S603


def bootstrap(
    settings: Settings,
    *,
    clock: Clock | None = None,
    interpreter: Interpreter | None = None,
    progress: Progress = lambda _: None,
) -> App:
    """Wire one process. Raises ContentError for content that cannot be used."""
    clock = clock or WallClock()
    settings.data.mkdir(parents=True, exist_ok=True)
    vault = open_vault(settings.data / "keys")
    database = open_database(settings.database)
    units_of_work = SqlUnitsOfWork(database, vault, clock)
    services = Services(
        clock=clock,
        interpreter=interpreter or load_interpreter(settings, progress),
        jurisdiction=load_jurisdiction(settings.content, settings.jurisdiction),
        phrases=load_phrasebook(settings.content),
        faq=load_faq(settings.content),
        unit_of_work=units_of_work,
    )
    return _wire(settings, clock, database, vault, units_of_work, services)


def _wire(
    settings: Settings,
    clock: Clock,
    database: Database,
    vault: Vault,
    units_of_work: SqlUnitsOfWork,
    services: Services,
) -> App:
    hub = Hub()
    channels: dict[str, Channel] = {"web": WebChannel(hub)}
    delivery = Delivery(database, vault, channels, clock)
    worker = InboxWorker(database, vault, services, channels, units_of_work, answered=delivery.wake)
    intake = Intake(database, vault, clock, woken=worker.wake)
    media = MediaStore(settings.uploads, database, clock)
    app = App(
        settings, clock, database, vault, services, units_of_work, intake, media, hub,
        Mailbox(database, vault, hub), worker, delivery,
    )  # fmt: skip
    if settings.telegram_token is not None:
        app.telegram = _telegram(app)
        channels["telegram"] = app.telegram.channel
    return app


def _telegram(app: App) -> Telegram:
    """Telegram, only where a token is set: importing aiogram costs seconds and memory."""
    from bot.channels.telegram import create_telegram

    settings = app.settings
    assert settings.telegram_token is not None
    secret = settings.telegram_webhook_secret
    return create_telegram(
        settings.telegram_token.get_secret_value(),
        settings.telegram_api,
        app.intake,
        app.media,
        webhook_url=settings.telegram_webhook_url,
        webhook_secret=secret.get_secret_value() if secret else "",
    )
