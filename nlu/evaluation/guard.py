"""Keeps the examination out of the lessons: what resembles a held-out sentence is not learned."""

from __future__ import annotations

from collections.abc import Iterable

from nlu.normalise import Normaliser

_LENGTH = 4
_SHARED = 0.6
_FEW = 5
"""Texts of fewer pieces than this are compared as a whole: they share pieces by chance."""


class HeldOutGuard:
    """Knows the held-out sentences."""

    def __init__(self, sentences: Iterable[str]) -> None:
        self._normaliser = Normaliser()
        cores = [self._core(sentence) for sentence in sentences]
        self._wholes = frozenset(cores)
        self._pieces = [found for core in cores if len(found := _pieces(core)) >= _FEW]

    def refuses(self, text: str) -> bool:
        """Whether a text is a held-out sentence, or nearly one, or holds one, or is part of one.

        Spelling, blanks, punctuation and numbers do not make a difference.
        """
        core = self._core(text)
        if core in self._wholes:
            return True
        mine = _pieces(core)
        return len(mine) >= _FEW and any(_alike(mine, theirs) for theirs in self._pieces)

    def _core(self, text: str) -> str:
        folded = self._normaliser.normalise(text).text.casefold()
        return "".join(char for char in folded if char.isalpha())


def _pieces(core: str) -> frozenset[str]:
    return frozenset(core[i : i + _LENGTH] for i in range(len(core) - _LENGTH + 1))


def _alike(one: frozenset[str], other: frozenset[str]) -> bool:
    return len(one & other) >= _SHARED * min(len(one), len(other))
