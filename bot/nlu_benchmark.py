"""`shian nlu benchmark`: an engine's classifier, or the tagger, on anybody's labelled files."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TextIO

import yaml

from bot.settings import Settings
from bot.understanding import progress
from nlu.engines.rasa_home import RasaError
from nlu.evaluation.tables import Row, TableError, read_rows, read_tagged

_TIMEOUT = 30.0
"""Seconds: a benchmark waits longer than a citizen."""


@dataclass(frozen=True, slots=True)
class Order:
    """What the command line asked for."""

    train: Path
    test: Path | None
    folds: int | None
    grouped: bool
    engine: str
    task: str


def run(order: Order, out: TextIO) -> int:
    """Train, score, print a table and one JSON line. Exit code: 1 unreadable data, 2 wrong usage."""
    wrong = _wrong(order)
    if wrong:
        print(wrong, file=sys.stderr)
        return 2
    try:
        found = _tag(order, out) if order.task == "tag" else _classify(order, out)
    except (TableError, OSError, UnicodeDecodeError, RasaError) as error:
        print(error, file=sys.stderr)
        return 1
    out.write(json.dumps(found, ensure_ascii=False) + "\n")
    return 0


def families(settings: Settings, out: TextIO) -> None:
    """Compare families of classifiers on the training sentences."""
    from nlu.evaluation.families import compare
    from nlu.taxonomy import load_taxonomy
    from nlu.training_data import load_examples, training_files

    examples = load_examples(training_files(settings.training), load_taxonomy())
    out.write(f"{len(examples)} sentences, a quarter of them asked for their intent\n")
    for one in compare(examples, progress):
        scores = f"accuracy {one.accuracy:.3f}  macro-F1 {one.macro_f1:.3f}"
        out.write(f"{one.name:<28} {scores}  {one.seconds:.0f} s\n")


def _wrong(order: Order) -> str:
    """What cannot be done as asked, with the remedy; empty when all is well."""
    if order.task not in ("classify", "tag"):
        return f"没有任务 {order.task!r} → 可用：classify、tag"
    if order.engine not in LEARNERS:
        return f"没有引擎 {order.engine!r} → 可用：{'、'.join(LEARNERS)}"
    if (order.test is None) == (order.folds is None):
        return "请给出 --test 文件或 --cv 折数，二选一"
    if order.task == "tag" and (order.test is None or order.engine != "local"):
        return "标注任务需要 --test 文件，只有 local 引擎"
    return ""


def _classify(order: Order, out: TextIO) -> dict[str, object]:
    from nlu.evaluation.benchmark import cross_validated, on_split, table

    rows, learn = read_rows(order.train), LEARNERS[order.engine]
    if order.test is not None:
        result = on_split(rows, read_rows(order.test), learn)
    else:
        result = cross_validated(rows, order.folds or 0, learn, order.grouped, progress)
    out.writelines(line + "\n" for line in table(result))
    return {"engine": order.engine, "train": order.train.name, **result.as_dict()}


def _tag(order: Order, out: TextIO) -> dict[str, object]:
    from nlu.evaluation.benchmark import tag

    assert order.test is not None
    rates, seconds = tag(read_tagged(order.train), read_tagged(order.test))
    out.write(f"spans: F1 {rates.f1:.4f}  P {rates.precision:.4f}  R {rates.recall:.4f}\n")
    return {"task": "tag", **asdict(rates), "f1": rates.f1, "seconds": round(seconds, 1)}


def _local(rows: Sequence[Row], texts: Sequence[str]) -> list[tuple[str, float]]:
    from nlu.evaluation.benchmark import learn_locally

    return learn_locally(rows, texts)


def _rasa(rows: Sequence[Row], texts: Sequence[str]) -> list[tuple[str, float]]:
    """Rasa with the project's own pipeline; labels travel as numbers, whatever they are called."""
    from nlu.engines.rasa_server import serve_rasa
    from nlu.engines.rasa_train import train_rasa

    labels = sorted({row.label for row in rows})
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "rows.yml"
        file.write_text(_rasa_file(rows, labels), encoding="utf-8")
        model = train_rasa([file], Path(folder), progress=progress)
        with serve_rasa(model, progress) as server:
            client = server.client(_TIMEOUT)
            replies = [client.parse(text)["intent"] for text in texts]
    return [(labels[int(reply["name"][1:])], float(reply["confidence"])) for reply in replies]


def _rasa_file(rows: Sequence[Row], labels: Sequence[str]) -> str:
    """The rows as Rasa NLU YAML; square brackets would be read as entities."""
    plain = str.maketrans("[]", "【】")
    metadata = {"severity": "normal", "hazards": []}
    blocks = [
        {
            "intent": f"l{number}",
            "examples": [
                {"text": row.text.translate(plain) + "\n", "metadata": metadata}
                for row in rows
                if row.label == label
            ],
        }
        for number, label in enumerate(labels)
    ]
    return yaml.safe_dump({"version": "3.1", "nlu": blocks}, allow_unicode=True)


LEARNERS = {"local": _local, "rasa": _rasa}
