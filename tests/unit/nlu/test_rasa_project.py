"""The Rasa project and the label set say the same."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
import yaml

from nlu.engines import rasa_home
from nlu.engines.rasa_home import RasaError, rasa_command, rasa_environment
from nlu.engines.rasa_train import rasa_version, stored_rasa_model
from nlu.engines.train import training_dir
from nlu.taxonomy import OPTIONAL_TASKS, Taxonomy
from nlu.training_data import training_files

PROJECT = rasa_home.rasa_home()


def read(name: str) -> dict[str, list[str]]:
    return yaml.safe_load((PROJECT / name).read_text(encoding="utf-8"))


def test_the_domain_has_the_labels_of_the_taxonomy(taxonomy: Taxonomy) -> None:
    domain = read("domain.yml")
    assert tuple(domain["intents"]) == taxonomy.of("intent")
    assert tuple(domain["entities"]) == taxonomy.of("entity")


def test_every_further_task_has_a_classifier() -> None:
    pipeline = [dict(component) for component in read("config.yml")["pipeline"]]
    tasks = [component["task"] for component in pipeline if "task" in component]
    assert tasks == ["severity", *OPTIONAL_TASKS, "hazards"]


def test_no_channel_is_open_without_a_token() -> None:
    assert read("credentials.yml") == {}


def test_the_version_follows_data_and_epochs(tmp_path: Path) -> None:
    files = training_files(training_dir())
    assert rasa_version(files) == rasa_version(files)
    assert rasa_version(files) != rasa_version(files[1:])
    assert stored_rasa_model(tmp_path) is None


def test_a_child_gets_no_setting_of_the_bot(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHIAN_TELEGRAM_TOKEN", "1:secret")
    given = rasa_environment(tmp_path)
    assert not [name for name in given if name.startswith("SHIAN_")]
    assert given["RASA_TELEMETRY_ENABLED"] == "false"


def test_without_environment_the_remedy_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rasa_home, "rasa_home", lambda: tmp_path)
    with pytest.raises(RasaError, match="make rasa"):
        rasa_command("train")


def test_without_python_the_remedy_is_named(tmp_path: Path) -> None:
    project = tmp_path / "nlu" / "rasa"
    project.mkdir(parents=True)
    script = project / "find-python"
    script.write_bytes((PROJECT / "find-python").read_bytes())
    nowhere = {"PATH": "/usr/bin:/bin", "HOME": str(tmp_path)}
    done = subprocess.run(["bash", script], env=nowhere, capture_output=True, text=True)
    if done.returncode == 0:
        assert "3.10" in done.stdout  # the system itself has one
    else:
        assert "make rasa" in done.stderr and "Python 3.10" in done.stderr
