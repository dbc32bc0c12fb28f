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
    longest: int

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
        for end in range(min(len(text), start + self.longest), start, -1):
            if text[start:end] in self.tags:
                return end
        return start


def load_lexicon() -> Lexicon:
    """Read the packaged `lexicon.txt`."""
    text = resources.files("nlu").joinpath("lexicon.txt").read_text(encoding="utf-8")
    return parse_lexicon(text)


def parse_lexicon(text: str) -> Lexicon:
    """Read `term tag` lines; blank lines and `#` comments are skipped.

    Raises ValueError naming the line that has no tag.
    """
    tags: dict[str, tuple[str, ...]] = {}
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip() or line.startswith("#"):
            continue
        parts = line.split()
        if len(parts) != 2:
            raise ValueError(f"lexicon.txt:{number}: expected `term tag`, got {line!r}")
        tags[parts[0]] = (*tags.get(parts[0], ()), parts[1])
    return Lexicon(tags, max(map(len, tags), default=0))
