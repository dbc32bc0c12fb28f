"""200 letters that citizens really wrote to their government, through the whole path.

They are in nobody's repository: SHIAN_REAL_DATA names the file (label<TAB>text, with a header).
"""

from __future__ import annotations

import csv
import os
import random
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
import sqlalchemy as sa

from bot.bootstrap import App, bootstrap
from bot.channels.webchat import arrival
from bot.db import tables as t
from bot.db.migrate import upgrade
from bot.settings import Settings
from handlers.ports import Interpreter

pytestmark = pytest.mark.acceptance

DEFAULT = Path(__file__).parents[2].parent / "shared" / "data" / "taidi.train.tsv"
COUNT = 200
SEED = 20261123
OUTCOMES = (
    "pointed elsewhere",
    "asked to clarify",
    "filed",
    "question ticket",
    "draft begun",
    "other",
)
FOOD = re.compile(
    "食品|食物|食材|餐|食堂|超市|饭店|饭菜|外卖|菜场|农贸|伙食|营养餐|牛奶|奶粉|蔬菜|猪肉|肉类|水果|零食|"
    "小吃|烧烤|面馆|酒楼|火锅|饮用水|桶装水|保健品|喝酒|白酒|吃"
)
"""Whoever mentions one of these may have a food matter in a general letter."""


@dataclass(frozen=True)
class Letter:
    """One letter, its class, and what became of it."""

    number: int
    label: str
    text: str
    outcome: str = ""

    @property
    def may_be_food(self) -> bool:
        return FOOD.search(self.text) is not None


def sample() -> list[Letter]:
    """COUNT letters, each class in proportion, always the same ones."""
    path = Path(os.environ.get("SHIAN_REAL_DATA") or DEFAULT)
    if not path.is_file():
        pytest.skip(f"no real letters at {path}; SHIAN_REAL_DATA names the file")
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file, delimiter="\t", quoting=csv.QUOTE_NONE))[1:]
    by_label: dict[str, list[str]] = {}
    for label, text in rows:
        by_label.setdefault(label, []).append(text)
    rng, chosen = random.Random(SEED), []
    for label, number in _shares({k: len(v) for k, v in by_label.items()}).items():
        chosen += [(label, text) for text in rng.sample(by_label[label], number)]
    return [Letter(number, *pair) for number, pair in enumerate(chosen)]


def _shares(sizes: dict[str, int]) -> dict[str, int]:
    """COUNT divided in proportion, the largest remainders rounded up."""
    exact = {label: COUNT * size / sum(sizes.values()) for label, size in sizes.items()}
    shares = {label: int(share) for label, share in exact.items()}
    by_remainder = sorted(exact, key=lambda label: shares[label] - exact[label])
    for label in by_remainder[: COUNT - sum(shares.values())]:
        shares[label] += 1
    return shares


async def test_two_hundred_real_letters(tmp_path: Path, interpreter: Interpreter) -> None:
    letters = sample()
    app = bootstrap(Settings(data=tmp_path, telegram_token=None), interpreter=interpreter)
    await upgrade(app.database)
    try:
        posts = [
            arrival(
                f"citizen{letter.number}",
                {"client_id": f"letter-{letter.number}", "text": letter.text},
            )
            for letter in letters
        ]
        assert await app.intake.accept(posts) == COUNT
        await app.worker.drain()
        while await app.delivery.drain_once():
            pass
        done = [await _looked_up(app, letter) for letter in letters]
        _print(done)
        await _check_rows(app)
    finally:
        await app.close()
    general = [letter for letter in done if not letter.may_be_food]
    filed = [letter for letter in general if letter.outcome == "filed"]
    assert {letter.label for letter in letters} >= set(_shares(Counter(x.label for x in letters)))
    assert len(filed) <= 0.05 * len(general), [letter.text[:60] for letter in filed]


async def _check_rows(app: App) -> None:
    """No row failed, every letter answered, and nobody's ticket lies nowhere."""
    async with app.database.read() as connection:
        states = await connection.execute(
            sa.select(t.inbox.c.state, sa.func.count()).group_by("state")
        )
        assert {row[0]: row[1] for row in states} == {"done": COUNT}
        answered = sa.select(sa.func.count(sa.distinct(t.outbox.c.citizen_id)))
        assert await connection.scalar(answered.where(t.outbox.c.state == "sent")) == COUNT
        leads = set((await connection.scalars(sa.select(t.tickets.c.lead))).all())
    assert leads <= set(app.services.jurisdiction.units)


async def _looked_up(app: App, letter: Letter) -> Letter:
    async with app.units_of_work() as work:
        citizen = await work.citizens.get_or_add("web", f"citizen{letter.number}", "zh-Hans")
        dialog = await work.dialogs.load(citizen.id)
        tickets = await work.tickets.of_citizen(citizen.id)
    said = (await app.mailbox.history(citizen.address))[0][-1]["text"]
    kinds = {ticket.kind for ticket in tickets}
    phrases = app.services.phrases
    facts = {
        "filed": bool(kinds & {"complaint", "report"}),
        "question ticket": bool(kinds),
        "draft begun": dialog["draft"] is not None,
        "pointed elsewhere": said == phrases.text("elsewhere.hotline"),
        "asked to clarify": said == phrases.text("clarify.ask"),
    }
    outcome = next((name for name, holds in facts.items() if holds), "other")
    return Letter(letter.number, letter.label, letter.text, outcome)


def _print(letters: Sequence[Letter]) -> None:
    print(f"\n{'class':<10}{'n':>5}" + "".join(f"{name:>19}" for name in OUTCOMES))
    for label in [*dict.fromkeys(x.label for x in letters), "all", "no food word"]:
        rows = [
            x
            for x in letters
            if label in (x.label, "all") or (label[0] == "n" and not x.may_be_food)
        ]
        found = Counter(x.outcome for x in rows)
        print(f"{label:<10}{len(rows):>5}" + "".join(f"{found[name]:>19}" for name in OUTCOMES))
    for letter in letters:
        if letter.outcome == "filed":
            print(f"filed  {letter.label}  food word: {letter.may_be_food}  {letter.text[:50]}")
