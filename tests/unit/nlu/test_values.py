from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from nlu.numerals import number
from nlu.values import value_of


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("12", "12"),
        ("1,200.5", "1200.5"),
        ("三百二十五", "325"),
        ("两千八", "2800"),
        ("七八", "7"),
        ("一万二", "12000"),
        ("十二", "12"),
        ("一百零五", "105"),
        ("二〇二四", "2024"),
        ("9千8", "9800"),
        ("1.2万", "12000"),
        ("三十", "30"),
        ("九千八百", "9800"),
        ("二十万", "200000"),
        ("一百五", "150"),
        ("两万三千五", "23500"),
        ("俩", "2"),
    ],
)
def test_numbers(text: str, expected: str) -> None:
    assert number(text) == Decimal(expected)


@pytest.mark.parametrize("text", ["", "十几", "好多", "几", "1.2.3", "百家姓"])
def test_not_numbers(text: str) -> None:
    assert number(text) is None


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("people", "两大一小", "3"),
        ("people", "全家五口", "5"),
        ("people", "一家三口", "3"),
        ("people", "三个人", "3"),
        ("people", "我们俩", "2"),
        ("people", "夫妻俩", "2"),
        ("people", "12名学生", "12"),
        ("people", "十几个人", None),
        ("people", "全班", None),
        ("people", "三十多个", "30"),
        ("amount", "268元", "268"),
        ("amount", "¥19.9", "19.9"),
        ("amount", "三百四", "340"),
        ("amount", "六千六百元", "6600"),
        ("amount", "三百二十五块五", "325.5"),
        ("amount", "1.2万", "12000"),
        ("amount", "一万二", "12000"),
        ("amount", "八千", "8000"),
        ("amount", "3万元", "30000"),
        ("amount", "十几块", None),
        ("amount", "1,980元", "1980"),
        ("quantity", "六盒", "6"),
        ("quantity", "半斤", "0.5"),
        ("quantity", "2.5公斤", "2.5"),
        ("quantity", "几箱", None),
        ("phone", "138-1234 5678", "13812345678"),
        ("phone", "0519-85127700", "051985127700"),
        ("order_no", "XB-20261103", "XB20261103"),
        ("merchant", "赵记砂锅", None),
        ("symptom", "腹泻", None),
    ],
)
def test_values(kind: str, text: str, expected: str | None, now: datetime) -> None:
    assert value_of(kind, text, now) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("昨天", "2026-11-22"),
        ("昨晚", "2026-11-22T19:00:00+08:00"),
        ("昨天中午", "2026-11-22T12:00:00+08:00"),
        ("昨天中午12点半", "2026-11-22T12:30:00+08:00"),
        ("今天下午三点", "2026-11-23T15:00:00+08:00"),
        ("前天晚上八点", "2026-11-21T20:00:00+08:00"),
        ("上周五晚上", "2026-11-20T19:00:00+08:00"),
        ("上周五", "2026-11-20"),
        ("上上周一", "2026-11-09"),
        ("周五", "2026-11-20"),
        ("这周一", "2026-11-23"),
        ("11月2号", "2026-11-02"),
        ("12月31日", "2025-12-31"),
        ("2026年3月2日", "2026-03-02"),
        ("2026-03-02", "2026-03-02"),
        ("去年十月五号", "2025-10-05"),
        ("十一月二十号上午九点", "2026-11-20T09:00:00+08:00"),
        ("三天前", "2026-11-20"),
        ("两个小时前", "2026-11-23T10:00:00+08:00"),
        ("两小时", "PT2H"),
        ("半个小时", "PT30M"),
        ("半小时后", "PT30M"),
        ("三天", "P3D"),
        ("14:20", "2026-11-23T14:20:00+08:00"),
        ("25号", "2026-10-25"),
        ("2月30号", None),
        ("过年的时候", None),
        ("", None),
    ],
)
def test_times(text: str, expected: str | None, now: datetime) -> None:
    assert value_of("event_time", text, now) == expected


def test_times_count_from_shanghai() -> None:
    late = datetime(2026, 11, 22, 17, 0, tzinfo=UTC)  # one in the morning of the 23rd there
    assert value_of("event_time", "昨天", late) == "2026-11-22"
