"""Words of a Chinese text: jieba with the project's lexicon, or rjieba where installed.

jieba's own dictionary holds 350,000 words, most of them seen a handful of times in its
source. We cut it to the frequent ones: a quarter of the memory and of the start-up time.
"""

from __future__ import annotations

import logging
import warnings
from collections.abc import Callable, Iterator, Sequence
from functools import cached_property, lru_cache
from importlib import import_module, resources, util
from io import BytesIO
from types import ModuleType
from typing import Any, Protocol

Word = tuple[str, int, int]
"""A word with its start and end."""

_MIN_FREQUENCY = 10
_LEXICON_FREQUENCY = 3_000
_REMEMBERED = 8


class Segmenter(Protocol):
    """Cuts a text into words that cover it without gaps."""

    @property
    def name(self) -> str:
        """Names the cutter and so belongs to the version of a model trained with it."""

    def words(self, text: str) -> Sequence[Word]:
        """The words in order."""


class CutSegmenter:
    """A segmenter made of a `cut` function, built on first use."""

    def __init__(self, name: str, build: Callable[[], Callable[[str], list[str]]]) -> None:
        self._name = name
        self._build = build
        # Each message is cut for the classifier, the tagger and the evidence: cut it once.
        self._remembered = lru_cache(maxsize=_REMEMBERED)(self._words)

    @property
    def name(self) -> str:
        """`jieba` or `rjieba`."""
        return self._name

    def words(self, text: str) -> Sequence[Word]:
        """The words in order, with their offsets in `text`."""
        return self._remembered(text)

    def _words(self, text: str) -> tuple[Word, ...]:
        return tuple(_positions(self._cut(text)))

    @cached_property
    def _cut(self) -> Callable[[str], list[str]]:
        return self._build()


def build_segmenter(terms: Sequence[str]) -> Segmenter:
    """The fastest segmenter that is installed, knowing `terms` as words."""
    if util.find_spec("rjieba") is not None:
        return CutSegmenter("rjieba", lambda: _rjieba_cut(terms))
    return CutSegmenter("jieba", lambda: _jieba_cut(terms))


def dictionary_segmenter(terms: Sequence[str]) -> Segmenter:
    """jieba without its guesses at new words: what no dictionary has falls into characters.

    Cuts finer, and less often across the border of a name.
    """
    return CutSegmenter("jieba-dictionary", lambda: _jieba_cut(terms, guess=False))


def dictionary_words() -> list[tuple[str, int]]:
    """The words of jieba's dictionary with their frequencies, rare ones left out."""
    lines = _frequent_words("jieba").decode("utf-8").splitlines()
    return [(word, int(count)) for word, count, *_ in (line.split(" ") for line in lines)]


def _positions(words: list[str]) -> Iterator[Word]:
    start = 0
    for word in words:
        yield word, start, start + len(word)
        start += len(word)


def _rjieba_cut(terms: Sequence[str]) -> Callable[[str], list[str]]:
    cutter = import_module("rjieba").Jieba()
    for term in terms:
        cutter.add_word(term, _LEXICON_FREQUENCY, "n")

    def cut(text: str) -> list[str]:
        return list(cutter.cut(text, True))

    return cut


def _jieba_cut(terms: Sequence[str], guess: bool = True) -> Callable[[str], list[str]]:
    tokenizer = _project_tokenizer(_quiet_jieba(), terms)

    def cut(text: str) -> list[str]:
        return list(tokenizer.cut(text, HMM=guess))

    return cut


def _quiet_jieba() -> ModuleType:
    # Importing jieba compiles old regular expressions and looks for pkg_resources: both warn.
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        module = import_module("jieba")
    module.default_logger.setLevel(logging.CRITICAL)
    return module


def _project_tokenizer(jieba: ModuleType, terms: Sequence[str]) -> Any:
    """A tokenizer whose prefix table we fill ourselves, so jieba writes no cache file."""
    tokenizer = jieba.Tokenizer()
    source = BytesIO(_frequent_words(jieba.__name__))
    source.name = "frequent words"  # jieba names the source in its errors
    tokenizer.FREQ, tokenizer.total = tokenizer.gen_pfdict(source)
    tokenizer.initialized = True
    for term in terms:
        tokenizer.add_word(term, _LEXICON_FREQUENCY)
    return tokenizer


def _frequent_words(package: str) -> bytes:
    lines = resources.files(package).joinpath("dict.txt").read_bytes().splitlines(keepends=True)
    return b"".join(line for line in lines if int(line.split(b" ", 2)[1]) >= _MIN_FREQUENCY)
