"""Nobody's number, name or health in what units read."""

from __future__ import annotations

import pytest

from handlers.ports import Identity
from handlers.privacy import HEALTH_MASK, health_words, mask, mask_health


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("打13812345678", "13812345678"),
        ("打138 1234 5678", "1234 5678"),
        ("打138-1234-5678", "1234-5678"),
        ("身份证320411199001011234", "320411199001011234"),
        ("身份证32041119900101123X", "32041119900101123X"),
        ("座机0519-85123456", "85123456"),
        ("座机051985123456", "85123456"),
    ],
)
def test_numbers_are_masked(text: str, hidden: str) -> None:
    assert hidden not in mask(text)


@pytest.mark.parametrize(
    "text", ["订单号123456789012", "花了268元", "批号20261101", "条码6901234567892", "12315"]
)
def test_other_numbers_stay(text: str) -> None:
    assert mask(text) == text


def test_own_name_is_masked() -> None:
    assert mask("我是王丽，王丽投诉", Identity(name="王丽")) == "我是〔已隐去〕，〔已隐去〕投诉"
    assert mask("老李饭店", also=["李"]) == "老李饭店"  # one character would blot out half the text


def test_health_goes_from_its_first_word_to_the_end_of_the_clause() -> None:
    text = "昨天在好运来吃完饺子我过敏起了疹子，去医院挂水花了300元，要求退款"
    assert mask_health(text) == f"昨天在好运来吃完饺子我{HEALTH_MASK}，去{HEALTH_MASK}，要求退款"
    assert mask_health("吃完眼前发黑，要求退款", ["眼前发黑"]) == f"吃完{HEALTH_MASK}，要求退款"
    assert health_words("面包发霉了，要求退款") == []
