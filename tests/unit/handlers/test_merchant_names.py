"""Names of businesses, folded and compared."""

from __future__ import annotations

from time import perf_counter

import pytest

from handlers.tickets.merchant_names import ALIKE, SAME, compare, fold, key


@pytest.mark.parametrize(
    ("name", "core", "branch"),
    [
        ("老王烧烤", "老王", ""),
        ("老王烧烤店（人民路店）", "老王", "人民路"),
        ("老王烧烤店(人民路店)", "老王", "人民路"),
        ("人民路的老王烧烤", "老王", ""),
        ("常州市新北区老王餐饮管理有限公司", "老王", ""),
        ("蜜雪冰城万达店", "蜜雪冰城", "万达"),
        ("麦当劳解放东路店", "麦当劳", "解放东路"),
        ("鲜丰汇超市滨江店", "鲜丰汇", "滨江"),
        ("惠民超市人民路店", "惠民", "人民路"),
        ("鼎香樓", "鼎香", ""),
        ("ＫＦＣ（吾悦广场店）", "kfc", "吾悦广场"),
        ("福鲜农贸市场", "福鲜", ""),
        ("新北区实验小学食堂", "实验小学", ""),
        ("老乡鸡餐厅", "老乡鸡", ""),
        ("李记", "李记", ""),
    ],
)
def test_a_name_is_folded(name: str, core: str, branch: str) -> None:
    assert (fold(name).core, fold(name).branch) == (core, branch)


@pytest.mark.parametrize(
    "name",
    [
        *"那家店 学校食堂 一家饭店 小区门口水果店 楼下便利店 火锅店 菜市场 猪肉摊 超市 美团".split(),
        *("淘宝网店", "早餐摊", "路边小摊", "", " ", "（）", "?!"),
    ],
)
def test_what_names_nobody_has_no_key(name: str) -> None:
    assert key(name) == ""
    assert compare(name, "老王烧烤").score == 0
    assert compare(name, name).score == 0


def test_a_key_is_one_for_all_spellings() -> None:
    assert {key(name) for name in ("老王烧烤", "老王烧烤店（人民路店）", "新北区 老王·烧烤")} == {
        "老王"
    }


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("老王烧烤", "老王烧烤店(人民路店)", "same_core"),
        ("鼎香樓", "鼎香楼", "same_core"),
        ("江苏恒源食品有限公司", "恒源食品", "contained"),
        ("老王烧烤", "老王烧烤小龙虾", "contained"),
        ("香满园", "香满圆", "one_character"),
        ("江南机械厂", "江南机械厂食堂", "same_core"),
    ],
)
def test_names_that_may_be_one_are_suggested_with_the_reason(
    first: str, second: str, code: str
) -> None:
    found = compare(first, second)
    assert found.score >= ALIKE and found.reasons[0][0] == code
    assert compare(second, first).score == found.score


@pytest.mark.parametrize(
    ("first", "second", "code"),
    [
        ("蜜雪冰城（万达店）", "蜜雪冰城（人民路店）", "other_branch"),
        ("老王烧烤", "老王面馆", "other_trade"),
        ("金穗食品厂", "金穗超市", "other_trade"),
    ],
)
def test_another_branch_or_trade_is_another_subject(first: str, second: str, code: str) -> None:
    found = compare(first, second)
    assert found.score < ALIKE and found.reasons[1][0] == code


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("老王烧烤", "老李烧烤"),
        ("第一小学", "第二小学"),
        ("城东小学", "城西小学"),
        ("三中", "四中"),
    ],
)
def test_a_character_that_tells_people_apart_is_no_slip(first: str, second: str) -> None:
    assert compare(first, second).score == 0


def test_another_district_makes_it_less_likely() -> None:
    near, far = compare("新北区惠民超市", "惠民超市"), compare("新北区惠民超市", "武进区惠民超市")
    assert near.score >= SAME > far.score


def test_the_same_branch_makes_it_more_likely() -> None:
    same = compare("老王烧烤（人民路店）", "老王烧烤店（人民路店）")
    assert same.score > compare("老王烧烤", "老王烧烤店（人民路店）").score
    assert "same_branch" in dict(same.reasons)


def test_a_name_made_to_be_slow_is_not() -> None:
    started = perf_counter()
    for hard in ("面店" * 5000 + "啊", "小区" * 5000, "路" * 9000, "（" * 9000):
        key(hard)
    assert perf_counter() - started < 0.5
