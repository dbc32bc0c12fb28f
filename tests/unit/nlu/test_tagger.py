from __future__ import annotations

from nlu.reading import Reading
from nlu.tagger import Tagger, spans_of, tags_of
from nlu.tagger_fit import fit_tagger


def test_spans_and_tags_are_inverse() -> None:
    spans = [("food", 0, 2), ("food", 2, 3), ("merchant", 4, 7)]
    assert spans_of(tags_of(spans, 8)) == spans


def test_learns_what_it_is_shown(reading: Reading) -> None:
    shops = ["王记", "李记", "张记", "刘记", "陈记"]
    foods = ["烧鸡", "豆腐", "凉面", "酸奶", "面包"]
    texts = [f"我在{shop}买{food}坏了" for shop in shops for food in foods]
    rows = [reading.tagging.rows(text) for text in texts]
    tags = [tags_of([("merchant", 2, 4), ("food", 5, 7)], len(text)) for text in texts]
    tagger = Tagger(fit_tagger(rows, tags))
    assert tagger.spans(reading.tagging.rows("我在赵记买烧鸡坏了")) == [
        ("merchant", 2, 4),
        ("food", 5, 7),
    ]
    assert tagger.spans([]) == []
