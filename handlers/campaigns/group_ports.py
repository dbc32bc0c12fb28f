"""What subscriptions of chat groups need from outside."""

from __future__ import annotations

from datetime import datetime
from typing import Protocol


class Groups(Protocol):
    """Chat groups that subscribed: rows of citizens whose address is a group's."""

    async def find(self, channel: str, address: str) -> int | None:
        """The id of a group that ever subscribed; locks it until the end of the transaction."""
        ...

    async def move(self, group_id: int, address: str) -> None:
        """The group has another address from now on."""
        ...

    async def agreed(
        self, group_id: int, by: int | None, why: str, at: datetime, *, granted: bool
    ) -> None:
        """Note who subscribed it, or ended that (None: the group let us go), and how."""
        ...
