"""What citizens may subscribe to, and the groups they may count themselves among."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pydantic import Field

from content.errors import ContentError
from content.schema import Row, form_problems
from content.source import read_yaml


@dataclass(frozen=True)
class Offer:
    """Topics and groups: id → Chinese name."""

    topics: Mapping[str, str] = field(default_factory=dict)
    groups: Mapping[str, str] = field(default_factory=dict)


class _Named(Row):
    id: str = Field(pattern=r"^[a-z]{2,12}$")
    name: str = Field(min_length=2, max_length=14)


class _File(Row):
    schema_version: Literal[1]
    topics: list[_Named] = Field(min_length=1, max_length=8)
    groups: list[_Named] = Field(max_length=12)


def load_subscriptions(folder: Path) -> Offer:
    """What `folder`/subscriptions.yml offers; raises ContentError naming line and remedy."""
    path = folder / "subscriptions.yml"
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, _File))
    if problems:
        raise ContentError(problems)
    topics, groups = ({row["id"]: row["name"] for row in raw[key]} for key in ("topics", "groups"))
    return Offer(topics, groups)
