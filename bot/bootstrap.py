"""The composition root: the only place that picks concrete classes and wires them together."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import structlog

from bot.broadcasting import Broadcaster
from bot.channels import Channel
from bot.channels.webchat import Hub, Mailbox, WebChannel
from bot.clock import WallClock
from bot.db.engine import Database, open_database
from bot.db.unit_of_work import SqlUnitsOfWork
from bot.delivery import Delivery
from bot.intake import Intake
from bot.links import SignedLinks, site_of
from bot.media import MediaStore
from bot.push_service import PushIdentity
from bot.pushing import Pusher
from bot.refusing import values_of
from bot.settings import Settings
from bot.vault import Vault, open_vault
from bot.worker import InboxWorker
from content.abuse import load_abuse
from content.calendar import load_calendar
from content.documents import load_documents
from content.faq import load_faq
from content.jurisdiction import load_jurisdiction
from content.law import load_law
from content.library import Library, load_library
from content.phrasebook import load_phrasebook, load_ui
from content.quizzes import load_quizzes
from content.service import load_service
from content.subscriptions import load_subscriptions
from content.workdays import load_workdays
from handlers.errors import ShianError
from handlers.ports import Clock, Interpreter
from handlers.services import Services

if TYPE_CHECKING:
    from bot.channels.telegram import Telegram
    from bot.channels.telegram.staff_cards import Cards
    from nlu.engines.rasa_client import RasaClient
    from nlu.retrieval import Retriever

log = structlog.get_logger()

SMALLEST_WINDOW = 16  # broadcasts under way
WINDOW_SECONDS = 0.12  # at the full rate: what a message takes, and the writing of its outcome

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
    broadcaster: Broadcaster
    telegram: Telegram | None = None
    cards: Cards | None = None
    pusher: Pusher | None = None

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


def load_retriever(settings: Settings, library: Library) -> Retriever:
    """The search over the library; encodes it when the library has changed (seconds)."""
    from nlu.retrieval import build_retriever

    return build_retriever(knowledge_passages(library), settings.models)


def knowledge_passages(library: Library) -> list[tuple[str, str]]:
    """What questions are compared with: words of items, and questions that none answers."""
    from nlu.retrieval import UNANSWERED

    known = [(item.id, text) for item in library.items.values() for text in item.passages()]
    return known + [(UNANSWERED, text) for text in library.unanswered]


@contextmanager
def open_interpreter(
    settings: Settings, engine: str, progress: Progress = lambda _: None
) -> Iterator[Interpreter]:
    """The engine of this name alone. Rasa is started where no outside server is set.

    Raises RasaError when Rasa cannot be started; its interpreter raises RasaUnavailable.
    """
    if engine == "local":
        yield load_interpreter(settings, progress)
        return
    from nlu.engines.rasa import RasaEngine

    with _rasa_client(settings, progress) as client:
        yield RasaEngine(client, settings.rasa_answer)


@contextmanager
def serving_interpreter(
    settings: Settings, progress: Progress = lambda _: None
) -> Iterator[Interpreter]:
    """The engine of the settings; with Rasa the local one stands in whenever it is away."""
    with open_interpreter(settings, settings.nlu, progress) as chosen:
        if settings.nlu == "local":
            yield chosen
            return
        from nlu.engines.fallback import CircuitBreaker, FallbackInterpreter

        def told(event: str, cause: str) -> None:
            log.warning(event, cause=cause)

        local = load_interpreter(settings, progress)
        yield FallbackInterpreter(chosen, local, CircuitBreaker(), told)


@contextmanager
def _rasa_client(settings: Settings, progress: Progress) -> Iterator[RasaClient]:
    from nlu.engines.rasa_client import RasaClient
    from nlu.engines.rasa_server import serve_rasa

    if settings.rasa_url:
        token = settings.rasa_token.get_secret_value() if settings.rasa_token else ""
        yield RasaClient(settings.rasa_url, token, settings.rasa_timeout)
        return
    with serve_rasa(_rasa_model(settings, progress), progress) as server:
        yield server.client(settings.rasa_timeout)


def _rasa_model(settings: Settings, progress: Progress) -> Path:
    """The stored model, old as it may be: training takes too long to happen unasked."""
    from nlu.engines.rasa_train import RASA_FOLDER, rasa_version, stored_rasa_model, train_rasa
    from nlu.training_data import training_files

    folder, files = settings.models / RASA_FOLDER, training_files(settings.training)
    model = stored_rasa_model(folder)
    if model is None:
        progress("还没有 Rasa 模型，先训练（约需二十分钟）……")
        return train_rasa(files, folder, progress=progress)
    if rasa_version(files) not in model.name:
        progress("Rasa 模型与当前训练语料不一致 → shian nlu train --engine rasa")
    return model


def _train_apart(settings: Settings) -> None:
    """Train in a process of its own: what training takes in memory goes when it ends.

    A new model that lost against the one in use is no failure: that one goes on.
    """
    from nlu.engines.train import needs_training

    places = {"SHIAN_TRAINING": str(settings.training), "SHIAN_MODELS": str(settings.models)}
    command = [sys.executable, "-m", "bot", "nlu", "train", "--unscored"]
    done = subprocess.run(command, stdout=sys.stderr, env={**os.environ, **places})  # noqa: S603
    if done.returncode and needs_training(settings.training, settings.models):
        raise subprocess.CalledProcessError(done.returncode, command)


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
    library = load_library(settings.content)
    services = Services(
        clock=clock,
        interpreter=interpreter or load_interpreter(settings, progress),
        jurisdiction=load_jurisdiction(settings.content, settings.jurisdiction),
        phrases=load_phrasebook(settings.content),
        faq=load_faq(settings.content),
        law=load_law(settings.content),
        workdays=load_workdays(settings.content),
        documents=load_documents(settings.content),
        rules=load_service(settings.content),
        library=library,
        finder=load_retriever(settings, library),
        questions=load_quizzes(settings.content),
        calendar=load_calendar(settings.content),
        subscriptions=load_subscriptions(settings.content),
        abuse=load_abuse(settings.content),
        signer=SignedLinks(vault, site_of(settings.telegram_webhook_url)),
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
    window = max(SMALLEST_WINDOW, int(settings.telegram_rate * WINDOW_SECONDS))
    broadcaster = Broadcaster(database, services, units_of_work, channels, hub, window)
    app = App(
        settings, clock, database, vault, services, units_of_work, intake, media, hub,
        Mailbox(database, vault, hub), worker, delivery, broadcaster,
    )  # fmt: skip
    if settings.web_push_key_file is not None:
        app.pusher = _pusher(app, settings.web_push_key_file)
        hub.away = app.pusher.away
    if settings.telegram_token is not None:
        app.telegram = _telegram(app)
        channels["telegram"] = app.telegram.channel
        site = settings.telegram_webhook_url.partition("/telegram/")[0]
        app.cards = app.telegram.open_office(services, _refusals(app), site, delivery.wake)
    return app


def _pusher(app: App, key_file: Path) -> Pusher:
    identity = PushIdentity(key_file, app.settings.web_push_contact)
    identity.public_key  # noqa: B018 – a key that cannot be read is told at the start
    anywhere = app.settings.web_push_anywhere
    return Pusher(app.database, app.vault, app.services, identity, anywhere)


def _refusals(app: App) -> Callable[[ShianError], str]:
    """The sentences that explain refusals, for staff outside the console."""
    console, chat = load_ui(app.settings.content, "console"), app.services.phrases

    def name(section: str, label: str) -> str:
        key = f"{section}.{label}"
        return chat.text(key) if chat.has(key) else label

    def sentence(error: ShianError) -> str:
        return console.text(f"error.{error.code}", "zh-Hans", **values_of(error, name))

    return sentence


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
        rate=settings.telegram_rate,
        pictures=settings.uploads,
    )
