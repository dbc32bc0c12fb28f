"""The staff console: server-rendered pages under /console. Start reading in routes.py."""

from __future__ import annotations

from bot.console.routes import create_console

__all__ = ["create_console"]
