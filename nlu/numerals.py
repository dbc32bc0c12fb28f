"""Numbers as people write them: 12, 1,200.5, 三百二十五, 两千八, 一万二, 十几."""

from __future__ import annotations

import re
from decimal import Decimal, InvalidOperation

NUMERAL = r"[\d零〇一二两三四五六七八九十百千万俩仨]"
"""A character class for one character of a number, for use in regular expressions."""

_DIGIT = {c: i for i, c in enumerate("零一二三四五六七八九")} | {"〇": 0, "两": 2, "俩": 2, "仨": 3}
_UNIT = {"十": 10, "百": 100, "千": 1_000, "万": 10_000, "亿": 100_000_000}
_BIG = 10_000
_ABOUT = re.compile("一两|两三|三四|四五|五六|六七|七八|八九|三五")
"""Seven or eight: the smaller is certain."""
_ASCII = re.compile(r"\d[\d,]*(?:\.\d+)?")
_MIXED = re.compile(r"(\d+(?:\.\d+)?)([百千万亿])(\d?)")


def number(text: str) -> Decimal | None:
    """The number a text is, or None. A trailing digit counts tenths of its unit: 两千八 = 2800."""
    plain = text.strip()
    if _ASCII.fullmatch(plain):
        return _decimal(plain.replace(",", ""))
    mixed = _MIXED.fullmatch(plain)
    if mixed:
        unit = _UNIT[mixed[2]]
        return Decimal(mixed[1]) * unit + Decimal(mixed[3] or 0) * unit / 10
    return _chinese(plain)


def _decimal(text: str) -> Decimal | None:
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def _chinese(text: str) -> Decimal | None:
    if not text or any(c not in _DIGIT and c not in _UNIT for c in text):
        return None
    if _ABOUT.fullmatch(text):
        return Decimal(_DIGIT[text[0]])
    if len(text) > 1 and not any(c in _UNIT for c in text):
        return Decimal("".join(str(_DIGIT[c]) for c in text))
    return Decimal(_read(text))


def _read(text: str) -> int:
    total = section = digit = 0
    last_unit = 10
    pending = False
    for char in text:
        if char in _DIGIT:
            digit, pending = _DIGIT[char], True
            last_unit = last_unit if digit else 10  # 一百零五: the zero ends the short form
            continue
        unit = _UNIT[char]
        if unit >= _BIG:
            total, section = (total + section + digit) * unit, 0
        else:
            section += (digit if pending else 1) * unit
        digit, pending, last_unit = 0, False, unit
    return total + section + digit * (last_unit // 10)
