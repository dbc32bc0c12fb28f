"""A new model comes into use only where it does not lose, and there is a way back."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from nlu.engines import promotion, registry
from nlu.engines.local import LocalEngine, load_local
from nlu.engines.promotion import Training, heldout_dir, losses, roll_back
from nlu.engines.registry import KEPT, adopt, cards, is_corrected
from nlu.engines.store import MODEL_FILE, ModelError, load_model, stored_version
from nlu.engines.train import model_version, needs_training
from nlu.reading import Reading
from nlu.taxonomy import load_taxonomy
from nlu.training_data import load_examples, training_files
from tests.small_models import Trainer, example

EVEN = {"intent_accuracy": 0.8, "urgent_recall": 0.9, "hazard_f1": 0.7, "entity_f1": 0.6}


@pytest.fixture
def training(small_training: Path, tmp_path: Path) -> Path:
    """Training files that a story may change."""
    return Path(shutil.copytree(small_training, tmp_path / "training"))


@pytest.fixture
def trainer(small_model: Path) -> Trainer:
    return Trainer(small_model)


@pytest.fixture
def job(
    training: Path,
    small_examination: Path,
    tmp_path: Path,
    now: datetime,
    trainer: Trainer,
    reading: Reading,
    monkeypatch: pytest.MonkeyPatch,
) -> Training:
    """A training with an examination of a few sentences; engines share their word table."""

    def shared(folder: Path) -> LocalEngine:
        return LocalEngine(load_model(folder), reading)

    monkeypatch.setattr(promotion, "load_local", shared)
    return Training(training, tmp_path / "models", now, heldout=small_examination, train=trainer)


def change(training: Path, number: int = 1) -> None:
    """Other packaged sentences."""
    text = f"version: '3.1'\nnlu:\n- intent: human\n  examples:\n  - text: 转人工{number}\n"
    (training / "zz_more.yml").write_text(text, encoding="utf-8")


def later(job: Training, hours: int = 1) -> Training:
    return replace(job, now=job.now + timedelta(hours=hours))


def test_the_first_model_is_used_and_has_a_card(job: Training) -> None:
    outcome = job.run()
    card = outcome.card
    assert outcome.file == job.models / MODEL_FILE
    assert stored_version(job.models) == card.version == model_version(job.training)
    assert (card.sentences, card.corrections, card.promoted) == (12 * 18, 0, True)
    assert card.scores is not None
    assert set(card.scores) == set(EVEN)
    assert datetime.fromisoformat(card.trained_at) == job.now
    assert card.data_hash != card.code_hash != ""
    assert cards(job.models) == [card]
    assert not list(job.models.glob(".candidate-*"))


def test_a_first_start_scores_nothing(job: Training) -> None:
    missing = job.training / "nowhere"
    assert replace(job, always_score=False, heldout=missing).run().card.scores is None


def test_as_good_as_before_is_promoted(job: Training) -> None:
    first = job.run().card
    outcome = later(replace(job, extra=[example()], always_score=False)).run()
    assert outcome.card.promoted
    assert outcome.present is not None
    assert outcome.present.version == first.version
    assert outcome.card.corrections == 1
    assert is_corrected(stored_version(job.models))


def test_a_worse_one_stays_a_candidate(job: Training, trainer: Trainer) -> None:
    first = job.run().card.version
    trainer.bad = True
    change(job.training)
    outcome = later(job).run()
    assert not outcome.card.promoted
    assert "hazard_f1" in outcome.card.why
    assert outcome.file.stem == outcome.card.version
    assert outcome.file.exists()
    assert stored_version(job.models) == first
    assert not needs_training(job.training, job.models)  # decided, until something changes again
    change(job.training, 2)
    assert needs_training(job.training, job.models)


def test_force_promotes_and_says_so(job: Training, trainer: Trainer) -> None:
    job.run()
    trainer.bad = True
    outcome = later(replace(job, force=True, extra=[example()])).run()
    assert outcome.card.promoted
    assert outcome.card.why.startswith("强制启用")
    assert stored_version(job.models) == outcome.card.version
    assert cards(job.models)[0] == outcome.card


@pytest.mark.parametrize(
    ("worse", "lost"),
    [
        ({}, []),
        ({"intent_accuracy": 0.7951, "hazard_f1": 0.695, "entity_f1": 0.9}, []),
        ({"intent_accuracy": 0.794}, ["intent_accuracy"]),
        ({"urgent_recall": 0.899}, ["urgent_recall"]),
        ({"hazard_f1": 0.6, "entity_f1": 0.5}, ["hazard_f1", "entity_f1"]),
    ],
)
def test_what_counts_as_losing(worse: dict[str, float], lost: list[str]) -> None:
    assert losses({**EVEN, **worse}, EVEN) == lost


def test_a_corrected_model_is_not_trained_away(job: Training) -> None:
    later(replace(job, extra=[example()])).run()
    assert not needs_training(job.training, job.models)
    change(job.training)
    assert needs_training(job.training, job.models)
    outcome = later(job, 2).run()
    assert outcome.loses_corrections
    assert not later(job, 3).run().loses_corrections


def test_the_version_tells_corrections_apart(training: Path) -> None:
    one, two = example("菜里有虫"), example("菜里有头发")
    plain = model_version(training)
    made = {model_version(training, extra) for extra in ([one], [two], [one, two])}
    assert len(made) == 3
    assert plain not in made
    assert all(version.startswith(f"{plain}+") for version in made)
    assert model_version(training, [two, one]) == model_version(training, [one, two])


def test_the_way_back_and_that_it_lasts(job: Training) -> None:
    first = job.run().card.version
    change(job.training)
    second = later(job).run().card.version
    third = later(replace(job, extra=[example()]), 2).run().card.version
    back = [roll_back(job.models, job.training, None, lambda _: None) for _ in range(2)]
    assert back == [second, first]
    assert stored_version(job.models) == first
    assert not needs_training(job.training, job.models)
    with pytest.raises(ModelError, match="no earlier version"):
        roll_back(job.models, job.training, None, lambda _: None)
    assert roll_back(job.models, job.training, third, lambda _: None) == third
    change(job.training, 2)
    assert needs_training(job.training, job.models)


def test_a_candidate_can_be_taken_by_name(job: Training, trainer: Trainer) -> None:
    first = job.run().card.version
    trainer.bad = True
    candidate = later(replace(job, extra=[example()])).run().card.version
    roll_back(job.models, job.training, candidate, lambda _: None)
    assert stored_version(job.models) == candidate
    assert cards(job.models)[0].why.startswith("人工启用")
    assert roll_back(job.models, job.training, None, lambda _: None) == first


@pytest.mark.parametrize("wanted", ["nothing", "../local"])
def test_no_way_back_to_what_is_not_kept(job: Training, wanted: str) -> None:
    used = job.run().card.version
    with pytest.raises(ModelError, match=f"kept: {used}"):
        roll_back(job.models, job.training, wanted, lambda _: None)
    assert stored_version(job.models) == used


def test_a_damaged_version_is_not_put_in_use(job: Training) -> None:
    first = job.run().card.version
    used = later(replace(job, extra=[example()])).run().card.version
    (job.models / "versions" / f"{first}.npz").write_bytes(b"PK\x03\x04 nothing")
    with pytest.raises(ModelError):
        roll_back(job.models, job.training, None, lambda _: None)
    assert stored_version(job.models) == used


def test_the_last_versions_are_kept_and_the_one_in_use(job: Training, trainer: Trainer) -> None:
    used = job.run().card.version
    trainer.bad = True
    for number in range(KEPT + 2):
        later(replace(job, extra=[example(f"菜里有{number}条虫")]), number + 1).run()
    kept = cards(job.models)
    assert len(kept) == KEPT + 1
    assert [card.promoted for card in kept] == [False] * KEPT + [True]
    assert kept[-1].version == used
    assert len(list((job.models / "versions").glob("*.npz"))) == KEPT + 1


def test_a_model_without_a_card_can_be_gone_back_to(
    job: Training, small_model: Path, small_training: Path
) -> None:
    job.models.mkdir()
    shutil.copy(small_model / MODEL_FILE, job.models)
    old = stored_version(job.models)
    adopt(job.models)
    adopt(job.models)
    assert [(card.version, card.sentences) for card in cards(job.models)] == [(old, None)]
    new = datetime.now().astimezone() + timedelta(hours=1)
    replace(job, extra=[example()], now=new).run()
    assert roll_back(job.models, job.training, None, lambda _: None) == old


@pytest.mark.parametrize("content", ["", "{}", "[1]", '{"version": 1}'])
def test_a_damaged_choice_counts_for_nothing(job: Training, content: str) -> None:
    job.run()
    (job.models / "in_use.json").write_text(content, encoding="utf-8")
    assert not needs_training(job.training, job.models)
    change(job.training)
    assert needs_training(job.training, job.models)


def test_what_a_killed_training_left_is_removed(job: Training) -> None:
    (job.models / ".candidate-killed").mkdir(parents=True)
    job.run()
    assert not list(job.models.glob(".candidate-*"))


def test_real_training_learns_the_extra_examples(
    small_training: Path, tmp_path: Path, now: datetime
) -> None:
    told = "隔壁阿婆家晒的萝卜干咸得发苦"
    extra = [example(told + "呀" * n, "suggestion") for n in range(1, 4)]
    Training(small_training, tmp_path, now, tmp_path, extra, always_score=False).run()
    heard = load_local(tmp_path).understand(told, now)
    assert heard.intent == "suggestion"
    assert heard.model_version == model_version(small_training, extra)


def test_the_packaged_examination_is_there() -> None:
    assert load_examples(training_files(heldout_dir()), load_taxonomy())


def test_versions_of_a_folder_without_any() -> None:
    assert registry.cards(Path("nowhere")) == []
    assert registry.previous(Path("nowhere")) is None
