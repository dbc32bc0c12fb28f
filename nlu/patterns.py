"""Spans that have a shape: times, people, amounts, quantities, phones, order numbers.

The tagger sees these as hints; phones are taken as they are.
"""

from __future__ import annotations

import re
from functools import lru_cache

from nlu.numerals import NUMERAL

_N = NUMERAL


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


_DAY = _any(
    r"大?[前昨今当]天",
    r"[前昨今当明][日儿晚早夜]个?",
    r"昨儿个?|今儿个?|今朝|昨夜|前一?天",
    r"第[一二三四五两]天|次日|隔天",
)
_WEEK = _any(
    r"(?:上上|上个|上|这个|这|本|下)?(?:周|礼拜|星期)[一二三四五六日天末]",
    r"(?:上上|上个|上|这个|这|本)(?:周|礼拜|星期|月)",
)
_MONTH_DAY = rf"{_N}{{1,3}}月(?:份|底|初|中旬|上旬|下旬)?(?:{_N}{{1,3}}[日号])?|{_N}{{1,3}}号"
_DATE = _any(
    rf"(?:\d{{2,4}}年|去年|今年|前年)?(?:{_MONTH_DAY})",
    r"\d{4}[-/.年]\d{1,2}[-/.月]\d{1,2}日?",
    r"\d{1,2}[./]\d{1,2}(?=[日早中晚上下])",
    r"去年|今年|前年",
)
_PART = _any(
    r"凌晨|清晨|清早|大清早|早上|早晨|一早|上午|中午|正午|下午|傍晚",
    r"晚上|半夜|夜里|深夜|后半夜|夜里向|晚间|早|晚",
)
_CLOCK = _any(rf"{_N}{{1,3}}点(?:钟|半|多|左右|{_N}{{1,3}}分?)?", r"\d{1,2}:\d{2}")
_SPAN = _any(r"多?小时|多?钟头|天|分钟|星期|礼拜|月|周")
_AGO = rf"(?:{_N}{{1,4}}|几|半)个?{_SPAN}(?:以?前|之前|后|以后|之后|内|左右)?"
_TIME = _any(
    rf"(?:{_DATE}|{_DAY}|{_WEEK})(?:的?{_PART})?(?:{_CLOCK})?",
    rf"{_PART}{_CLOCK}",
    _PART,
    r"刚才|刚刚|刚",
)
_PERSON = _any(
    r"大人|小孩|孩子|个人|人|口人|口|名学生|个学生|个孩子|个娃|个小孩|名|位",
    r"个同事|个工友|个同学|个客人|个老人|户人家",
)
_WHOLE = _any(r"全家|一家|我们|一桌|全班|一共|总共")
_MANY = rf"{_WHOLE}?(?:(?<!\d)\d{{1,12}}|{_N}{{1,5}}|[几两])多?来?{_PERSON}[里中]?"
_ONES = r"[一二两三四五六七八九十\d]"
_FAMILY = _any(
    rf"{_ONES}大{_ONES}小",
    r"全家[老小上下]*|一家[老小]+|全班|十几个?人|好几个人",
    r"我俩|他俩|我们俩|夫妻俩|母子俩|娘俩|爷俩|仨人",
)
_PHONE = _any(
    r"1[3-9]\d[- ]?\d{4}[- ]?\d{4}", r"0\d{2,3}[- ]?\d{7,8}", r"[48]00[- ]?\d{3}[- ]?\d{4}"
)
_YUAN = _any(r"块钱|元钱|块|元|毛|角|万")
_UNIT = _any(
    r"公斤|千克|毫升|克|kg|g|ml|斤|两|盒|箱|瓶|罐|袋|包|桶|份|个|只|条|件|杯|串|车|吨|盆|锅",
    r"提|板|碗|块",
)

_SHAPES: tuple[tuple[str, str], ...] = (
    ("phone", rf"(?<!\d){_PHONE}(?!\d)"),
    ("order_no", r"(?<![A-Za-z\d])(?:[A-Za-z]{1,4}-?\d{6,24}|\d{12,24})(?![A-Za-z\d])"),
    ("event_time", _TIME),
    ("onset", _AGO),
    ("people", _MANY),
    ("people", _FAMILY),
    ("amount", r"[¥$]\s?\d[\d,.]*"),
    ("amount", rf"{_N}{{1,9}}(?:\.\d+)?[多来]?{_YUAN}(?:{_N}|[多整钱])*"),
    ("quantity", rf"(?:{_N}{{1,6}}|[几两半])(?:\.\d+)?[多来]?{_UNIT}"),
)

_COMPILED = tuple((kind, re.compile(shape)) for kind, shape in _SHAPES)

Match = tuple[str, int, int]
"""A type with start and end."""


@lru_cache(maxsize=8)
def shaped(text: str) -> tuple[Match, ...]:
    """All matches of all shapes in a normalised text; they may overlap."""
    return tuple(
        (kind, match.start(), match.end())
        for kind, shape in _COMPILED
        for match in shape.finditer(text)
    )
