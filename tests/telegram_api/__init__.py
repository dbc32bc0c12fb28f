"""An emulator of the Telegram Bot API for tests; see README.md beside this file."""

from .errors import SimError
from .server import TOKEN, TelegramApi
from .sim_http import SimClient
from .webhook import Retry

__all__ = ["TOKEN", "Retry", "SimClient", "SimError", "TelegramApi"]
