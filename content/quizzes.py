"""Quiz questions with their explanation. They come from items that are live, and from no others."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from content.errors import ContentError, Problem
from content.schema import Name, Row, form_problems
from content.source import line_of, read_yaml

LONGEST_ASK, LONGEST_OPTION, LONGEST_WHY = 60, 24, 120  # characters; one screen of a small phone
Audience = Literal[
    "everyone", "elders", "parents", "pregnant", "caterers", "farmers", "students",
    "offices", "enterprises", "schools", "villages", "communities", "sites",
]  # fmt: skip


@dataclass(frozen=True)
class Question:
    """One question; `right` is the place of the right option, from 0. `topic` is its item's."""

    id: str
    topic: int
    ask: str
    options: tuple[str, ...]
    right: int
    why: str
    audience: frozenset[str]


class _Question(Row):
    id: str = Field(pattern=r"^quiz-\d{3}-\d+$")
    topic: int = Field(ge=1)
    ask: str = Field(min_length=4, max_length=LONGEST_ASK)
    options: list[str] = Field(min_length=2, max_length=4)
    right: int = Field(ge=0)
    why: str = Field(min_length=10, max_length=LONGEST_WHY)
    audience: list[Audience] = Field(min_length=1)


class _QuizFile(Row):
    schema_version: Literal[1]
    questions: list[_Question] = Name


def load_quizzes(folder: Path) -> tuple[Question, ...]:
    """All questions of `folder`/quizzes/*.yml; raises ContentError naming file, line and remedy."""
    problems: list[Problem] = []
    rows: list[dict[str, Any]] = []
    for path in sorted((folder / "quizzes").glob("*.yml")):
        raw = read_yaml(path)
        found = list(form_problems(path, raw, _QuizFile))
        problems += found or list(_senseless(path, raw["questions"], {row["id"] for row in rows}))
        rows += raw["questions"] if not found else []
    if problems:
        raise ContentError(problems)
    return tuple(_question(row) for row in rows)


def _senseless(path: Path, rows: list[dict[str, Any]], seen: set[str]) -> Iterator[Problem]:
    for row in rows:
        for what, remedy in _flaws(row, seen):
            yield Problem(path, line_of(row), f"{row['id']}: {what}", remedy)
        seen.add(row["id"])


def _flaws(row: dict[str, Any], seen: set[str]) -> Iterator[tuple[str, str]]:
    options = row["options"]
    if row["id"] in seen:
        yield "stands twice", "give it another number"
    if int(row["id"].split("-")[1]) != row["topic"]:
        yield f"is of topic {row['topic']}", "name the topic in the id"
    if row["right"] >= len(options):
        yield f"there is no option {row['right']}", "count options from 0"
    if len(set(options)) < len(options):
        yield "an option stands twice", "make them differ"
    if any(not 1 <= len(option) <= LONGEST_OPTION for option in options):
        yield "an option is empty or too long", f"at most {LONGEST_OPTION} characters"


def _question(row: dict[str, Any]) -> Question:
    return Question(
        id=row["id"],
        topic=row["topic"],
        ask=row["ask"],
        options=tuple(row["options"]),
        right=row["right"],
        why=row["why"],
        audience=frozenset(row["audience"]),
    )
