from __future__ import annotations

from pathlib import Path

import pytest

from nlu.engines.train import training_dir
from nlu.taxonomy import Taxonomy
from nlu.training_data import TrainingDataError, load_examples, parse_markup, training_files

GOOD = """\
version: "3.1"
nlu:
- intent: complaint
  examples:
  - text: |
      [昨晚](event_time)在[赵记](merchant)吃出虫，退钱
    metadata: {severity: normal, stage: catering, venue: restaurant, hazards: [foreign_object]}
"""


def test_reads_text_spans_and_labels(tmp_path: Path, taxonomy: Taxonomy) -> None:
    path = tmp_path / "good.yml"
    path.write_text(GOOD, encoding="utf-8")
    [example] = load_examples([path], taxonomy)
    assert example.text == "昨晚在赵记吃出虫，退钱"
    assert [(e.type, e.text, e.start, e.end) for e in example.entities] == [
        ("event_time", "昨晚", 0, 2),
        ("merchant", "赵记", 3, 5),
    ]
    assert (example.intent, example.stage, example.product) == ("complaint", "catering", None)
    assert example.label("product") == "none"
    assert example.hazards == ("foreign_object",)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("intent: complaint", "intent: complain", "unknown intent 'complain'"),
        ("(event_time)", "(when)", "unknown entity 'when'"),
        ("(event_time)", "(event time)", "bad markup"),
        ("severity: normal", "severity: bad", "unknown severity 'bad'"),
        ("[foreign_object]", "[bugs]", "unknown hazard 'bugs'"),
        ("stage: catering", "stag: catering", "metadata must be"),
    ],
)
def test_errors_name_file_and_line(
    tmp_path: Path, taxonomy: Taxonomy, old: str, new: str, says: str
) -> None:
    path = tmp_path / "bad.yml"
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"bad\.yml:\d+: ") as caught:
        load_examples([path], taxonomy)
    assert says in str(caught.value)


@pytest.mark.parametrize("content", ["", "nlu: 3", "- a\n- b", "nlu:\n- x: 1", "{", "nlu: [1]"])
def test_broken_files_are_named(tmp_path: Path, taxonomy: Taxonomy, content: str) -> None:
    path = tmp_path / "broken.yml"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(TrainingDataError, match=r"broken\.yml"):
        load_examples([path], taxonomy)


def test_brackets_without_a_type_are_text() -> None:
    assert parse_markup("[流泪]太难吃") == ("[流泪]太难吃", ())


def test_the_project_s_own_files_are_sound(taxonomy: Taxonomy) -> None:
    examples = load_examples(training_files(training_dir()), taxonomy)
    assert len(examples) > 1_500
    assert {e.intent for e in examples} == set(taxonomy.of("intent"))
    for example in examples:
        for entity in example.entities:
            assert example.text[entity.start : entity.end] == entity.text
