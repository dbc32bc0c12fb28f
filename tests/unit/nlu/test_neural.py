from __future__ import annotations

import numpy as np
import pytest

from nlu.classify_fit import network, several, single
from nlu.eight_bits import EightBits
from nlu.neural import MARGIN, WIDTHS, Network, convolve, pad, starts
from nlu.reading import Reading
from nlu.vectors import Located, WordVectors, load_vectors, packed


def tiny(seed: int = 3, size: int = 4, count: int = 5, labels: int = 2) -> Network:
    random = np.random.default_rng(seed)
    hidden = count * len(WIDTHS)
    return Network(
        random.standard_normal((size, count * sum(WIDTHS))).astype(np.float32),
        random.standard_normal(hidden).astype(np.float32),
        random.standard_normal((hidden + size, labels)).astype(np.float32),
        np.zeros(labels, dtype=np.float32),
    )


def test_a_filter_answers_with_its_loudest_place() -> None:
    net, words = tiny(), np.random.default_rng(1).standard_normal((6, 4)).astype(np.float32)
    padded = pad(words)
    peaks, places = convolve(padded[None], net.filters, net.count)
    for number, (width, first) in enumerate(starts(net.count)):
        for filter_ in range(net.count):
            parts = [net.filters[:, first + s * net.count + filter_] for s in range(width)]
            answers = [
                sum(padded[at + step] @ part for step, part in enumerate(parts))
                for at in range(len(padded) - width + 1)
            ]
            column = number * net.count + filter_
            assert peaks[0, column] == pytest.approx(max(answers), abs=1e-4)
            assert places[0, column] == int(np.argmax(answers))


@pytest.mark.parametrize("length", [0, 1, 2, 7])
def test_reads_texts_of_any_length_and_names_its_words(length: int) -> None:
    net = tiny()
    words = np.ones((length, 4), dtype=np.float32)
    heard = net.read(words)
    located = Located(list(range(length)), [(i, i + 1) for i in range(length)])
    assert np.isfinite(net.scores(heard)).all()
    assert len(heard.by_word(net.head[:, :1], located)) == length
    assert heard.places.max() < len(pad(words))
    assert MARGIN + length <= len(pad(words))


def test_learns_what_a_word_means_and_forgets_which_one_said_it(reading: Reading) -> None:
    """`炸鸡` and `烤鸭` never occur in training; their neighbours in meaning do."""
    foods, places = ["烧鸡", "牛肉", "包子", "豆腐"], ["北京", "上海", "广州", "成都"]
    texts = [f"我说的是{word}" for word in (*foods, *places)] * 30
    gold = (["food"] * 4 + ["place"] * 4) * 30
    rows = [reading.located(text).rows for text in texts]
    trained = network(rows, [single("kind", gold)])
    vectors = load_vectors()
    for text, column in (("我说的是烤鸭", 0), ("我说的是杭州", 1)):
        scores = trained.scores(trained.read(vectors.of(reading.located(text).rows)))
        assert scores.argmax() == column


def test_training_is_the_same_every_time(reading: Reading) -> None:
    rows = [reading.located(text).rows for text in ("吃坏肚子", "路灯坏了")] * 40
    tasks = [single("a", ["x", "y"] * 40), several("b", [["p"], ["p", "q"]] * 40)]
    first, second = network(rows, tasks), network(rows, tasks)
    assert (first.filters == second.filters).all()
    assert (first.head == second.head).all()


def test_unknown_words_fall_into_characters() -> None:
    numbers = EightBits(np.zeros((3, 4), np.int8), np.ones(3, np.float32))
    table = WordVectors({"牛肉": 0, "牛": 1, "面": 2}, numbers)
    found = table.locate([("牛肉", 0, 2), ("牛面", 2, 4), ("饕", 4, 5)])
    assert found == Located([0, 1, 2], [(0, 2), (2, 3), (3, 4)])


def test_eight_bits_keep_a_vector() -> None:
    vectors = np.random.default_rng(0).standard_normal((5, 96)).astype(np.float32)
    arrays = packed(list("甲乙丙丁戊"), vectors)
    again = EightBits(arrays["table"], arrays["scale"]).rows(range(5))
    assert np.abs(again - vectors).max() < 0.02
