"""The report on engines: what it says comes from the results it is given."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from nlu.engines.rasa_client import RasaUnavailable
from nlu.evaluation.report.bars import BARS
from nlu.evaluation.report.curves import accuracy_at, coverage_at, curve, reliability
from nlu.evaluation.report.figures import draw
from nlu.evaluation.report.letters import read_letters, score_letters
from nlu.evaluation.report.measure import Examination, Lead, ask, gold, measure, pace
from nlu.evaluation.report.results import (
    Footprint,
    Measured,
    Missing,
    Pace,
    Point,
    Results,
    Run,
    Source,
    Training,
)
from nlu.evaluation.report.writing import sources, write
from nlu.evaluation.tables import TableError
from nlu.training_data import Example
from nlu.understanding import Entity, Evidence, Understanding

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
RASA_MISSING = Missing("rasa", "There is no Rasa environment here.", "`make rasa` builds it.")


def example(text: str, intent: str, **labels: object) -> Example:
    made = Example(text, intent, "normal", None, None, None, (), "plain", (), "made.yml:1")
    return replace(made, **labels)


EXAMPLES = (
    example("面里有虫", "report", stage="catering", hazards=("foreign_object",)),
    example(
        "退我三十块", "complaint", hazards=("service",), entities=(Entity("food", "面", 0, 1),)
    ),
    example("三个人都吐了", "report", severity="urgent", hazards=("illness",)),
    example("你好", "smalltalk"),
)
HEARD = (
    Understanding(
        "report",
        stage="catering",
        hazards=("foreign_object",),
        confidence=0.9,
        evidence=(Evidence("intent", 0, 1, "面", 1.0),),
        model_version="v1",
    ),
    Understanding("report", confidence=0.8, entities=(Entity("food", "面", 0, 1, "1"),)),
    Understanding("report", severity="urgent", hazards=("illness",), confidence=0.7),
    Understanding("smalltalk", confidence=0.3, abstained=True),
)


class Recorded:
    """Answers what was prepared; nothing prepared means no answer in time."""

    def __init__(self, texts: Sequence[str], heard: Sequence[Understanding]) -> None:
        self._heard = dict(zip(texts, heard, strict=True))

    def understand(self, text: str, now: datetime) -> Understanding:
        if text not in self._heard:
            raise RasaUnavailable("timeout")
        return self._heard[text]


def to_market(heard: Understanding, text: str) -> Lead:
    """Complaints and reports go to market regulation, urgent ones to the office."""
    if heard.intent not in ("complaint", "report"):
        return Lead(None, heard.confidence)
    return Lead("office" if heard.severity == "urgent" else "market", heard.confidence)


def examination(**more: object) -> Examination:
    made = Examination(EXAMPLES, {"testville": to_market}, lambda heard: heard.abstained, AT)
    return replace(made, **more)


def measured(name: str = "local", heard: Sequence[Understanding] = HEARD) -> Measured:
    exam = examination()
    answers = ask(exam, Recorded([e.text for e in EXAMPLES], heard))
    return measure(name, exam, answers, Footprint(1.23, 45.6), current=True)


def results(*engines: Measured | Missing, letters: str = "") -> Results:
    machine = {"cores": 2, "python": "3.11.7"}
    heldout = (Source("made.yml", 4, "ab" * 32),)
    run = Run(AT, "shian nlu report", machine, heldout, Training(3, 777, "cafe12"), letters)
    return Results(run, engines)


def written(folder: Path, *engines: Measured | Missing, letters: str = "") -> str:
    write(results(*engines, letters=letters), folder / "report.md")
    return (folder / "report.md").read_text(encoding="utf-8")


def row(text: str, title: str) -> list[str]:
    line = next(one for one in text.splitlines() if one.startswith(f"| {title} |"))
    return [cell.strip() for cell in line.strip("|").split("|")[1:]]


def test_what_is_equally_confident_is_answered_together() -> None:
    points = curve([0.5, 0.9, 0.5, 0.5], [True, True, False, False])
    assert points == (Point(0.9, 0.25, 1.0), Point(0.5, 1.0, 0.5))
    assert accuracy_at(points, 0.25) == 1.0
    assert accuracy_at(points, 0.26) == 0.5
    assert coverage_at(points, 0.95) == 0.25
    assert coverage_at(points, 0.5) == 1.0
    assert (accuracy_at((), 0.9), coverage_at((), 0.9)) == (0.0, 0.0)


def test_reliability_has_ten_bins_and_counts_every_message() -> None:
    bins = reliability([0.0, 0.95, 1.0], [False, True, False])
    assert [one.count for one in bins] == [1, *[0] * 8, 2]
    assert bins[-1].stated == pytest.approx(0.975)
    assert bins[-1].right == 0.5


def test_measures_of_four_messages() -> None:
    found = measured()
    assert found.version == "v1"
    assert found.scores.tasks["intent"].accuracy == 0.75
    assert found.scores.abstained == 0.25
    assert found.scores.urgent.recall == 1.0
    assert found.intents["complaint", "report"] == 1
    assert found.intents["report", "report"] == 2
    assert (found.given.explained, found.given.entities, found.given.valued) == (1, 1, 1)
    (lead,) = found.leads
    assert lead.matters == 3
    assert [point.accuracy for point in lead.of_all] == [1.0] * 4


def test_a_message_without_answer_is_wrong_in_every_task() -> None:
    exam = examination()
    answers = ask(exam, Recorded([e.text for e in EXAMPLES[:3]], HEARD[:3]))
    found = measure("rasa", exam, answers, Footprint(None, None), current=False)
    assert found.unanswered == 1
    assert found.scores.tasks["venue"].accuracy == 0.75
    assert found.leads[0].of_all[-1].accuracy == 0.75


def test_an_engine_that_answers_nothing_is_not_measured() -> None:
    with pytest.raises(RasaUnavailable):
        ask(examination(), Recorded([], []))


def test_gold_labels_are_routed_as_if_understood_perfectly() -> None:
    heard = gold(EXAMPLES[2])
    assert (heard.intent, heard.severity, heard.hazards) == ("report", "urgent", ("illness",))
    assert (heard.confidence, heard.abstained) == (1.0, False)


def test_pace() -> None:
    found = pace([0.001] * 99 + [0.1])
    assert found.p50_ms == pytest.approx(1.0)
    assert found.p99_ms == pytest.approx(1.99)
    assert found.per_second == pytest.approx(100 / 0.199)


def test_numbers_in_the_report_are_those_of_the_results(tmp_path: Path) -> None:
    engine = replace(measured(), pace=Pace(1.11, 7.77, 432.1))
    text = written(tmp_path, engine)
    assert row(text, "intent: accuracy") == ["0.750"]
    assert row(text, "latency p99") == ["≤ 8 ms", "7.77 ms met"]
    assert "| latency p99 | 7.77 ms |" in text
    assert row(text, "messages a second, one at a time") == ["432"]
    assert row(text, "resident memory added") == ["45.6 MB"]
    assert row(text, "load time") == ["1.2 s"]
    assert row(text, "entities with a normalised value") == ["1 of 1"]
    assert row(text, "leading department, testville: complaints and reports") == ["3"]
    assert row(text, "answered at its own threshold") == ["0.750"]
    assert row(text, "complaint") == ["1", "–", "0.000", "0.000"]
    assert row(text, "made.yml") == ["4", f"`{'ab' * 32}`"]
    for told in ("2026-11-23T12:00+00:00", "777 sentences in 3 files", "`cafe12`", "`v1`"):
        assert told in text


def test_other_results_make_another_report(tmp_path: Path) -> None:
    worse = [replace(one, intent="quiz", confidence=0.5) for one in HEARD]
    text = written(tmp_path, measured(), measured("rasa", worse))
    assert row(text, "intent: accuracy") == ["0.750", "0.000"]
    assert row(text, "report")[:4] == ["2", "0.667", "1.000", "0.800"]


def test_the_reading_names_every_bar_as_met_or_missed(tmp_path: Path) -> None:
    text = written(tmp_path, replace(measured(), pace=Pace(1.0, 9.0, 100.0)))
    assert row(text, "latency p50") == ["≤ 2 ms", "1.00 ms met"]
    assert row(text, "latency p99") == ["≤ 8 ms", "9.00 ms **missed**"]
    reading = next(line for line in text.splitlines() if line.startswith("**local** meets"))
    assert all(bar.name in reading for bar in BARS)
    met, missed = reading.split("It misses")
    assert "latency p50" in met
    assert "latency p99" in missed


def test_the_urgent_bar_asks_for_recall_and_precision() -> None:
    bar = next(one for one in BARS if one.name.startswith("urgent"))
    assert bar.met(measured())
    alarmed = [replace(one, severity="urgent") for one in HEARD]
    assert not bar.met(measured(heard=alarmed))


def test_what_an_engine_does_not_give_is_marked(tmp_path: Path) -> None:
    bare = [replace(one, evidence=(), entities=()) for one in HEARD]
    text = written(tmp_path, measured(), measured("rasa", bare))
    assert row(text, "messages with the words that decided")[1] == "not given by this engine"
    assert row(text, "entities with a normalised value")[1] == "not given by this engine"


def test_a_missing_engine_keeps_its_column_and_says_how_to_get_it(tmp_path: Path) -> None:
    text = written(tmp_path, measured(), RASA_MISSING)
    assert row(text, "intent: accuracy") == ["0.750", "not measured"]
    assert row(text, "latency p50")[-1] == "not measured"
    assert text.count("There is no Rasa environment here. `make rasa` builds it.") == 2
    assert not (tmp_path / "report" / "confusion-rasa.svg").exists()


def test_a_report_on_nothing_is_still_written(tmp_path: Path) -> None:
    assert "No engine was measured." in written(tmp_path, RASA_MISSING)


def test_an_old_model_is_called_old(tmp_path: Path) -> None:
    assert "not made of the present" in written(tmp_path, replace(measured(), current=False))


def test_every_picture_named_is_written(tmp_path: Path) -> None:
    text = written(tmp_path, measured(), measured("rasa"))
    named = re.findall(r"\]\((report/[\w-]+\.svg)\)", text)
    assert len(named) == 4
    assert sorted(f"report/{p.name}" for p in (tmp_path / "report").iterdir()) == sorted(named)


def test_pictures_are_the_same_bytes_every_time_and_carry_no_date(tmp_path: Path) -> None:
    engines = [measured(), measured("rasa")]
    first, second = draw(engines, tmp_path / "a"), draw(engines, tmp_path / "b")
    assert first == second
    for picture in first:
        drawn = (tmp_path / "a" / picture.name).read_text(encoding="utf-8")
        assert drawn == (tmp_path / "b" / picture.name).read_text(encoding="utf-8")
        assert "<svg" in drawn
        assert "<dc:date>" not in drawn


def test_pictures_of_an_engine_that_is_gone_are_removed_and_nothing_else(tmp_path: Path) -> None:
    draw([measured(), measured("rasa")], tmp_path)
    (tmp_path / "drawn-by-hand.svg").touch()
    draw([measured()], tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert "confusion-rasa.svg" not in names
    assert {"confusion-local.svg", "drawn-by-hand.svg"} <= names


def letter_files(folder: Path, judged: dict[str, str]) -> tuple[Path, Path]:
    letters, verdicts = folder / "letters.tsv", folder / "judged.tsv"
    rows = "".join(f"城乡建设\t{text}\n" for text in ("路灯不亮", "食堂有虫", "没人看过", "噪声"))
    letters.write_text("label\ttext\n" + rows, encoding="utf-8")
    lines = [f"{hashlib.sha256(t.encode()).hexdigest()}\t{v}\n" for t, v in judged.items()]
    verdicts.write_text("sha256\tfood\tsample\n" + "".join(lines), encoding="utf-8")
    return letters, verdicts


def test_letters_are_found_by_their_hash_and_scored_by_sample(tmp_path: Path) -> None:
    judged = {"路灯不亮": "0\trandom", "食堂有虫": "1\tenriched", "噪声": "0\trandom"}
    letters = read_letters(*letter_files(tmp_path, judged))
    assert [one.text for one in letters] == list(judged)
    heard = [Understanding("out_of_scope"), Understanding("report"), HEARD[3]]
    scores = score_letters(letters, heard, lambda one: one.abstained)
    assert [one.sample for one in scores] == ["enriched", "random", "all"]
    every = scores[-1]
    assert (every.let_in.gold, every.let_in.found, every.let_in.both) == (1, 2, 1)
    assert (every.letters, every.asked, every.at_once.f1) == (3, 1, 1.0)


def test_letters_in_the_report(tmp_path: Path) -> None:
    letters = read_letters(*letter_files(tmp_path, {"食堂有虫": "1\tenriched"}))
    exam = examination(letters=letters)
    texts = [e.text for e in EXAMPLES]
    answers = ask(exam, Recorded([*texts, "食堂有虫"], [*HEARD, HEARD[0]]))
    engine = measure("local", exam, answers, Footprint(None, None), current=True)
    text = written(tmp_path, engine, letters="letters.tsv")
    assert "all letters of letters.tsv: local 1.000." in text
    assert "食堂" not in text
    assert "Not measured: the file of letters" in written(tmp_path, measured())


@pytest.mark.parametrize("verdict", ["2\trandom", "1"])
def test_a_wrong_judgement_names_its_line(tmp_path: Path, verdict: str) -> None:
    with pytest.raises(TableError, match=r"judged\.tsv:2"):
        read_letters(*letter_files(tmp_path, {"路灯不亮": verdict}))


def test_letters_of_which_none_was_judged(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="none of its texts"):
        read_letters(*letter_files(tmp_path, {"别的": "1\trandom"}))


def test_sources_count_and_hash_their_files(tmp_path: Path) -> None:
    (tmp_path / "made.yml").write_bytes(b"x")
    (one,) = sources([tmp_path / "made.yml"], EXAMPLES)
    assert (one.name, one.sentences) == ("made.yml", 4)
    assert one.sha256 == hashlib.sha256(b"x").hexdigest()
