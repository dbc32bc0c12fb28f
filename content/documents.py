"""The official forms as data: content/documents.yml."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from pydantic import Field

from content.errors import ContentError, Problem
from content.schema import Name, Row, form_problems
from content.source import LINE, line_of, read_yaml

HOLE = re.compile(r"\{([a-z_]+)\}")
OWN_HOLES = frozenset({"blank_line"})  # always a blank
SERIAL_HOLES = frozenset({"office_short", "year"})


@dataclass(frozen=True, slots=True)
class FormField:
    """One thing a form asks for; `identity`: it says who the citizen is.

    `source` is who knows it: ticket, identity, office, typed, ground or hand (signed on paper).
    """

    id: str
    label: str
    source: str
    identity: bool


@dataclass(frozen=True, slots=True)
class Form:
    """One form. `to` is citizen, both (also the business) or office; `signed_off` by whom and when.

    `move` is the step of a ticket that makes it, None for one made by hand; `by_law`: only when a
    law requires telling (Order 121 art. 36).
    """

    id: str
    official: int | None
    title: str
    kinds: frozenset[str]
    move: str | None
    by_law: bool
    to: str
    rows: tuple[FormField, ...]
    text: tuple[str, ...]
    required: frozenset[str]
    signed_off: str | None

    @property
    def holes(self) -> frozenset[str]:
        """Every field the form uses."""
        return self.told | {row.id for row in self.rows}

    @property
    def told(self) -> frozenset[str]:
        """Every field that its paragraphs say."""
        return frozenset(hole for text in self.text for hole in HOLE.findall(text)) - OWN_HOLES


@dataclass(frozen=True)
class Forms:
    """All forms by id, and what stands on each of them."""

    by_id: Mapping[str, Form]
    fields: Mapping[str, FormField]
    heading: str
    serial: str
    blank: str
    seal: str

    def of_move(self, kind: str, move: str, *, law_requires: bool = False) -> Form | None:
        """The form that a step of a ticket makes; one `by_law` only where a law requires telling."""
        for form in self.by_id.values():
            if form.move == move and kind in form.kinds:
                return form if law_requires or not form.by_law else None
        return None


class _Field(Row):
    label: str = Name
    from_: Literal["ticket", "identity", "office", "typed", "ground", "hand"] = Field(alias="from")
    identity: bool


class _SignedOff(Row):
    by: str = Name
    dated: date  # `on` would be read as a truth value


class _Form(Row):
    id: str = Name
    official: int | None
    title: str = Name
    kinds: list[Literal["complaint", "report", "consult", "suggestion", "rumour_check"]] = Field(
        min_length=1
    )
    move: str | None
    by_law: bool = False
    to: Literal["citizen", "both", "office"]
    rows: list[str] = Field(min_length=1)
    text: list[str] = Field(min_length=1)
    required: list[str]
    signed_off: _SignedOff | None = None


class DocumentsFile(Row):
    """content/documents.yml."""

    schema_version: Literal[1]
    heading: str = Name
    serial: str = Name
    blank: str = Name
    seal: str = Name
    fields: dict[str, _Field | int]
    forms: list[_Form] = Field(min_length=1)


def load_documents(folder: Path) -> Forms:
    """The forms of `folder`/documents.yml; raises ContentError with every problem found."""
    path = folder / "documents.yml"
    raw = read_yaml(path)
    problems = list(form_problems(path, raw, DocumentsFile)) or list(_problems(path, raw))
    if problems:
        raise ContentError(problems)
    fields = {
        key: FormField(key, row["label"], row["from"], row["identity"])
        for key, row in raw["fields"].items()
        if key != LINE
    }
    forms = {row["id"]: _form(row, fields) for row in raw["forms"]}
    return Forms(forms, fields, raw["heading"], raw["serial"], raw["blank"], raw["seal"])


def _form(row: dict[str, Any], fields: Mapping[str, FormField]) -> Form:
    signed = row.get("signed_off")
    return Form(
        row["id"],
        row["official"],
        row["title"],
        frozenset(row["kinds"]),
        row["move"],
        row.get("by_law", False),
        row["to"],
        tuple(fields[name] for name in row["rows"]),
        tuple(row["text"]),
        frozenset(row["required"]),
        f"{signed['by']} {signed['dated']}" if signed else None,
    )


def _problems(path: Path, raw: dict[str, Any]) -> Iterator[Problem]:
    fields = {k: row for k, row in raw["fields"].items() if k != LINE}
    if _stray(raw["serial"]) or {*HOLE.findall(raw["serial"])} - SERIAL_HOLES:
        yield Problem(path, 1, f"serial {raw['serial']!r}", "use {office_short} and {year} only")
    for key, field in fields.items():
        if field["identity"] != (field["from"] == "identity"):
            what = f"{key}: identity {field['identity']}, from {field['from']}"
            yield Problem(path, line_of(field), what, "identity: true goes with from: identity")
    yield from _twice(path, raw["forms"])
    for row in raw["forms"]:
        for what, remedy in _form_problems(row, fields):
            yield Problem(path, line_of(row), f"{row['id']}: {what}", remedy)


def _twice(path: Path, forms: Sequence[dict[str, Any]]) -> Iterator[Problem]:
    """Forms that share an id, or that the same step of the same kind of ticket would make."""
    seen, made = set[str](), dict[tuple[str, str], str]()
    for row in forms:
        if row["id"] in seen:
            what = f"form {row['id']} stands twice"
            yield Problem(path, line_of(row), what, "give each form its own id")
        seen.add(row["id"])
        for kind in row["kinds"] if row["move"] else ():
            first = made.setdefault((kind, row["move"]), row["id"])
            if first != row["id"]:
                what = f"{row['id']}: {row['move']} of a {kind} makes {first} already"
                yield Problem(path, line_of(row), what, "let one of them have move: null")


def _form_problems(row: dict[str, Any], fields: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is wrong with one form, and what to do about it."""
    used = {hole for text in row["text"] for hole in HOLE.findall(text)} | {*row["rows"]}
    for hole in sorted((used | {*row["required"]}) - fields.keys() - OWN_HOLES):
        yield f"no field {hole!r}", "add it under fields or mend it"
    for hole in sorted({*row["required"]} & fields.keys() - used):
        yield f"requires {hole!r} and has no place for it", "add it to rows or leave it out"
    for text in filter(_stray, row["text"]):
        yield f"a brace that is no field in {text!r}", "write fields as {name}, in small letters"
    told = sorted(hole for hole in used & fields.keys() if fields[hole]["identity"])
    if row["to"] == "both" and told:
        what = f"goes to the business and names {', '.join(told)}"
        yield what, "leave out who the citizen is; use both_parties"
    if row["to"] == "both" and row["kinds"] != ["complaint"]:
        what = f"goes to the business and serves {', '.join(row['kinds'])}"
        yield what, "only a complaint is told to the business: kinds: [complaint]"


def _stray(text: str) -> bool:
    """Whether a brace stands in a text that belongs to no hole."""
    return bool(re.search(r"[{}]", HOLE.sub("", text)))
