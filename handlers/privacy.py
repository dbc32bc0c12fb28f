"""Keeping people out of the words that units read."""

from __future__ import annotations

import re
from collections.abc import Iterable

from handlers.ports import Identity

_PHONE = re.compile(r"(?<!\d)(1[3-9]\d)[ -]?\d{4}[ -]?(\d{4})(?!\d)")
_ID_NUMBER = re.compile(r"(?<![\dA-Za-z])[1-9]\d{16}[\dXx](?![\dA-Za-z])")
_LANDLINE = re.compile(r"(?<!\d)0\d{2,3}-?\d{7,8}(?!\d)")
_HEALTH = re.compile(
    r"上吐下泻|[拉闹]肚|肚子(?:很|好|有点|一直)?[疼痛难不]|腹[泻痛胀]|胃[疼痛难]|[呕嘔]吐|恶心|一直吐|吐了|想吐|头[晕疼痛]|"
    r"发烧|发热|过敏|疹|瘙?痒|红肿|昏[迷倒厥]|抽搐|便血|肠胃?炎|住院|医院|急诊|门诊|挂水|输液|打点滴|看病|看医生|诊断|病历|"
    r"不舒服|難受|难受|生病|中毒|确诊|拉稀|水泻"
)
_CLAUSE_END = re.compile(r"([，,。；;！!？?\n])")
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


def health_words(text: str) -> list[str]:
    """Words of the text that speak of somebody's health."""
    return list(dict.fromkeys(match.group() for match in _HEALTH.finditer(text)))


def mask_health(text: str, words: Iterable[str] = ()) -> str:
    """The text without what it says of somebody's health: from the first such word of a clause on."""
    named = [re.escape(word) for word in words if word]
    pattern = re.compile("|".join(sorted([*named, _HEALTH.pattern], key=len, reverse=True)))
    parts = _CLAUSE_END.split(text)
    return "".join(_up_to(pattern, part) for part in parts)


def _up_to(pattern: re.Pattern[str], clause: str) -> str:
    found = pattern.search(clause)
    return clause[: found.start()] + HEALTH_MASK if found else clause
