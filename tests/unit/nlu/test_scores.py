from __future__ import annotations

import numpy as np
import pytest

from nlu.evaluation.evaluate import fold_numbers
from nlu.evaluation.scores import calibration_error, coverage_at, overall, score_task
from nlu.thresholds import for_precision


def test_task_scores() -> None:
    score = score_task(["a", "a", "b", "b"], ["a", "b", "b", "b"], [0.9, 0.4, 0.8, 0.7])
    assert score.accuracy == pytest.approx(0.75)
    assert score.per_label["b"].precision == pytest.approx(2 / 3)
    assert score.macro_f1 == pytest.approx((2 / 3 + 0.8) / 2)
    assert score.confusion == {("a", "b"): 1}
    assert score.coverage[0.99] == pytest.approx(0.75)


def test_empty_input_scores_zero() -> None:
    score = score_task([], [], [])
    assert (score.accuracy, score.macro_f1, score.calibration_error) == (0, 0, 0)


def test_calibration_error_of_an_honest_and_of_a_boasting_engine() -> None:
    correct = np.array([True, False] * 50)
    assert calibration_error(np.full(100, 0.5), correct) == pytest.approx(0)
    assert calibration_error(np.full(100, 0.95), correct) == pytest.approx(0.45)


def test_thresholds() -> None:
    chances = np.array([0.9, 0.8, 0.7, 0.6])
    correct = np.array([True, True, False, True])
    assert for_precision(chances, correct, 1.0) == pytest.approx(0.8)
    assert for_precision(chances, ~correct, 0.9) == 1.0
    assert coverage_at(chances, correct, 0.75) == 1.0


def test_overall_counts_items() -> None:
    rates = overall([{"x", "y"}, set()], [{"x"}, {"z"}])
    assert (rates.gold, rates.found, rates.both) == (2, 2, 1)
    assert rates.f1 == pytest.approx(0.5)


def test_folds_are_even() -> None:
    numbers = fold_numbers(11, 5)
    assert sorted(numbers.count(n) for n in range(5)) == [2, 2, 2, 2, 3]
