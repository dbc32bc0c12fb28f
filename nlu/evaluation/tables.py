"""Other people's data: `label<TAB>text` tables and `char TAG` column files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path


class TableError(ValueError):
    """A data file cannot be read as a table; names file, line and what was expected."""


@dataclass(frozen=True, slots=True)
class Row:
    """One labelled text."""

    label: str
    text: str


@dataclass(frozen=True, slots=True)
class Tagged:
    """One text with a BIO tag for each character."""

    text: str
    tags: tuple[str, ...]


def read_rows(path: Path) -> list[Row]:
    """Rows of a UTF-8 file whose first line is a header.

    Raises TableError for a line without a tab or without text, OSError for an unreadable file.
    """
    lines = path.read_text(encoding="utf-8").splitlines()[1:]
    rows = [_row(path, number, line) for number, line in enumerate(lines, 2) if line.strip()]
    if not rows:
        raise TableError(f"{path.name}: no rows below the header line")
    return rows


def _row(path: Path, number: int, line: str) -> Row:
    label, tab, text = line.partition("\t")
    if not tab or not label.strip() or not text.strip():
        raise TableError(f"{path.name}:{number}: expected label<TAB>text")
    return Row(label.strip(), text.strip())


def read_tagged(path: Path) -> list[Tagged]:
    """Texts of a column file: one character and its tag a line, blank lines between texts.

    Raises TableError for a line without two columns, OSError for an unreadable file.
    """
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    texts = [
        _tagged([_column(path, number, line) for number, line in block])
        for filled, block in groupby(lines, key=lambda item: bool(item[1].strip()))
        if filled
    ]
    if not texts:
        raise TableError(f"{path.name}: no tagged text")
    return texts


def _column(path: Path, number: int, line: str) -> tuple[str, str]:
    char, _, tag = line.rpartition(" ")
    if not char or not tag:
        raise TableError(f"{path.name}:{number}: expected `char TAG`")
    return char, tag


def _tagged(columns: list[tuple[str, str]]) -> Tagged:
    """Cells may hold several characters (a number, say): each character gets its own tag."""
    pairs = [pair for char, tag in columns for pair in _spread(char, tag)]
    return Tagged("".join(char for char, _ in pairs), tuple(tag for _, tag in pairs))


def _spread(cell: str, tag: str) -> Iterator[tuple[str, str]]:
    yield cell[0], tag
    for char in cell[1:]:
        yield char, f"I-{tag[2:]}" if tag != "O" else tag
