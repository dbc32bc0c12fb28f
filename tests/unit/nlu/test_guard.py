"""What resembles a held-out sentence is not learned."""

from __future__ import annotations

import pytest

from nlu.evaluation.guard import HeldOutGuard

HELD_OUT = (
    "美团点的烤冷面，送来袋子敞着口，连个封签都没有，酱还洒了一半！！联系商家不回，退钱！",
    "你们几点下班",
)


@pytest.mark.parametrize(
    "text",
    [
        HELD_OUT[0],
        "美團點的烤冷麵，送來袋子敞著口，連個封簽都沒有，醬還灑了一半，聯繫商家不回，退錢",
        "美团点的烤冷面送来袋子敞着口连个封签都没有酱还洒了大半联系商家没人回退钱",
        "您好。" + HELD_OUT[0] + "订单号8837，昨天晚上八点多下的单。",
        "送来袋子敞着口，连个封签都没有，酱还洒了一半",
        "你们几点下班？",
    ],
)
def test_refused(text: str) -> None:
    assert HeldOutGuard(HELD_OUT).refuses(text)


@pytest.mark.parametrize(
    "text",
    [
        "饿了么点的酸辣粉，封签破了，汤洒了一袋子，商家说是骑手的事，我要退款",
        "你们几点上班，周末开不开门",
        "退钱！",
        "",
        "？？？",
    ],
)
def test_allowed(text: str) -> None:
    assert not HeldOutGuard(HELD_OUT).refuses(text)


def test_an_empty_examination_refuses_nothing() -> None:
    assert not HeldOutGuard([]).refuses(HELD_OUT[0])
