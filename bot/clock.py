"""The wall clock, in the zone citizens and the law live by."""

from __future__ import annotations

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

SHANGHAI = ZoneInfo("Asia/Shanghai")


class WallClock:
    """The real time."""

    def now(self) -> datetime:
        return datetime.now(SHANGHAI)


class SetClock:
    """A clock that stands where it was put; for conversations that wait for days."""

    def __init__(self, at: datetime) -> None:
        self.at = at

    def now(self) -> datetime:
        return self.at

    def advance(self, by: timedelta) -> None:
        """Let time pass."""
        self.at += by
