"""The sentences people read, by key and script."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from content.errors import ContentError, Problem
from content.source import LINE, read_yaml

LOCALES = ("zh-Hans", "zh-Hant")


@dataclass(frozen=True)
class Phrasebook:
    """Phrases of every locale; `text` fills in the placeholders."""

    by_locale: Mapping[str, Mapping[str, str]]

    def text(self, key: str, locale: str = "zh-Hans", **values: object) -> str:
        """The phrase `key`; raises KeyError for a key that no file has."""
        phrases = self.by_locale.get(locale, self.by_locale["zh-Hans"])
        return phrases[key].format(**values)

    def has(self, key: str) -> bool:
        """Whether a phrase of this name exists."""
        return key in self.by_locale["zh-Hans"]


def load_phrasebook(folder: Path) -> Phrasebook:
    """All phrases under `folder`/phrases; raises ContentError when the scripts do not match."""
    books = {locale: _flat(folder / "phrases" / f"{locale}.yml") for locale in LOCALES}
    first = books[LOCALES[0]]
    problems = [
        Problem(folder / "phrases" / f"{locale}.yml", 1, f"keys differ: {difference}", "make hant")
        for locale, book in books.items()
        if (difference := sorted(set(book) ^ set(first)))
    ]
    if problems:
        raise ContentError(problems)
    return Phrasebook(books)


def _flat(path: Path) -> dict[str, str]:
    raw = read_yaml(path)
    flat: dict[str, str] = {}
    for section, entries in raw.items():
        if section != LINE:
            for key, text in entries.items():
                if key != LINE:
                    flat[f"{section}.{key}"] = str(text).rstrip("\n")
    return flat
