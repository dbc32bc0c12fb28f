"""`shian nlu report`: what is asked for, what is missing, and what it costs to keep an engine."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import datetime
from pathlib import Path

import pytest

from bot import nlu_report
from bot.footprint import descendants, resident_mb
from bot.settings import Settings
from nlu.understanding import Understanding

SENTENCES = """\
version: "3.1"
nlu:
- intent: report
  examples:
  - text: 学校食堂的饭里吃出虫子
    metadata: {stage: catering, venue: school, hazards: [foreign_object]}
- intent: smalltalk
  examples:
  - text: 你好
"""


class Believer:
    """Takes everything for a report about a school canteen."""

    def understand(self, text: str, now: datetime) -> Understanding:
        labels = {"stage": "catering", "venue": "school", "hazards": ("foreign_object",)}
        return Understanding("report", confidence=0.9, model_version="believer", **labels)


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Made-up sentences, a made-up local engine, and no Rasa environment."""
    (tmp_path / "sentences").mkdir()
    (tmp_path / "sentences" / "made.yml").write_text(SENTENCES, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(nlu_report, "heldout_dir", lambda: tmp_path / "sentences")
    monkeypatch.setattr(nlu_report, "load_interpreter", lambda *_: Believer())
    monkeypatch.setattr(nlu_report, "local_footprint", lambda *_: (0.5, 80.0))
    monkeypatch.setattr("nlu.engines.rasa_home.rasa_home", lambda: tmp_path / "no-rasa")
    return Settings(training=tmp_path / "sentences", models=tmp_path / "models")


def test_without_rasa_the_report_is_written_and_says_how_to_get_it(
    place: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "docs" / "report.md"
    assert nlu_report.report(place, "local,rasa", out, None) == 0
    assert capsys.readouterr().out == f"{out}\n"
    text = out.read_text(encoding="utf-8")
    assert "**rasa** was not measured. There is no Rasa environment here. `make rasa`" in text
    assert "| intent: accuracy | 0.500 | not measured |" in text
    assert "| leading department, suining_hedong: complaints and reports | 1 |" in text
    assert "| resident memory added | 80.0 MB | not measured |" in text
    assert "Not measured: the file of letters was not there." in text
    assert str(tmp_path) not in text
    assert (out.parent / "report" / "confusion-local.svg").exists()


@pytest.mark.parametrize(
    ("engines", "letters"), [("local,tea-leaves", None), ("", None), ("local", "nowhere.tsv")]
)
def test_wrong_usage_writes_nothing(
    place: Settings, tmp_path: Path, engines: str, letters: str | None
) -> None:
    out = tmp_path / "docs" / "report.md"
    assert nlu_report.report(place, engines, out, Path(letters) if letters else None) == 2
    assert not out.parent.exists()


def test_unreadable_letters_are_a_finding(place: Settings, tmp_path: Path) -> None:
    letters = tmp_path / "letters.tsv"
    letters.write_text("label\ttext\nno tab\n", encoding="utf-8")
    assert nlu_report.report(place, "local", tmp_path / "report.md", letters) == 1


def test_children_and_their_memory_are_found() -> None:
    command = [sys.executable, "-c", "import sys; print('up', flush=True); sys.stdin.read()"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, start_new_session=True) as child:
        assert child.stdout is not None
        child.stdout.readline()
        assert child.pid in descendants(os.getpid())
        memory = resident_mb([child.pid])
        assert memory is not None
        assert 1 < memory < 200
        child.communicate()
    assert child.pid not in descendants(os.getpid())
    assert resident_mb([child.pid]) == 0
