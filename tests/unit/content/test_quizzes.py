"""Quiz questions: enough of them, each with one right answer and a reason."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from content.errors import ContentError
from content.quizzes import load_quizzes

LIVE = {7, 10, 14, 17, 22, 24, 27, *range(29, 34), *range(35, 43), 44, 45, 46, 48, 49, 50}
"""Topics of grade A and B (education.md): their questions can be asked without a signature."""
UNSOURCED = {12, 15, 28}
GOOD = """schema_version: 1
questions:
- id: quiz-001-1
  topic: 1
  ask: 什么时候该洗手
  options: [做饭之前, 想起来再说]
  right: 0
  why: 做饭前、碰过生肉以后都该用流动水洗手。
  audience: [everyone]
"""


def test_the_live_topics_alone_give_sixty_questions() -> None:
    topics = Counter(question.topic for question in load_quizzes(Path("content")))
    assert sum(topics[topic] for topic in LIVE) >= 60
    assert all(topics[topic] >= 3 for topic in LIVE)
    assert not UNSOURCED & topics.keys()


def test_the_right_answer_stands_anywhere() -> None:
    places = Counter(question.right for question in load_quizzes(Path("content")))
    assert max(places.values()) <= sum(places.values()) * 0.45


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("right: 0", "right: 2", "no option 2"),
        ("想起来再说", "做饭之前", "an option stands twice"),
        ("topic: 1", "topic: 2", "is of topic 2"),
        ("想起来再说", "长" * 25, "too long"),
        ("  audience: [everyone]", "  audience: [martians]", "audience"),
        ("做饭前、碰过生肉以后都该用流动水洗手。", "对", "why"),
    ],
)
def test_a_bad_question_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    (tmp_path / "quizzes").mkdir()
    (tmp_path / "quizzes" / "q.yml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError, match=told) as caught:
        load_quizzes(tmp_path)
    assert caught.value.problems[0].line == 3
