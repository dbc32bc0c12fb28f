"""Food or not: real letters to a government, of which a few concern food.

The letters are other people's and stay where they are; what they are about is kept by the hash of
their text.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from nlu.evaluation.report.results import LetterScore
from nlu.evaluation.scores import Rates
from nlu.evaluation.tables import TableError, read_rows
from nlu.understanding import Understanding

_FLAGS = {"1": True, "0": False}
_EVERY = "all"
_OUTSIDE = "out_of_scope"

Doubtful = Callable[[Understanding], bool]
"""Whether a citizen would be asked what they mean before anything is done."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One letter: whether it concerns food, and the sample it was drawn for."""

    text: str
    food: bool
    sample: str


def judgements() -> Path:
    """The packaged judgements: hash of the text, food or not, sample."""
    return Path(str(resources.files("nlu").joinpath("evaluation", "food_or_not.tsv")))


def read_letters(path: Path, judged: Path) -> list[Letter]:
    """The letters of a `label<TAB>text` file that were judged, each once.

    Raises TableError for a line that cannot be read or when no letter was judged, OSError.
    """
    known = _judgements(judged)
    texts = dict.fromkeys(row.text for row in read_rows(path))
    found = [Letter(text, *known[key]) for text in texts if (key := _hash(text)) in known]
    if not found:
        raise TableError(f"{path.name}: none of its texts is in {judged.name}")
    return found


def let_in(heard: Understanding) -> bool:
    """Whether a message is taken as ours; the other messages are pointed to 12345."""
    return heard.intent != _OUTSIDE


def score_letters(
    letters: Sequence[Letter], found: Sequence[Understanding], doubtful: Doubtful
) -> tuple[LetterScore, ...]:
    """One score for each sample and one for all letters. Raises ValueError for unequal lengths."""
    pairs = list(zip(letters, found, strict=True))
    samples = sorted({letter.sample for letter in letters})
    return tuple(
        _score(name, [pair for pair in pairs if name in (_EVERY, pair[0].sample)], doubtful)
        for name in (*samples, _EVERY)
    )


def _score(
    sample: str, pairs: Sequence[tuple[Letter, Understanding]], doubtful: Doubtful
) -> LetterScore:
    clear = [(letter, heard) for letter, heard in pairs if not doubtful(heard)]
    return LetterScore(
        sample=sample,
        letters=len(pairs),
        let_in=_rates(pairs),
        at_once=_rates(clear),
        asked=len(pairs) - len(clear),
    )


def _rates(pairs: Sequence[tuple[Letter, Understanding]]) -> Rates:
    """Letters about food against letters let in."""
    return Rates(
        gold=sum(letter.food for letter, _ in pairs),
        found=sum(let_in(heard) for _, heard in pairs),
        both=sum(letter.food and let_in(heard) for letter, heard in pairs),
    )


def _judgements(path: Path) -> dict[str, tuple[bool, str]]:
    lines = enumerate(path.read_text(encoding="utf-8").splitlines()[1:], 2)
    return dict(_judgement(path, number, line) for number, line in lines)


def _judgement(path: Path, number: int, line: str) -> tuple[str, tuple[bool, str]]:
    cells = line.split("\t")
    if len(cells) != 3 or cells[1] not in _FLAGS:
        raise TableError(f"{path.name}:{number}: expected sha256<TAB>1 or 0<TAB>sample")
    return cells[0], (_FLAGS[cells[1]], cells[2])


def _hash(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
