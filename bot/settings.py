"""Settings from the environment (`SHIAN_…`) or a `.env` file; everything has a default."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from bot.db.engine import sqlite_url


class Settings(BaseSettings):
    """One deployment. `data` holds database, uploads, keys and the trained model."""

    model_config = SettingsConfigDict(env_prefix="SHIAN_", env_file=".env", extra="ignore")

    data: Path = Path("var")
    jurisdiction: str = "changzhou_xinbei"
    content: Path = Path(__file__).parent.parent / "content"
    training: Path = Path(__file__).parent.parent / "nlu" / "training"
    models: Path = Path(__file__).parent.parent / "nlu" / "models"
    database_url: str = ""
    host: str = "127.0.0.1"
    port: int = 8000
    https: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    telegram_token: SecretStr | None = None
    telegram_api: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr | None = None

    @property
    def database(self) -> str:
        """The database URL; SQLite in the data folder unless one is set."""
        return self.database_url or sqlite_url(self.data / "shian.db")

    @property
    def uploads(self) -> Path:
        """Where photos and voice messages lie, named by their hash."""
        return self.data / "uploads"
