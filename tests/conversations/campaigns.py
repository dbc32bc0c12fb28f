"""What the office prepared before a citizen comes: a poll, a testing day, a contest."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta

from handlers.campaigns import contests, polls, testing
from handlers.campaigns.sampling_ports import PollTexts, QuickTestTexts
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


async def quick_test_day(services: Services, capacity: int = 2, days: int = 3) -> int:
    """A session in a few days, from nine to eleven."""
    at = services.clock.now().replace(hour=9, minute=0) + timedelta(days=days)
    texts = QuickTestTexts(
        "三井街道服务中心", at, at + timedelta(hours=2), capacity, "蔬菜、水果、自家腌菜"
    )
    return await testing.open_day(services, XUAN, texts)


async def contest(services: Services, count: int = 3) -> int:
    """A contest that is open for a week."""
    now = services.clock.now()
    closes = now + timedelta(days=7)
    return await contests.open_contest(services, XUAN, "食安知识挑战", now, closes, count)


PREPARED: dict[str, Callable[[Services], Awaitable[int]]] = {
    "poll": poll,
    "testing": quick_test_day,
    "contest": contest,
}
