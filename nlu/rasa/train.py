"""Trains a Rasa model; runs in the Rasa environment (`python -m nlu.rasa.train`).

Started by `nlu/engines/rasa_train.py::train_rasa`. Progress goes to stderr.
"""

from __future__ import annotations

import argparse
import logging
import sys
import tempfile
import warnings
from pathlib import Path

import yaml

HERE = Path(__file__).parent


def main() -> int:
    """Train on the files of a folder and write `<out>/<name>.tar.gz`; 1 when there is no model."""
    options = argparse.ArgumentParser()
    options.add_argument("--training", required=True)
    options.add_argument("--out", required=True)
    options.add_argument("--name", required=True)
    options.add_argument("--epochs", type=int)
    given = options.parse_args()

    from rasa.model_training import train_nlu
    from rasa.utils.common import configure_logging_and_warnings
    from rasa.utils.log_utils import configure_structlog

    # INFO shows the progress. Among the warnings is one for each entity that ends inside a word.
    logging.basicConfig(level=logging.WARNING, format="%(message)s")
    configure_logging_and_warnings(logging.INFO)
    configure_structlog(logging.INFO)
    warnings.simplefilter("ignore")
    with tempfile.TemporaryDirectory() as folder:
        config = Path(folder, "config.yml")
        config.write_text(_config(given.epochs), encoding="utf-8")
        model = train_nlu(
            str(config), given.training, given.out, given.name, domain=str(HERE / "domain.yml")
        )
    return 0 if model else 1


def _config(epochs: int | None) -> str:
    """The configuration, with other epochs where they are given."""
    config = yaml.safe_load((HERE / "config.yml").read_text(encoding="utf-8"))
    for component in config["pipeline"]:
        if "epochs" in component and epochs is not None:
            component["epochs"] = epochs
    return yaml.safe_dump(config, allow_unicode=True)


if __name__ == "__main__":
    sys.exit(main())
