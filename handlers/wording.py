"""Red lines of law.md §11, for everything a citizen reads: bot phrases and officers' replies."""

from __future__ import annotations

import re

from handlers.errors import ForbiddenWording

FORBIDDEN: tuple[tuple[str, re.Pattern[str]], ...] = (
    (
        "废止的《暂行办法》或旧时限",
        re.compile(r"处理暂行办法|45个工作日|四十五个工作日|(?<![\d十])5个工作日[^。]{0,8}立案"),
    ),
    (
        "承诺结果、金额或奖励",
        re.compile(
            r"包(?:给|您|你|大家)*(?:赔|退款|退钱|满意)"  # 包 alone is also bread
            r"|(?<!不)(?:保证|承诺|一定|肯定|必定)(?:能|会|给|让|把|为)?[^。，]{0,8}"
            r"(?:赔|退款|退钱|奖励|奖金|处罚|罚款|办结|满意)"
        ),
    ),
    ("给市民定性", re.compile(r"职业打假|恶意(?:投诉|举报)|无理取闹|刁民|打假人")),
    (
        "推断病因",
        re.compile(r"(?:病因|原因|肯定|确定|就)是(?:由)?[^。，]{0,12}(?:中毒|感染|引起|导致|造成)"),
    ),
)
BOT_ONLY: tuple[tuple[str, re.Pattern[str]], ...] = (
    ("机器人宣称已受理", re.compile(r"(?:我们|已经|已|予以|正式)受理(?!后)")),
)


def findings(text: str, *, from_bot: bool = False) -> list[str]:
    """Names of the red lines a text crosses; empty when it is fit to send."""
    rules = (*FORBIDDEN, *BOT_ONLY) if from_bot else FORBIDDEN
    return [name for name, pattern in rules if pattern.search(text)]


def check(text: str) -> None:
    """Raise ForbiddenWording when an officer's text crosses a red line."""
    found = findings(text)
    if found:
        raise ForbiddenWording(found="、".join(found))
