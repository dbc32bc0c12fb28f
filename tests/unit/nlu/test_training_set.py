"""What the packaged sentences must be: many, covering every label, and each written for itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

import nlu
from nlu.engines.train import training_dir
from nlu.evaluation.overlap import near_pairs, same_skeletons
from nlu.lexicon import load_lexicon
from nlu.taxonomy import load_taxonomy
from nlu.training_data import Example, load_examples, training_files

HELD_OUT = Path(nlu.__file__).parent / "evaluation" / "heldout"

TASKS: dict[str, Callable[[Example], Iterable[str]]] = {
    "intent": lambda e: [e.intent],
    "stage": lambda e: [e.stage] if e.stage else [],
    "venue": lambda e: [e.venue] if e.venue else [],
    "hazard": lambda e: e.hazards,
}
LEAST = {"intent": 200, "stage": 80, "venue": 80, "hazard": 80}


@pytest.fixture(scope="module")
def training() -> list[Example]:
    return load_examples(training_files(training_dir()), load_taxonomy())


@pytest.fixture(scope="module")
def held_out() -> list[Example]:
    return load_examples(training_files(HELD_OUT), load_taxonomy())


@pytest.fixture(scope="module")
def skeletons(training: list[Example]) -> list[list[int]]:
    return same_skeletons(training, load_lexicon())


def test_there_are_enough_sentences(training: list[Example]) -> None:
    assert len(training) >= 6_000
    assert sum(bool(e.entities) for e in training) >= 3_000


@pytest.mark.parametrize("task", LEAST)
def test_every_label_has_enough_sentences(training: list[Example], task: str) -> None:
    counts = Counter(label for e in training for label in TASKS[task](e))
    labels = load_taxonomy().labels[task]
    few = {label: counts[label] for label in labels if counts[label] < LEAST[task]}
    assert not few


@pytest.mark.parametrize("task", LEAST)
def test_no_template_fills_a_label(
    training: list[Example], skeletons: list[list[int]], task: str
) -> None:
    """One skeleton holds at most 2 % of a label, all that occur twice together at most 10 %."""
    totals = Counter(label for e in training for label in TASKS[task](e))
    together: Counter[str] = Counter()
    for members in skeletons:
        held = Counter(label for i in members for label in TASKS[task](training[i]))
        repeated = {label: count for label, count in held.items() if count > 1}
        together.update(repeated)
        too_many = {k: v for k, v in repeated.items() if v > max(2, 0.02 * totals[k])}
        assert not too_many, [training[i].text for i in members]
    assert not {k: v for k, v in together.items() if v > 0.1 * totals[k]}


def test_few_near_duplicates(training: list[Example]) -> None:
    alike = {place for pair in near_pairs([e.text for e in training]) for place in pair[:2]}
    assert len(alike) <= 0.03 * len(training)


def test_held_out_sentences_are_enough_and_not_trained_on(
    training: list[Example], held_out: list[Example]
) -> None:
    assert len(held_out) >= 600
    texts, exam = [e.text for e in training], [e.text for e in held_out]
    assert not [exam[j] for _, j, _ in near_pairs(texts, exam)]


def test_the_exam_names_other_places_and_merchants(
    training: list[Example], held_out: list[Example]
) -> None:
    def names(examples: list[Example]) -> set[str]:
        return {x.text for e in examples for x in e.entities if x.type == "merchant"}

    shared = names(training) & names(held_out)
    assert len(shared) <= 0.05 * len(names(held_out)), sorted(shared)
