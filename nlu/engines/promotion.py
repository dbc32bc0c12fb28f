"""Training with a gate: a new model comes into use only where it does not lose.

New model and model in use read the same held-out sentences. What the new one may lose is stated in
TOLERANCE; a model that loses more is kept as a candidate, and the one in use stays.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from importlib import resources
from pathlib import Path
from types import MappingProxyType

from nlu.engines import registry
from nlu.engines.local import load_local
from nlu.engines.registry import Card
from nlu.engines.store import MODEL_FILE, ModelError, stored_version
from nlu.engines.train import (
    Progress,
    alone,
    code_hash,
    data_hash,
    model_version,
    train_local,
)
from nlu.evaluation.evaluate import evaluate
from nlu.interpreter import Interpreter
from nlu.taxonomy import load_taxonomy
from nlu.training_data import Example, load_examples, training_files

TOLERANCE: Mapping[str, float] = MappingProxyType(
    {"intent_accuracy": 0.005, "urgent_recall": 0.0, "hazard_f1": 0.005, "entity_f1": 0.005}
)
"""Measure → the share of one by which a new model may be worse. An urgent case must not be lost."""

_SCRATCH = ".candidate-"
_ROUNDING = 1e-9

Scores = Mapping[str, float]
Train = Callable[[Path, Path, Progress, Sequence[Example]], Path]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of a training. `file` is the model in use, or the candidate that was not taken."""

    card: Card
    file: Path
    present: Card | None
    """The model in use before, with its scores; None where there was none."""

    @property
    def loses_corrections(self) -> bool:
        """Whether a model that had learned corrections gave way to one without."""
        before = self.present is not None and registry.is_corrected(self.present.version)
        return before and self.card.promoted and not registry.is_corrected(self.card.version)


@dataclass(frozen=True)
class Training:
    """One training and the decision after it.

    `always_score`: also where there is no model to compare with. `force`: take the new model
    whatever it scores. `now` is aware.
    """

    training: Path
    models: Path
    now: datetime
    heldout: Path
    extra: Sequence[Example] = ()
    force: bool = False
    always_score: bool = True
    progress: Progress = field(default=lambda _: None)
    train: Train = train_local

    def run(self) -> Outcome:
        """Train, score, decide. Raises TrainingDataError, OSError, ValueError like training."""
        with alone(self.models, self.progress) as waited:
            version = model_version(self.training, self.extra)
            if waited and stored_version(self.models) == version:
                return self._done_by_another(version)
            self._sweep()
            with tempfile.TemporaryDirectory(dir=self.models, prefix=_SCRATCH) as scratch:
                return self._decide(Path(scratch))

    def _done_by_another(self, version: str) -> Outcome:
        registry.adopt(self.models)
        card = next(card for card in registry.cards(self.models) if card.version == version)
        return Outcome(card, self.models / MODEL_FILE, None)

    def _sweep(self) -> None:
        """Remove what a killed training left."""
        for left in self.models.glob(f"{_SCRATCH}*"):
            shutil.rmtree(left)

    def _decide(self, scratch: Path) -> Outcome:
        base, made = model_version(self.training), self._card()  # files may change meanwhile
        file = self.train(self.training, scratch, self.progress, self.extra)
        present = self._present()
        scores = self._scores(scratch) if present or self.always_score else None
        card = _judged(replace(made, scores=scores), present, force=self.force)
        registry.adopt(self.models)
        taken = registry.keep(self.models, file, card)
        if card.promoted:
            taken = registry.use(self.models, card.version, base)
        else:
            registry.stay_with_present(self.models, base)
        registry.thin_out(self.models)
        return Outcome(card, taken, present)

    def _present(self) -> Card | None:
        """The model in use, scored now: the held-out sentences may be others than they were."""
        version = stored_version(self.models)
        if version is None:
            return None
        try:
            scores = self._scores(self.models)
        except ModelError:
            return None
        known = {card.version: card for card in registry.cards(self.models)}
        return replace(known.get(version, Card(version, "")), scores=scores)

    def _scores(self, models: Path) -> Scores:
        self.progress("scoring on held-out sentences")
        return score(load_local(models), self._examination, self.now)

    @cached_property
    def _examination(self) -> list[Example]:
        return load_examples(training_files(self.heldout), load_taxonomy())

    def _card(self) -> Card:
        packaged = load_examples(training_files(self.training), load_taxonomy())
        return Card(
            version=model_version(self.training, self.extra),
            trained_at=self.now.isoformat(),
            data_hash=data_hash(self.training),
            code_hash=code_hash(),
            sentences=len(packaged),
            corrections=len(self.extra),
        )


def heldout_dir() -> Path:
    """Folder of the packaged held-out sentences; nothing is ever trained on them."""
    return Path(str(resources.files("nlu").joinpath("evaluation", "heldout")))


def score(interpreter: Interpreter, examination: Sequence[Example], now: datetime) -> Scores:
    """The measures that decide, as shares of one."""
    report = evaluate(examination, interpreter, now)
    return {
        "intent_accuracy": report.tasks["intent"].accuracy,
        "urgent_recall": report.urgent.recall,
        "hazard_f1": report.hazards_overall.f1,
        "entity_f1": report.entities_overall.f1,
    }


def losses(new: Scores, present: Scores) -> list[str]:
    """The measures in which the new model loses more than TOLERANCE allows."""
    return [
        name
        for name, allowed in TOLERANCE.items()
        if new[name] < present[name] - allowed - _ROUNDING
    ]


def roll_back(models: Path, training: Path, version: str | None, progress: Progress) -> str:
    """Put a kept version back in use, the previous one by default; gives the version.

    It stays in use until training data or code change. Raises ModelError when there is none, or
    when this code cannot read it any more.
    """
    with alone(models, progress):
        registry.adopt(models)
        wanted = version or registry.previous(models)
        if wanted is None:
            raise ModelError("no earlier version is kept")
        with tempfile.TemporaryDirectory(dir=models, prefix=_SCRATCH) as scratch:
            registry.copy_version(models, wanted, Path(scratch))
            load_local(Path(scratch))
        card = next(card for card in registry.cards(models) if card.version == wanted)
        if not card.promoted:
            registry.write_card(models, replace(card, promoted=True, why=f"人工启用；{card.why}"))
        registry.use(models, wanted, model_version(training))
        return wanted


def _judged(card: Card, present: Card | None, *, force: bool) -> Card:
    if present is None or present.scores is None or card.scores is None:
        return replace(card, promoted=True, why="没有可比的在用模型")
    if present.version == card.version:
        return replace(card, promoted=True, why="与在用模型同一版本，重新训练")
    lost = losses(card.scores, present.scores)
    if not lost:
        return replace(card, promoted=True, why=f"各项不低于 {present.version}")
    why = f"低于 {present.version}：{'、'.join(lost)}"
    return replace(card, promoted=force, why=f"强制启用；{why}" if force else why)
