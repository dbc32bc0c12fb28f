"""The normalised value of an entity: what a form or a database wants."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from datetime import datetime
from decimal import Decimal
from types import MappingProxyType

from nlu.numerals import NUMERAL, number
from nlu.timespans import time_value

_AMOUNT = re.compile(
    rf"(\d[\d,]*(?:\.\d+)?|{NUMERAL}+)[多来余]?([万千百])?\s*(?:[块元]({NUMERAL})?)?"
)
_NUMBERS = re.compile(rf"\d[\d,]*(?:\.\d+)?|{NUMERAL}+")
_NOT_COUNTED = re.compile(r"一家|一共|一桌")
_FAMILY = re.compile(rf"({NUMERAL}+)大({NUMERAL}+)小")
_PAIR = re.compile(r"俩|夫妻|母子|父子|母女|父女")
_SCALE = {"万": 10_000, "千": 1_000, "百": 100, None: 1}
_NOT_ALNUM = re.compile(r"[^0-9A-Za-z]")
_APPROXIMATE_TENS = re.compile(r"十几|几十|几百|上百|好几")

Rule = Callable[[str, datetime], str | None]


def value_of(kind: str, text: str, now: datetime) -> str | None:
    """Value of a normalised entity text; None where the words give none.

    Phones and order numbers become digits and letters, amounts yuan, quantities and people
    plain numbers, times ISO 8601 in Asia/Shanghai as seen from `now`.
    """
    rule = _RULES.get(kind)
    return rule(text, now) if rule else None


def _phone(text: str, _: datetime) -> str | None:
    return re.sub(r"\D", "", text) or None


def _order(text: str, _: datetime) -> str | None:
    return _NOT_ALNUM.sub("", text) or None


def _amount(text: str, _: datetime) -> str | None:
    found = _AMOUNT.search(text)
    if not found or _APPROXIMATE_TENS.search(text):
        return None
    value = number(found[1])
    if value is None:
        return None
    value *= _SCALE[found[2]]
    if found[3]:  # 三百二十五块五: the digit after 块 counts tenths
        value += (number(found[3]) or Decimal(0)) / 10
    return _plain(value)


def _people(text: str, _: datetime) -> str | None:
    family = _FAMILY.search(text)
    if family:
        parts = [number(family[1]), number(family[2])]
        return _plain(sum((part for part in parts if part is not None), Decimal(0)))
    if _APPROXIMATE_TENS.search(text):
        return None
    return _first_number(text) or ("2" if _PAIR.search(text) else None)


def _quantity(text: str, _: datetime) -> str | None:
    if text.startswith("半"):
        return "0.5"
    return None if _APPROXIMATE_TENS.search(text) else _first_number(text)


def _first_number(text: str) -> str | None:
    counted = _NOT_COUNTED.sub("", text)
    candidates = (number(match[0]) for match in _NUMBERS.finditer(counted))
    found = next((value for value in candidates if value is not None), None)
    return None if found is None else _plain(found)


def _plain(value: Decimal) -> str:
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


_RULES: Mapping[str, Rule] = MappingProxyType(
    {
        "phone": _phone,
        "order_no": _order,
        "amount": _amount,
        "people": _people,
        "quantity": _quantity,
        "event_time": time_value,
        "onset": time_value,
        "batch": time_value,
    }
)
