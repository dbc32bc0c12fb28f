"""Who fell ill, as the words of a message say it; never guessed from anything else."""

from __future__ import annotations

import re

CHILD = "孩子"
_PATIENTS: tuple[tuple[str, re.Pattern[str]], ...] = (
    (CHILD, re.compile(r"儿子|女儿|兒子|女兒|孩子|宝宝|小孩|娃|孙子|孙女|外孙")),
    (
        "其他人",
        re.compile(
            r"很多人|大家|同学|同事|工友|学生们|别人|客人|其他人|好几个人|[2-9\d]\d*个人都|全班|全家"
        ),
    ),
    (
        "家人",
        re.compile(
            r"我(?:的)?(?:妈|爸|爷|奶|外公|外婆|老公|老婆|爱人|丈夫|妻子|哥|弟|姐|妹|岳|公公|婆婆|對象|对象)|家人|家里(?:人|大人|老人)"
        ),
    ),
    ("本人", re.compile(r"我(?:自己|本人|就是)|^(?:我|本人|自己)[，。！!]?$|就我(?:一个|自己)")),
)


def patient_in(text: str) -> str | None:
    """本人, 家人, 孩子 or 其他人; None when the words do not say."""
    return next((who for who, pattern in _PATIENTS if pattern.search(text)), None)
