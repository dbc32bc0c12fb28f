"""`shian nlu train`, `models`, `rollback`: from officers' corrections to the model in use."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog

from bot.clock import WallClock
from bot.db.engine import open_database
from bot.db.tables import corrections
from bot.settings import Settings
from bot.understanding import progress
from handlers.ports import Interpreter
from nlu.engines import promotion, registry
from nlu.engines.local import load_local
from nlu.engines.promotion import Outcome, Scores, Train, Training
from nlu.engines.registry import Card
from nlu.engines.store import ModelError, stored_version
from nlu.engines.train import train_local
from nlu.evaluation.guard import HeldOutGuard
from nlu.taxonomy import OPTIONAL_TASKS, Taxonomy, load_taxonomy
from nlu.training_data import Example, TrainingDataError, load_examples, training_files

log = structlog.get_logger()

MEASURES = {
    "intent_accuracy": "意图准确率",
    "urgent_recall": "急情召回率",
    "hazard_f1": "问题 F1",
    "entity_f1": "实体 F1",
}
_MEASURE = re.compile("|".join(MEASURES))
_MASKED = re.compile("〔[^〔〕]*〕")
"""What handlers/privacy.py put in place of a name or a number; nothing to learn from."""

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Lessons:
    """What the corrections teach, and how many of them do not.

    `units`: corrections of the unit, no label of the model. `refused`: like a held-out sentence.
    `unusable`: no words left, or a label that is gone.
    """

    examples: Sequence[Example] = ()
    units: int = 0
    refused: int = 0
    unusable: int = 0


class NoCorrections(Exception):
    """There is no database to read corrections from; says what to do."""


def train(
    settings: Settings,
    *,
    with_corrections: bool = False,
    force: bool = False,
    always_score: bool = True,
    trainer: Train = train_local,
) -> int:
    """Train the local engine and print what came of it; 1 when the model in use stays."""
    job = Training(
        settings.training,
        settings.models,
        WallClock().now(),
        promotion.heldout_dir(),
        force=force,
        always_score=always_score,
        progress=progress,
        train=trainer,
    )
    try:
        lessons = _lessons(settings, job) if with_corrections else None
        outcome = replace(job, extra=lessons.examples if lessons else ()).run()
    except (TrainingDataError, NoCorrections) as error:
        print(error)
        return 1
    print("\n".join(_told(outcome, lessons)))
    if outcome.loses_corrections:
        log.warning("corrections_missing", remedy="shian nlu train --with-corrections")
    return 0 if outcome.card.promoted else 1


def show_models(settings: Settings) -> None:
    """Print the cards of the kept versions; a star marks the one in use."""
    present = stored_version(settings.models)
    names = "　".join(MEASURES.values())
    print(f"  版本　训练时间　语句+更正　{names}")
    for card in registry.cards(settings.models):
        mark = "*" if card.version == present else " "
        made_of = f"{'?' if card.sentences is None else card.sentences}+{card.corrections}"
        scores = "　".join(_percent(card.scores, name) for name in MEASURES)
        state = "启用过" if card.promoted else "候选"
        print(
            f"{mark} {card.version}　{card.trained_at[:16]}　{made_of}　{scores}　{state}：{_why(card)}"
        )


def roll_back(settings: Settings, version: str | None) -> int:
    """Put an earlier version back in use; 1 when there is none that can be used."""
    try:
        used = promotion.roll_back(settings.models, settings.training, version, progress)
    except ModelError as error:
        print(f"{error} → shian nlu models 列出保留的版本")
        return 1
    print(f"已换回 {used}；正在运行的服务重启后生效。训练语料或代码变化前不会自动重训。")
    return 0


def lessons_in(
    rows: Sequence[Row], reader: Interpreter, guard: HeldOutGuard, now: datetime
) -> Lessons:
    """The examples in stored corrections, oldest first; of the same words the newest counts.

    Entities are those that `reader` finds: officers do not mark them, and a text without marks
    would teach the tagger to find none.
    """
    examples: dict[str, Example] = {}
    refused = unusable = 0
    taxonomy = load_taxonomy()
    labelled = [row for row in rows if row["subject"] == "labels"]
    for row in labelled:
        text = _MASKED.sub("", row["text"]).strip()
        if guard.refuses(text):
            refused += 1
        elif _is_usable(text, row, taxonomy):
            examples[text] = _example(text, row, reader, now)
        else:
            unusable += 1
    return Lessons(list(examples.values()), len(rows) - len(labelled), refused, unusable)


def _lessons(settings: Settings, job: Training) -> Lessons:
    rows = asyncio.run(_stored(settings))
    examination = load_examples(training_files(job.heldout), load_taxonomy())
    guard = HeldOutGuard(example.text for example in examination)
    return lessons_in(rows, _reader(job), guard, job.now)


def _reader(job: Training) -> Interpreter:
    """The model in use; where there is none, one of the packaged sentences comes first."""
    try:
        return load_local(job.models)
    except ModelError:
        replace(job, always_score=False).run()
        return load_local(job.models)


async def _stored(settings: Settings) -> Sequence[Row]:
    """All corrections, oldest first. Raises NoCorrections."""
    url = sa.make_url(settings.database)
    if url.get_backend_name() == "sqlite" and not Path(url.database or "").exists():
        raise NoCorrections(f"没有数据库 {url.database} → 用 --data 指明数据目录")
    database = open_database(settings.database)
    try:
        async with database.read() as connection:
            if not await connection.run_sync(lambda c: sa.inspect(c).has_table("corrections")):
                raise NoCorrections("数据库里还没有更正表 → shian db upgrade")
            query = sa.select(corrections).order_by(corrections.c.at, corrections.c.id)
            return [dict(row) for row in (await connection.execute(query)).mappings()]
    finally:
        await database.close()


def _is_usable(text: str, row: Row, taxonomy: Taxonomy) -> bool:
    after, labels = row["after"], row["labels"]
    wanted = [("intent", after["intent"]), ("severity", labels["severity"])]
    wanted += [("hazard", hazard) for hazard in after["hazards"]]
    wanted += [(task, labels[task]) for task in OPTIONAL_TASKS if labels.get(task)]
    known = all(taxonomy.has(task, label) for task, label in wanted)
    return known and any(char.isalnum() for char in text)


def _example(text: str, row: Row, reader: Interpreter, now: datetime) -> Example:
    after, labels = row["after"], row["labels"]
    return Example(
        text=text,
        intent=after["intent"],
        severity=labels["severity"],
        stage=labels.get("stage"),
        venue=labels.get("venue"),
        product=labels.get("product"),
        hazards=tuple(after["hazards"]),
        voice="plain",
        entities=tuple(replace(e, value=None) for e in reader.understand(text, now).entities),
        source=f"correction {row['id']}",
    )


def _told(outcome: Outcome, lessons: Lessons | None) -> Iterator[str]:
    if lessons is not None:
        yield (
            f"更正：{len(lessons.examples)} 条用于训练；与测评句近似而不用 {lessons.refused} 条；"
            f"无法使用 {lessons.unusable} 条；改派单位 {lessons.units} 条（不是模型标签，只作首派统计）"
        )
    card, present = outcome.card, outcome.present
    if card.scores is not None:
        yield f"测评　新 {card.version}　在用 {present.version if present else '无'}"
        before = present.scores if present else None
        for name, words in MEASURES.items():
            yield f"{words}　{_percent(card.scores, name)}　{_percent(before, name)}"
    yield f"{'已启用' if card.promoted else '未启用'} {card.version}：{_why(card)}"
    yield str(outcome.file)


def _why(card: Card) -> str:
    return _MEASURE.sub(lambda found: MEASURES[found.group()], card.why)


def _percent(scores: Scores | None, name: str) -> str:
    return f"{scores[name]:.1%}" if scores else "－"
