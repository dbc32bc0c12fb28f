from __future__ import annotations

from datetime import datetime
from pathlib import Path

import pytest

from nlu.engines.local import load_local
from nlu.engines.store import MODEL_FILE, ModelError, load_model, stored_version
from nlu.engines.train import model_version, needs_training


def test_round_trip(small_training: Path, small_model: Path, now: datetime) -> None:
    assert not needs_training(small_training, small_model)
    engine = load_local(small_model)
    assert engine.version == model_version(small_training) == stored_version(small_model)
    understood = engine.understand("机器人听不懂，转人工客服", now)
    assert understood.intent == "human"
    assert understood.model_version == engine.version


def test_only_the_model_file_is_left(small_model: Path) -> None:
    assert [path.name for path in small_model.glob("[!.]*")] == [MODEL_FILE]


def test_other_data_needs_another_model(small_training: Path, small_model: Path) -> None:
    extra = small_training / "zz_more.yml"
    extra.write_text("version: '3.1'\nnlu: []\n", encoding="utf-8")
    try:
        assert needs_training(small_training, small_model)
    finally:
        extra.unlink()


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 nothing", b"\x80\x04pickle"])
def test_a_damaged_model_is_refused(tmp_path: Path, content: bytes) -> None:
    (tmp_path / MODEL_FILE).write_bytes(content)
    assert stored_version(tmp_path) is None
    with pytest.raises(ModelError):
        load_model(tmp_path)


def test_no_model(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="no usable model"):
        load_model(tmp_path)
