"""A safety net under the severity classifier: words that make a case urgent whatever it says.

Missing a poisoning is the dear mistake, so the rules only ever raise the severity. They stay
quiet about what did not happen: negated, hypothetical, asked about in general. The words are
in `severity.yml`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import resources

import yaml

Floor = tuple[str, int, int, str]
"""Severity at least, the span that says so, and the name of the rule."""

Span = tuple[int, int]

_FACTS = ("ill", "many", "vulnerable", "group", "danger", "death", "toxin", "poison")
_NEGATABLE = frozenset({"ill", "danger", "death", "poison"})
_URGENT_ALONE = ("poison", "death", "danger")
_URGENT_WITH_ILLNESS = ("many", "vulnerable", "group", "toxin")
_REACH_OF_NO = r"[^,。!?;\n]{0,6}$"
"""A negation works on what follows within this many characters of the same clause."""

_SENTENCE = re.compile(r"[^。!?;\n]+[。!?;\n]*")
_TELLING = frozenset({"complaint", "report", "complaint_and_report", "supplement", "dissatisfied"})
"""Intents that tell of something that happened."""
_ASKING = frozenset({"consult", "ask_tip", "out_of_scope", "human", "smalltalk", "track"})
"""Intents that mostly ask in general: their words count when it is happening now."""


@dataclass(frozen=True, slots=True)
class SeverityRules:
    """Compiled patterns of the safety net."""

    facts: Mapping[str, re.Pattern[str]]
    negated: re.Pattern[str]
    hypothetical: re.Pattern[str]
    happening: re.Pattern[str]

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
        ill = facts.get("ill")
        return ("illness", *ill, "ill") if ill else None

    def _applies(self, text: str, intent: str) -> bool:
        asks_now = intent in _ASKING and self.happening.search(text) is not None
        return intent in _TELLING or asks_now

    def _facts(self, text: str) -> dict[str, Span]:
        """First asserted match of every pattern."""
        facts: dict[str, Span] = {}
        for sentence in _SENTENCE.finditer(text):
            if self.hypothetical.search(sentence[0]):
                continue
            for name in self.facts.keys() - facts.keys():
                span = self._asserted(name, sentence[0])
                if span:
                    facts[name] = (span[0] + sentence.start(), span[1] + sentence.start())
        return facts

    def _asserted(self, name: str, sentence: str) -> Span | None:
        for match in self.facts[name].finditer(sentence):
            if name not in _NEGATABLE or not self.negated.search(sentence[: match.start()]):
                return match.span()
        return None


def build_severity_rules() -> SeverityRules:
    """Read and compile the packaged rules."""
    text = resources.files("nlu").joinpath("severity.yml").read_text(encoding="utf-8")
    table: dict[str, list[str]] = yaml.safe_load(text)
    joined = {name: "|".join(alternatives) for name, alternatives in table.items()}
    return SeverityRules(
        facts={name: re.compile(joined[name]) for name in _FACTS},
        negated=re.compile(f"(?:{joined['negated']}){_REACH_OF_NO}"),
        hypothetical=re.compile(joined["hypothetical"]),
        happening=re.compile(joined["happening"]),
    )


def _urgent(facts: Mapping[str, Span]) -> Iterator[tuple[int, int, str]]:
    for name in _URGENT_ALONE:
        if name in facts:
            yield *facts[name], name
    for name in _URGENT_WITH_ILLNESS:
        if name in facts and "ill" in facts:
            yield *facts["ill"], f"ill+{name}"
