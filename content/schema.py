"""The form of a jurisdiction file and of routing.yml; what breaks it is named by line."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from content.errors import Problem
from content.source import LINE, line_of

Name = Field(min_length=1)


class Row(BaseModel):
    """A mapping of the file: every field named, nothing else."""

    model_config = ConfigDict(extra="forbid", strict=True)
    line: int = Field(alias=LINE)


class _When(BaseModel):
    """Conditions: kind → labels. Kinds are checked apart, so that a typo is named."""

    model_config = ConfigDict(extra="allow", strict=True)
    __pydantic_extra__: dict[str, list[str] | int]


class _Unit(Row):
    id: str = Name
    name: str = Name
    level: Literal["city", "county", "station"] | None
    parent: str | None
    confirmed: bool
    collective: bool = False


class _Duty(Row):
    id: str = Name
    item: str
    duty: str
    quoted_units: str
    routable: bool
    when: _When
    lead: str | None
    assist: list[str]
    joint: list[str]
    local: list[str]
    confirmed: bool


class _Grid(Row):
    id: str = Name
    name: str = Name
    match: list[str] = Field(min_length=1)
    unit: str | None
    cadre: str | None


class _Source(Row):
    seed: str
    document: str


class JurisdictionFile(Row):
    """content/jurisdictions/<id>.yml."""

    schema_version: Literal[1]
    id: str = Name
    name: str = Name
    office_name: str = Name
    published_12315_channel: bool
    source: _Source
    units: list[_Unit] = Field(min_length=1)
    roles: dict[str, str | int | None]
    duties: list[_Duty]
    grids: list[_Grid] = []


class _Default(Row):
    id: str = Name
    when: _When
    lead: str = Name
    assist: list[str]
    alert: list[str]
    basis: str


class _Urgent(Row):
    lead: str = Name
    assist: list[str]
    by_venue: dict[str, str | int]
    by_hazard: dict[str, str | int]
    by_stage: dict[str, str | int]
    basis: str


class RoutingFile(Row):
    """content/routing.yml."""

    schema_version: Literal[1]
    defaults: list[_Default] = Field(min_length=1)
    urgent: _Urgent


def form_problems(path: Path, raw: dict[str, Any], form: type[BaseModel]) -> Iterator[Problem]:
    """What keeps `raw` from having this form, each with the line of the row it stands in."""
    try:
        form.model_validate(raw)
    except ValidationError as error:
        for found in error.errors(include_url=False):
            where = [part for part in found["loc"] if part != LINE]
            what = f"{'.'.join(str(part) for part in where) or 'file'}: {found['msg']}"
            yield Problem(
                path, _line(raw, where), what, "compare with template.yml and mend this row"
            )


def _line(raw: Any, where: Sequence[int | str]) -> int:
    """The line of the innermost mapping on the way to a finding."""
    line = 1
    for part in where:
        if isinstance(raw, dict):
            line = line_of(raw)
        try:
            raw = raw[part]
        except (KeyError, IndexError, TypeError):
            return line
    return line_of(raw) if isinstance(raw, dict) else line
