"""The small closed word lists of the dialog."""

from __future__ import annotations

import pytest

from handlers.patients import patient_in
from handlers.words import (
    UNKNOWN,
    agreement_in,
    child_is_speaking,
    demands_in,
    is_one_of,
    is_traditional,
    wants_to_cancel,
)


@pytest.mark.parametrize(
    "text",
    [
        "同意",
        "同意登记",
        "我同意。",
        "可以的",
        "好的",
        "好吧",
        "愿意",
        "没问题",
        "行吧",
        "要",
        "登记吧",
        "我是他妈妈，同意",
    ],
)
def test_agreement(text: str) -> None:
    assert agreement_in(text) is True


@pytest.mark.parametrize(
    "text",
    [
        "不同意",
        "不同意，匿名吧",
        "不行",
        "不想说",
        "不要",
        "拒绝",
        "算了",
        "我不愿意",
        "不",
        "不太方便",
        "匿名",
    ],
)
def test_refusal(text: str) -> None:
    assert agreement_in(text) is False


@pytest.mark.parametrize(
    "text",
    [
        "凭什么要我的信息",
        "同意了会怎么样？",
        "张伟",
        "13900001111",
        "没有",
        "昨天中午",
        "安全吗",
        "",
    ],
)
def test_neither_agreement_nor_refusal(text: str) -> None:
    assert agreement_in(text) is None


@pytest.mark.parametrize(
    "text",
    [
        "取消",
        "算了",
        "算了不投诉了",
        "不投诉了",
        "我不想举报了",
        "那算了，先不弄了",
        "我还是不投诉了吧",
        "/cancel",
        "没事了",
    ],
)
def test_cancelling(text: str) -> None:
    assert wants_to_cancel(text)


@pytest.mark.parametrize(
    "text",
    [
        "不投诉就没人管吗",
        "我不是要投诉你们",
        "取消订单也不退钱",
        "不想再吃他家了",
        "不是投诉，就问问",
    ],
)
def test_not_cancelling(text: str) -> None:
    assert not wants_to_cancel(text)


@pytest.mark.parametrize(
    "text", ["不知道", "不知道啊", "忘了", "记不清了。", "唔知道", "跳过", "不清楚呢"]
)
def test_not_knowing(text: str) -> None:
    assert is_one_of(text, UNKNOWN)


@pytest.mark.parametrize(
    ("text", "demand"),
    [
        ("要求退款", "退款"),
        ("把钱退给我", "退款"),
        ("退一赔十", "退款、赔偿损失"),
        ("賠我醫藥費", "赔偿损失"),
        ("让他们赔礼道歉", "道歉"),
        ("换货就行", "更换"),
        ("退货退款", "退款、退货"),
        ("面包发霉了", None),
    ],
)
def test_demands(text: str, demand: str | None) -> None:
    assert demands_in(text) == demand


@pytest.mark.parametrize(
    ("text", "child"),
    [
        ("我12岁", True),
        ("我今年13岁", True),
        ("我十一岁了", True),
        ("我是小学生", True),
        ("我上三年级", True),
        ("我14岁", False),
        ("我今年35岁", False),
        ("我二十岁", False),
        ("我5岁的儿子吐了", False),
        ("我儿子12岁", False),
    ],
)
def test_child_speaking(text: str, child: bool) -> None:
    assert child_is_speaking(text) is child


@pytest.mark.parametrize(
    ("text", "who"),
    [
        ("我儿子吐了", "孩子"),
        ("宝宝拉肚子", "孩子"),
        ("我妈吃了野蘑菇", "家人"),
        ("我老公昏迷了", "家人"),
        ("我本人", "本人"),
        ("很多人", "其他人"),
        ("8个人都上吐下泻", "其他人"),
        ("面包发霉了", None),
    ],
)
def test_patients(text: str, who: str | None) -> None:
    assert patient_in(text) == who


@pytest.mark.parametrize(
    ("text", "traditional"),
    [
        ("我舉報城南市場有個檔口賣注水豬肉", True),
        ("這家餐廳的湯裡有蟲", True),
        ("我举报城南市场有个档口卖注水猪肉", False),
        ("東街口的老面馆", False),  # one character may be a name
        ("", False),
    ],
)
def test_the_script_a_citizen_writes(text: str, traditional: bool) -> None:
    assert is_traditional(text) is traditional
