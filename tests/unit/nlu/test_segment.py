from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from nlu.lexicon import load_lexicon, parse_lexicon
from nlu.segment import build_segmenter

SEGMENTER = build_segmenter(load_lexicon().terms())


def test_lexicon_terms_are_words() -> None:
    words = [word for word, _, _ in SEGMENTER.words("在黑作坊里用吊白块做腐竹")]
    assert {"黑作坊", "吊白块", "腐竹"} <= set(words)


@given(st.text(max_size=60))
def test_words_cover_the_text(text: str) -> None:
    words = SEGMENTER.words(text)
    assert "".join(word for word, _, _ in words) == text
    assert all(text[start:end] == word for word, start, end in words)


def test_the_lexicon_is_large_enough_and_every_line_has_a_tag() -> None:
    assert len(load_lexicon().terms()) >= 400


def test_a_longer_term_hides_the_shorter_one_in_it() -> None:
    lexicon = parse_lexicon("奶 product.dairy\n奶茶 product.beverage\n")
    assert list(lexicon.hits("买奶茶")) == [("product.beverage", 1, 3)]
