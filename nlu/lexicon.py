"""The project's own words, with what they hint at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

Hit = tuple[str, int, int]
"""A tag with the start and end of the word that carries it."""


@dataclass(frozen=True, slots=True)
class Lexicon:
    """Terms and their tags (`product.dairy`, `symptom`, `request.report`, ...)."""

    tags: Mapping[str, tuple[str, ...]]
    longest: Mapping[str, int]
    """By first character: the length of the longest term that begins with it."""

    def terms(self) -> tuple[str, ...]:
        """All terms, in file order."""
        return tuple(self.tags)

    def hits(self, text: str) -> Iterator[Hit]:
        """Tags of the longest term at each position; a term inside a longer one is not seen."""
        position = 0
        while position < len(text):
            end = self._longest_at(text, position)
            for tag in self.tags.get(text[position:end], ()):
                yield tag, position, end
            position = max(end, position + 1)

    def _longest_at(self, text: str, start: int) -> int:
        reach = start + self.longest.get(text[start], 0)
        for end in range(min(len(text), reach), start, -1):
            if text[start:end] in self.tags:
                return end
        return start


def load_lexicon() -> Lexicon:
    """Words of the trade: the packaged `lexicon.txt`."""
    return _load("lexicon.txt")


def load_places() -> Lexicon:
    """Provinces, cities, counties and districts: the packaged `places.txt`."""
    return _load("places.txt")


def _load(name: str) -> Lexicon:
    return parse_lexicon(resources.files("nlu").joinpath(name).read_text(encoding="utf-8"), name)


def parse_lexicon(text: str, name: str = "lexicon.txt") -> Lexicon:
    """Read `term tag` lines; blank lines and `#` comments are skipped.

    Raises ValueError naming the line of file `name` that has no tag.
    """
    tags: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split()
        if len(parts) != 2:
            raise ValueError(f"{name}:{number}: expected `term tag`, got {line!r}")
        tags[parts[0]] = (*tags.get(parts[0], ()), parts[1])
    longest: dict[str, int] = {}
    for term in tags:
        longest[term[0]] = max(len(term), longest.get(term[0], 0))
    return Lexicon(tags, longest)
