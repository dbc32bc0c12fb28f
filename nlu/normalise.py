"""One spelling for what people type, and the way back to what they typed.

Full-width forms are folded (NFKC, character by character), traditional characters become
simplified ones, invisible and control characters go, long runs of the same mark are cut
short, over-long letters keep their beginning and their end. Every character of the result
knows which code points of the original it came from.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache

HEAD_LIMIT = 2_800
TAIL_LIMIT = 1_200
LENGTH_LIMIT = HEAD_LIMIT + TAIL_LIMIT
"""Code points looked at: a longer letter is read at its beginning and at its end."""

_RUN_LIMIT = 3
_CHARACTERS = 4_096
"""Characters whose folding is remembered: about as many as people use."""
_DROPPED = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})
_KEPT_WHITE = {"\n": "\n", "\r": "\n", "\t": " ", "\u2028": "\n", "\u2029": "\n"}
_VARIATION = range(0xFE00, 0xFE10)

Piece = tuple[str, int, int]
"""A character of the result with its start and end in the original."""


@dataclass(frozen=True, slots=True)
class Normalised:
    """A normalised text; `starts[i]`, `ends[i]` are the original code points of character i."""

    text: str
    starts: tuple[int, ...]
    ends: tuple[int, ...]

    def span(self, start: int, end: int) -> tuple[int, int]:
        """Original span of the non-empty normalised span [start, end).

        Raises IndexError when the span is empty or outside the text.
        """
        if not 0 <= start < end <= len(self.text):
            raise IndexError(f"span {start}:{end} outside 0:{len(self.text)}")
        return self.starts[start], self.ends[end - 1]

    def locate(self, start: int, end: int) -> tuple[int, int] | None:
        """Normalised span that covers an original span, None when nothing of it was kept."""
        inside = [
            i
            for i, (first, last) in enumerate(zip(self.starts, self.ends, strict=True))
            if first < end and last > start
        ]
        return (inside[0], inside[-1] + 1) if inside else None


class Normaliser:
    """Normalises texts; builds the traditional-to-simplified converter on first need."""

    def __init__(self, convert: Callable[[str], str] | None = None) -> None:
        self._injected = convert

    def normalise(self, text: str) -> Normalised:
        """Fold a message. Takes any string, raises nothing."""
        pieces = list(_collapse(_clean(_capped(text))))
        simplified = self._simplify("".join(piece[0] for piece in pieces))
        starts = tuple(piece[1] for piece in pieces)
        return Normalised(simplified, starts, tuple(piece[2] for piece in pieces))

    @cached_property
    def _convert(self) -> Callable[[str], str]:
        if self._injected is not None:
            return self._injected
        import opencc  # 1.5 MB and 7 ms, paid by the first message only

        convert: Callable[[str], str] = opencc.OpenCC("t2s").convert
        return convert

    def _simplify(self, text: str) -> str:
        if text.isascii():
            return text
        whole = self._convert(text)
        if len(whole) == len(text):
            return whole
        return "".join(self._one(char) for char in text)

    def _one(self, char: str) -> str:
        # A phrase rule changed the length: only single characters keep the offsets true.
        converted = self._convert(char)
        return converted if len(converted) == 1 else char


def normalise(text: str) -> Normalised:
    """Fold one message with a converter of its own (for tools; engines keep a Normaliser)."""
    return Normaliser().normalise(text)


def _capped(text: str) -> Iterator[tuple[str, int]]:
    cut = max(HEAD_LIMIT, len(text) - TAIL_LIMIT)
    for index in range(min(HEAD_LIMIT, len(text))):
        yield text[index], index
    for index in range(cut, len(text)):
        yield text[index], index


def _clean(chars: Iterator[tuple[str, int]]) -> Iterator[Piece]:
    high: tuple[str, int] | None = None
    for char, index in chars:
        joined = _pair(high, char)
        if joined and high:
            yield joined, high[1], index + 1
        high = (char, index) if "\ud800" <= char <= "\udbff" else None
        for folded in _fold(char):
            yield folded, index, index + 1


def _pair(high: tuple[str, int] | None, low: str) -> str | None:
    """The character two halves stand for, as broken JSON writers send them."""
    if high is None or not "\udc00" <= low <= "\udfff":
        return None
    return (high[0] + low).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")


@lru_cache(maxsize=_CHARACTERS)
def _fold(char: str) -> str:
    if char in _KEPT_WHITE:
        return _KEPT_WHITE[char]
    if not _visible(char):
        return ""
    folded = filter(_visible, unicodedata.normalize("NFKC", char))
    return "".join(" " if one.isspace() else one for one in folded)


def _visible(char: str) -> bool:
    return ord(char) not in _VARIATION and unicodedata.category(char) not in _DROPPED


def _collapse(pieces: Iterator[Piece]) -> Iterator[Piece]:
    previous, run = "", 0
    for piece in pieces:
        char = piece[0]
        run = run + 1 if char == previous else 1
        previous = char
        if run == 1 or run <= _run_limit(char):
            yield piece


def _run_limit(char: str) -> int:
    """Digits and letters may repeat (phones, order numbers); blanks may not."""
    if char.isspace():
        return 1
    return LENGTH_LIMIT if char.isascii() and char.isalnum() else _RUN_LIMIT
