"""Settings from the environment (`SHIAN_…`) or a `.env` file; everything has a default."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

LOOPBACK = ("127.0.0.1", "::1", "localhost")
DRIVERS = ("sqlite+aiosqlite://", "postgresql+asyncpg://")


def sqlite_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"{DRIVERS[0]}/{path}"


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
    port: int = Field(default=8000, ge=0, le=65535)  # 0: any free one
    https: bool = False
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    nlu: Literal["local", "rasa"] = "local"
    rasa_url: str = ""  # empty: a server of our own
    rasa_token: SecretStr | None = None
    rasa_timeout: float = Field(default=2.0, gt=0, le=30)  # seconds
    rasa_answer: float = Field(default=0.8, ge=0, le=1)

    telegram_token: SecretStr | None = None
    telegram_api: str = "https://api.telegram.org"
    telegram_webhook_url: str = ""
    telegram_webhook_secret: SecretStr | None = None

    telegram_rate: float = Field(default=30.0, ge=1, le=5000)  # messages/s Telegram allows the bot

    web_push_key_file: Path | None = None  # made by `shian web-push-keys`
    web_push_contact: str = ""  # mailto:… or https://… of the office, for push services
    web_push_anywhere: bool = False  # private addresses too: only to try things out

    alarm_command: str = ""  # a program; the target is its last argument, the text its input
    alarm_url: str = ""  # or an address that takes a POST
    alarm_secret: SecretStr | None = None
    alarm_template: str = '{"target": "{target}", "text": "{text}"}'
    alarm_ack_minutes: float = Field(default=10.0, gt=0, le=24 * 60)
    alarm_contacts: Path | None = None

    @property
    def database(self) -> str:
        """The database URL; SQLite in the data folder unless one is set."""
        return self.database_url or sqlite_url(self.data / "shian.db")

    @property
    def uploads(self) -> Path:
        """Where photos and voice messages lie, named by their hash."""
        return self.data / "uploads"

    @field_validator("database_url")
    @classmethod
    def _known_database(cls, url: str) -> str:
        if url and not url.startswith(DRIVERS):
            raise ValueError(f"要以 {' 或 '.join(DRIVERS)} 开头")
        return url

    @model_validator(mode="after")
    def _push_contact(self) -> Self:
        """A push service wants to know whom to write to (RFC 8292)."""
        if self.web_push_key_file and not self.web_push_contact.startswith(("mailto:", "https://")):
            raise ValueError(
                "设了 SHIAN_WEB_PUSH_KEY_FILE，SHIAN_WEB_PUSH_CONTACT 就要是 mailto: 或 https:// 开头"
            )
        return self

    @field_validator("alarm_template")
    @classmethod
    def _json_object(cls, template: str) -> str:
        try:
            fits = isinstance(json.loads(template), dict) and "{target}" in template
        except ValueError:
            fits = False
        if not fits:
            raise ValueError("要是一个 JSON 对象，其中用 {target} 代表号码、{text} 代表内容")
        return template

    @field_validator("rasa_url", "alarm_url")
    @classmethod
    def _private_line(cls, url: str) -> str:
        """What citizens write leaves this machine only through TLS."""
        if not url:
            return url
        given = urlsplit(url)
        near = given.scheme == "http" and given.hostname in LOOPBACK
        if not given.hostname or not (near or given.scheme == "https"):
            raise ValueError("要么是本机的 http://127.0.0.1:端口，要么是 https:// 地址")
        return url

    @field_validator("telegram_token")
    @classmethod
    def _like_a_token(cls, token: SecretStr | None) -> SecretStr | None:
        if token is None or not token.get_secret_value():
            return None
        if not re.fullmatch(r"\d+:[A-Za-z0-9_-]+", token.get_secret_value()):
            raise ValueError("不像 @BotFather 给的令牌（数字:字母数字）")
        return token
