from __future__ import annotations

from collections.abc import Sequence
from io import StringIO
from pathlib import Path

import pytest

from bot.nlu_benchmark import Order, run
from nlu.evaluation.benchmark import Answers, cross_validated, learn_locally, on_split
from nlu.evaluation.overlap import groups, near_pairs
from nlu.evaluation.tables import Row, TableError, read_rows, read_tagged

FOODS = ["烧鸡", "豆腐", "凉面", "酸奶", "面包", "饺子", "海带", "米粉"]
ROADS = ["路灯", "井盖", "站牌", "斑马线", "路沿", "护栏", "红绿灯", "公交站"]
ROWS = [Row("food", f"{name}已经馊了不能吃") for name in FOODS] + [
    Row("road", f"{name}坏了半年没人修") for name in ROADS
]


def test_learns_and_answers_with_a_probability() -> None:
    answers = learn_locally(ROWS, ["鸡腿馊了不能吃", "路牌坏了没人修"])
    assert [label for label, _ in answers] == ["food", "road"]
    assert all(0.5 < chance <= 1 for _, chance in answers)


def test_every_row_is_answered_by_a_model_that_has_not_seen_it() -> None:
    asked: list[str] = []

    def learn(rows: Sequence[Row], texts: Sequence[str]) -> Answers:
        assert not {row.text for row in rows} & set(texts)
        asked.extend(texts)
        return [("food", 1.0) for _ in texts]

    result = cross_validated(ROWS, 4, learn, grouped=False, progress=lambda _: None)
    assert sorted(asked) == sorted(row.text for row in ROWS)
    assert result.score.accuracy == pytest.approx(0.5)


def test_near_duplicates_stay_in_one_fold() -> None:
    texts = [
        "这家店的牛肉面里吃出来一只苍蝇",
        "这家店的牛肉面里吃出来一只苍蝇！",
        "楼下太吵了睡不着",
    ]
    assert [(a, b) for a, b, _ in near_pairs(texts)] == [(0, 1)]
    labels = groups(texts)
    assert labels[0] == labels[1] != labels[2]


def test_a_split_is_scored_on_the_test_rows_only() -> None:
    result = on_split(ROWS, [Row("food", "馊了")], lambda _, texts: [("road", 0.9)] * len(texts))
    assert (result.rows, result.tested, result.score.accuracy) == (len(ROWS), 1, 0.0)


@pytest.mark.parametrize(
    ("content", "complaint"),
    [("label\ttext\nfood 没有制表符\n", "2"), ("label\ttext\n", "no rows"), ("", "no rows")],
)
def test_a_bad_table_is_named_with_its_line(tmp_path: Path, content: str, complaint: str) -> None:
    file = tmp_path / "rows.tsv"
    file.write_text(content, encoding="utf-8")
    with pytest.raises(TableError, match=complaint):
        read_rows(file)


def test_cells_of_several_characters_become_several_tags(tmp_path: Path) -> None:
    file = tmp_path / "a.bio"
    file.write_text("海 B-road\n路 I-road\n602 B-no\n号 I-no\n\n好 O\n", encoding="utf-8")
    first, second = read_tagged(file)
    assert first.text == "海路602号"
    assert first.tags == ("B-road", "I-road", "B-no", "I-no", "I-no", "I-no")
    assert second.tags == ("O",)


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (Order(Path("a"), None, None, False, "local", "classify"), 2),
        (Order(Path("a"), None, 5, False, "bert", "classify"), 2),
        (Order(Path("a"), None, 5, False, "local", "tag"), 2),
        (Order(Path("a"), None, 5, False, "local", "guess"), 2),
        (Order(Path("missing.tsv"), None, 5, False, "local", "classify"), 1),
    ],
)
def test_wrong_orders_say_so(order: Order, code: int, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(order, StringIO()) == code
    assert capsys.readouterr().err.strip()
