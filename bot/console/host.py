"""What the console needs of the application that carries it."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from bot.db.engine import Database
from bot.settings import Settings
from handlers.services import Services


class Host(Protocol):
    """The running application, as far as the console is concerned."""

    @property
    def services(self) -> Services: ...

    @property
    def database(self) -> Database: ...

    @property
    def settings(self) -> Settings: ...

    @property
    def attachments_dir(self) -> Path:
        """Where files lie, each named by its SHA-256."""
        ...

    def wake_delivery(self) -> object:
        """Have the outbox sent now."""
        ...
