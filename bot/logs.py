"""Logs: one line an event, to stderr, with telephone and id numbers masked."""

from __future__ import annotations

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import structlog

from handlers.privacy import mask


def configure(level: str = "INFO") -> None:
    """Send log lines to stderr: JSON when it is not a terminal."""
    plain = structlog.processors.JSONRenderer(ensure_ascii=False)
    renderer: Any = structlog.dev.ConsoleRenderer() if sys.stderr.isatty() else plain
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.format_exc_info,
            masked,
            renderer,
        ],
        wrapper_class=structlog.make_filtering_bound_logger(getattr(logging, level)),
        logger_factory=structlog.PrintLoggerFactory(file=sys.stderr),
    )


def masked(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Hide telephone and id numbers in every text of a log line."""
    return {key: mask(value) if isinstance(value, str) else value for key, value in event.items()}
