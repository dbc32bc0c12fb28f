"""The sentences people read, by key and script."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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
    return _load(folder / "phrases", "")


def load_ui(folder: Path, page: str) -> Phrasebook:
    """The words of one set of pages, e.g. `console`; raises ContentError like load_phrasebook.

    A large set may be spread over files, one for an area: `console.board.zh-Hans.yml`.
    """
    books = [_load(folder / "phrases", f"{page}.")]
    for path in sorted((folder / "phrases").glob(f"{page}.*.{LOCALES[0]}.yml")):
        books.append(_load(path.parent, path.name.removesuffix(f"{LOCALES[0]}.yml")))
    return Phrasebook({one: _joined(books, one) for one in LOCALES})


def _joined(books: Sequence[Phrasebook], locale: str) -> Mapping[str, str]:
    return {key: text for book in books for key, text in book.by_locale[locale].items()}


def _load(folder: Path, prefix: str) -> Phrasebook:
    paths = {locale: folder / f"{prefix}{locale}.yml" for locale in LOCALES}
    books = {locale: _flat(path) for locale, path in paths.items()}
    first = books[LOCALES[0]]
    problems = [
        Problem(paths[locale], 1, f"keys differ: {difference}", "make hant")
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
        if isinstance(entries, dict):
            flat.update(
                {f"{section}.{k}": str(v).rstrip("\n") for k, v in entries.items() if k != LINE}
            )
        elif section != LINE:
            flat[section] = str(entries)
    return flat
