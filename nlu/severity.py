"""A safety net under the severity classifier: words that make a case urgent whatever it says.

Missing a poisoning is the dear mistake, so the rules only ever raise the severity. They stay
quiet about what did not happen: negated, hypothetical, asked about in general. The words are
in `severity.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from importlib import resources
from itertools import islice

import yaml

Floor = tuple[str, int, int, str]
"""Severity at least, the span that says so, and the name of the rule."""

Span = tuple[int, int]
Signal = tuple[str, int, int]
"""Name of a fact or rule, with its span."""

_FACTS = ("ill", "many", "vulnerable", "group", "danger", "death", "toxin", "poison")
_NEGATABLE = frozenset({"ill", "danger", "death", "poison"})
_URGENT_ALONE = ("poison", "death", "danger")
_URGENT_WITH_ILLNESS = ("many", "vulnerable", "group", "toxin")
_REACH_OF_NO = r"[^,。!?;\n]{0,6}$"
"""A negation works on what follows within this many characters of the same clause."""

_REMEMBERED = 8
_NEAR = 60
"""Characters between an illness and the people or poison it goes with."""

_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_TELLING = frozenset({"complaint", "report", "complaint_and_report", "supplement", "dissatisfied"})
"""Intents that tell of something that happened."""
_ASKING = frozenset({"consult", "ask_tip", "human", "smalltalk", "track"})
"""Intents that mostly ask in general: their words count when it is happening now."""


class SeverityRules:
    """The safety net's patterns: each a regular expression, `facts` by name."""

    def __init__(
        self, facts: Mapping[str, str], negated: str, hypothetical: str, happening: str
    ) -> None:
        self._patterns = {name: re.compile(pattern) for name, pattern in facts.items()}
        self._negated = re.compile(f"(?:{negated}){_REACH_OF_NO}")
        self._hypothetical = re.compile(hypothetical)
        self._happening = re.compile(happening)
        # The classifier, the sign and the floor ask for the facts of one message in turn.
        self._facts = lru_cache(maxsize=_REMEMBERED)(self._read)

    def floor(self, text: str, intent: str) -> Floor | None:
        """The lowest severity the words allow, None when the rules see nothing.

        `text` is normalised; the span counts its characters.
        """
        if not self._applies(text, intent):
            return None
        facts = self._facts(text)
        urgent = next(_urgent(facts), None)
        if urgent is not None:
            return ("urgent", *urgent)
        ill = facts["ill"]
        return ("illness", *ill[0], "ill") if ill else None

    def shows_a_sign(self, text: str) -> bool:
        """Whether anything in the text speaks of illness, danger or poison."""
        facts = self._facts(text)
        return any(facts[name] for name in (*_URGENT_ALONE, "ill", "toxin"))

    def signals(self, text: str) -> Iterator[Signal]:
        """What the rules see whatever the intent, as features for the classifier."""
        facts = self._facts(text)
        for name, spans in facts.items():
            for span in spans:
                yield name, *span
        for start, end, rule in _urgent(facts):
            yield f"urgent:{rule}", start, end

    def _applies(self, text: str, intent: str) -> bool:
        asks_now = intent in _ASKING and self._happening.search(text) is not None
        return intent in _TELLING or asks_now

    def _read(self, text: str) -> Mapping[str, Sequence[Span]]:
        """All asserted matches of every pattern."""
        facts: dict[str, list[Span]] = {name: [] for name in self._patterns}
        for sentence in _SENTENCE.finditer(text):
            if self._hypothetical.search(sentence[0]):
                continue
            for name, pattern in self._patterns.items():
                shift = sentence.start()
                found = self._asserted(name, pattern, sentence[0])
                facts[name] += [(start + shift, end + shift) for start, end in found]
        return facts

    def _asserted(self, name: str, pattern: re.Pattern[str], sentence: str) -> Iterator[Span]:
        for match in pattern.finditer(sentence):
            if name not in _NEGATABLE or not self._negated.search(sentence[: match.start()]):
                yield match.span()


def build_severity_rules() -> SeverityRules:
    """Read and compile the packaged rules."""
    text = resources.files("nlu").joinpath("severity.yml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = yaml.safe_load(text)
    joined = {name: "|".join(alternatives) for name, alternatives in table.items()}
    return SeverityRules(
        facts={name: joined[name] for name in _FACTS},
        negated=joined["negated"],
        hypothetical=joined["hypothetical"],
        happening=joined["happening"],
    )


def _urgent(facts: Mapping[str, Sequence[Span]]) -> Iterator[tuple[int, int, str]]:
    for name in _URGENT_ALONE:
        for span in facts[name][:1]:
            yield *span, name
    for name in _URGENT_WITH_ILLNESS:
        near = (ill for ill in facts["ill"] if any(_near(ill, span) for span in facts[name]))
        for span in islice(near, 1):
            yield *span, f"ill+{name}"


def _near(first: Span, second: Span) -> bool:
    """In long letters a child here and a headache there have nothing to do with each other."""
    return max(first[0], second[0]) - min(first[1], second[1]) <= _NEAR
