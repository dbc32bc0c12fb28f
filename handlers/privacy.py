"""Keeping people out of the words that units read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from handlers.ports import Identity

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_ID_NUMBER = re.compile(r"(?<![\dA-Za-z])[1-9]\d{16}[\dXx](?![\dA-Za-z])")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
HEALTH_MASK = "〔未同意记录健康信息〕"


def mask(text: str, identity: Identity | None = None, also: Iterable[str] = ()) -> str:
    """The text without telephone and id numbers, and without the reporter's own name."""
    masked = _ID_NUMBER.sub("〔证件号已隐去〕", text)
    masked = _PHONE.sub("〔电话已隐去〕", masked)
    masked = _LANDLINE.sub("〔电话已隐去〕", masked)
    own = [identity.name, identity.phone, identity.id_number] if identity else []
    for word in sorted({w for w in [*own, *also] if len(w) > 1}, key=len, reverse=True):
        masked = masked.replace(word, "〔已隐去〕")
    return masked


def mask_health(text: str, words: Iterable[str]) -> str:
    """The text without the spans that speak of somebody's health."""
    for word in sorted(set(words), key=len, reverse=True):
        text = text.replace(word, HEALTH_MASK)
    return text
