"""Whom to call in an emergency: a YAML file of the deployment, unit → level → one or more targets."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from content.errors import ContentError, Problem
from content.jurisdiction import Jurisdiction
from content.source import LINE, line_of, read_yaml

LEVELS = ("unit", "unit_head", "office")
REMEDY = "单位: {unit: [号码], unit_head: [号码]}，食安办另有 office: [号码]"


@dataclass(frozen=True)
class Contacts:
    """Targets by unit and level. The level `office` of every unit is that of 食安办."""

    by_unit: Mapping[str, Mapping[str, tuple[str, ...]]]
    office: str

    def of(self, unit: str, level: str) -> tuple[str, ...]:
        """Whom an alert of this unit reaches at this level; empty when nobody is named."""
        if level != "office":
            return self.by_unit.get(unit, {}).get(level, ())
        office = self.by_unit.get(self.office, {})
        return office.get("office") or office.get("unit_head") or office.get("unit", ())


def load_contacts(path: Path | None, jurisdiction: Jurisdiction) -> Contacts:
    """The contacts of a file, nobody without one. Raises ContentError naming file and line."""
    if path is None:
        return Contacts({}, jurisdiction.office)
    raw = read_yaml(path)
    problems: list[Problem] = []
    by_unit = {}
    for unit, levels in raw.items():
        if unit == LINE:
            continue
        if unit not in jurisdiction.units or not isinstance(levels, dict):
            problems.append(Problem(path, line_of(raw), f"没有单位 {unit}", REMEDY))
            continue
        by_unit[str(unit)] = _targets(path, levels, problems)
    if problems:
        raise ContentError(problems)
    return Contacts(by_unit, jurisdiction.office)


def _targets(
    path: Path, levels: dict[str, Any], problems: list[Problem]
) -> dict[str, tuple[str, ...]]:
    found = {}
    for level, given in levels.items():
        targets = [given] if isinstance(given, str) else given
        if level == LINE:
            continue
        if level in LEVELS and isinstance(targets, list) and all(map(_fits, targets)):
            found[level] = tuple(targets)
        else:
            problems.append(Problem(path, line_of(levels), f"{level}: {given}", REMEDY))
    return found


def _fits(target: object) -> bool:
    """A target is text in quotes (a number would lose its zeros) that the table can hold."""
    return isinstance(target, str) and 0 < len(target) <= 128
