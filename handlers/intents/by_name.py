"""Services called by their name and nothing else: 我的预约. A name is not a story, so it may interrupt."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable

from handlers.going_on import take_up
from handlers.intents import book, contest, lists
from handlers.turn import Turn
from handlers.words import plain

NAMES: tuple[tuple[re.Pattern[str], Callable[[Turn], Awaitable[None]]], ...] = (
    (re.compile(r"(?:查看?|看|取消|改)?(?:我)?[预預][约約](?:查[询詢])?"), book.own),
    (
        re.compile(r"(?:我(?:想|要))*(?:参加|參加)?(?:[预預][约約])?(?:你送我[检檢]|(?:免[费費])?快[检檢]|送[检檢])(?:[预預][约約])?"),
        book.show,
    ),
    (re.compile(r"(?:看|查看?)?(?:[竞競][赛賽])?(?:排行榜|排名|名次)|我(?:排|是)?第[几幾]名?|我(?:排)?名次"), contest.leaderboard),
    (re.compile(r"(?:我?想?看|查看?|最新)*(?:餐[饮飲])?(?:[红紅]黑|[红紅]|黑)榜(?:名[单單])?"), lists.show),
)  # fmt: skip


async def called(turn: Turn) -> bool:
    """Answer a message that is the name of a service; a matter being told goes on after it."""
    words = plain(turn.text)
    for name, handler in NAMES:
        if words and name.fullmatch(words):
            await handler(turn)
            await take_up(turn)
            return True
    return False
