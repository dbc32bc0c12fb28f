"""Models for tests of promotion: in no time, as good or as bad as a story needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from nlu.engines.store import load_model, save_model
from nlu.engines.train import Progress, model_version
from nlu.training_data import Example
from nlu.understanding import Entity

OUT_OF_REACH = 2.0


def example(text: str = "菜里有虫，我要举报", intent: str = "report") -> Example:
    """An example as an officer's correction makes one."""
    entities = (Entity("food", text[:1], 0, 1),)
    return Example(
        text, intent, "normal", "catering", None, None, ("foreign_object",), "plain", entities, "x"
    )


@dataclass
class Trainer:
    """Stands in for minutes of training: the small model under the version that is due.

    `bad`: without any hazard it would find. `taught` keeps the examples of every training.
    """

    model: Path
    bad: bool = False
    taught: list[list[Example]] = field(default_factory=list)

    def __call__(
        self, training: Path, models: Path, progress: Progress, extra: Sequence[Example]
    ) -> Path:
        self.taught.append(list(extra))
        made = replace(load_model(self.model), version=model_version(training, extra))
        if self.bad:
            made = replace(made, thresholds=replace(made.thresholds, hazard=OUT_OF_REACH))
        return save_model(made, models)
