from __future__ import annotations

import pytest

from nlu.severity import SeverityRules, build_severity_rules


@pytest.fixture(scope="module")
def rules() -> SeverityRules:
    return build_severity_rules()


@pytest.mark.parametrize(
    "text",
    [
        "昨晚六个人吃饭,四个人上吐下泻",
        "全家五口都拉肚子了",
        "我闺女才五岁,喝了奶茶就呕吐",
        "幼儿园里好多人发烧腹泻",
        "孕34周,吃了三文鱼腹泻",
        "吃完就嘴唇发紫喘不上气",
        "喝了散装白酒眼前一片模糊,现在在抢救",
        "吃野蘑菇火锅后头晕恶心",
        "有人往水缸里倒了老鼠药",
        "隔壁老板说要下毒",
        "吃了凉菜人没了",
        "小龙虾吃完酱油色尿",
    ],
)
def test_urgent(rules: SeverityRules, text: str) -> None:
    floor = rules.floor(text, "report")
    assert floor is not None
    assert floor[0] == "urgent"


@pytest.mark.parametrize("text", ["吃完肚子疼", "吃了两口恶心想吐,后来腹泻"])
def test_one_person_mildly_ill(rules: SeverityRules, text: str) -> None:
    floor = rules.floor(text, "complaint")
    assert floor is not None
    assert floor[0] == "illness"


@pytest.mark.parametrize(
    "text",
    [
        "酸奶过期了,没人生病",
        "如果孩子吃了腹泻怎么办",
        "幸好没有腹泻,孩子也没有呕吐",
        "担心孩子拉肚子,就没敢吃",
        "服务员端菜手指头插汤里",
        "儿童酱油零添加,背面谷氨酸钠排第四",
        "医院住院部一楼的食堂卫生差",
    ],
)
def test_nothing_happened(rules: SeverityRules, text: str) -> None:
    assert rules.floor(text, "complaint") is None


def test_a_general_question_is_not_a_case(rules: SeverityRules) -> None:
    assert rules.floor("孩子腹泻能喝牛奶吗", "ask_tip") is None


def test_a_question_about_a_case_going_on_is(rules: SeverityRules) -> None:
    floor = rules.floor("我爷爷喝了药酒,现在嘴唇发麻,要不要喝绿豆汤", "ask_tip")
    assert floor is not None
    assert floor[0] == "urgent"


def test_the_span_is_the_word(rules: SeverityRules) -> None:
    text = "不好意思打扰了。昨天孩子吃完呕吐,难过"
    floor = rules.floor(text, "report")
    assert floor is not None
    assert text[floor[1] : floor[2]] == "呕吐"
