from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nlu.normalise import LENGTH_LIMIT, Normalised, Normaliser

NORMALISER = Normaliser()
MIXED = st.text(
    alphabet=st.one_of(
        st.sampled_from(
            "請問這裡乾淨髮發後麵ＡＢ１２３，．！\u200b\u200e\u202e\ufeff\u00ad\x00\n\t　😭👨‍👩‍👧①㎏…"
        ),
        st.characters(),
        st.characters(categories=["Cs"]),
    ),
    max_size=80,
)


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ("請問這間餐廳乾淨嗎", "请问这间餐厅干净吗"),
        ("ＡＢＣ１２３", "ABC123"),
        ("投\u200b诉", "投诉"),
        ("\u202e举报\u202c", "举报"),
        ("太差了！！！！！！！", "太差了!!!"),
        ("电话13800000000", "电话13800000000"),
        ("哈哈哈哈哈哈", "哈哈哈"),
        ("a　　  b", "a b"),
        ("\ud83d\ude00好", "😀好"),
        ("\ud83d好\ude00", "好"),
        ("①㎏", "1kg"),
        ("", ""),
    ],
)
def test_one_spelling(sent: str, expected: str) -> None:
    assert NORMALISER.normalise(sent).text == expected


@given(MIXED)
def test_offsets_stay_inside_and_in_order(text: str) -> None:
    result = NORMALISER.normalise(text)
    assert len(result.starts) == len(result.ends) == len(result.text)
    assert list(result.starts) == sorted(result.starts)
    assert all(0 <= a < b <= len(text) for a, b in zip(result.starts, result.ends, strict=True))


@given(MIXED)
def test_every_character_maps_back_to_what_it_was_made_of(text: str) -> None:
    result = NORMALISER.normalise(text)
    for i in range(len(result.text)):
        start, end = result.span(i, i + 1)
        again = NORMALISER.normalise(text[start:end]).text
        assert again == "" or len(again) >= 1
        assert result.locate(start, end) is not None


@given(st.text(alphabet="请問在王記店買１２斤魚ABC。\u200b", max_size=40), st.data())
def test_a_span_of_the_original_survives_the_round_trip(text: str, data: st.DataObject) -> None:
    result = NORMALISER.normalise(text)
    if not result.text:
        return
    start = data.draw(st.integers(0, len(result.text) - 1))
    end = data.draw(st.integers(start + 1, len(result.text)))
    assert result.locate(*result.span(start, end)) == (start, end)


@given(st.text(alphabet=st.characters(), max_size=200))
def test_nothing_raises(text: str) -> None:
    assert isinstance(NORMALISER.normalise(text), Normalised)


def test_a_long_letter_keeps_both_ends() -> None:
    letter = "开头" + "甲乙" * 5_000 + "要求退款"
    result = NORMALISER.normalise(letter)
    assert len(result.text) <= LENGTH_LIMIT
    assert result.text.startswith("开头")
    assert result.text.endswith("要求退款")
    start, end = result.span(len(result.text) - 4, len(result.text))
    assert letter[start:end] == "要求退款"


def test_an_empty_span_is_refused() -> None:
    with pytest.raises(IndexError):
        NORMALISER.normalise("投诉").span(1, 1)


def test_a_converter_that_changes_the_length_is_used_character_by_character() -> None:
    doubling = Normaliser(lambda text: text * 2 if len(text) > 1 else "甲")
    assert doubling.normalise("一二三").text == "甲甲甲"
