"""content/service.yml: limits a citizen is told; a senseless one is named with its line."""

from __future__ import annotations

from pathlib import Path

import pytest

from content.errors import ContentError
from content.service import ServiceRules, load_service

GOOD = "schema_version: 1\nreopen_days: 15\nreopen_limit: 2\nreview_remind_days: 3\n"


def test_what_is_shipped_loads() -> None:
    assert load_service(Path("content")) == ServiceRules(15, 2, 3)


@pytest.mark.parametrize(
    ("old", "new", "line", "said"),
    [
        ("reopen_days: 15", "reopen_days: 0", 2, "reopen_days: 0"),
        ("reopen_limit: 2", "reopen_limit: yes", 3, "reopen_limit: True"),
        ("reopen_limit: 2", "reopen_limits: 2", 1, "reopen_limit is missing"),
        ("review_remind_days: 3", "review_remind_days: 15", 1, "can no longer be reopened"),
        ("schema_version: 1", "schema_version: 7", 1, "schema_version"),
    ],
)
def test_mistakes_are_named(tmp_path: Path, old: str, new: str, line: int, said: str) -> None:
    (tmp_path / "service.yml").write_text(GOOD.replace(old, new), encoding="utf-8")
    with pytest.raises(ContentError) as error:
        load_service(tmp_path)
    assert said in error.value.problems[0].what
    assert error.value.problems[0].line == line
