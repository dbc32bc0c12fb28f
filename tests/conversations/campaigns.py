"""What the office prepared before a citizen comes: a poll."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from handlers.campaigns import polls
from handlers.campaigns.sampling_ports import PollTexts
from handlers.ports import Staff
from handlers.services import Services

XUAN = Staff("xuan", "宣", "publicist", "shian")
LIN = Staff("lin", "林", "reviewer", "shian")


async def poll(services: Services, title: str = "十一月你点我检", **more: object) -> int:
    """A poll that is open for a week."""
    now = services.clock.now()
    made = {
        "title": title,
        "opens_at": now,
        "closes_at": now + timedelta(days=7),
        "products": ("豆芽", "猪肉", "草莓"),
        "items": ("农药残留", "兽药残留"),
        "places": ("菜市场", "超市"),
        "samples": 6,
        "repeat": "once",
    }
    texts = PollTexts(**{**made, **more})  # type: ignore[arg-type]
    poll_id = await polls.write(services, XUAN, texts)
    await polls.announce(services, XUAN, poll_id)
    return poll_id


PREPARED: dict[str, Callable[[Services], Awaitable[int]]] = {"poll": poll}
