"""The sentence that explains a refusal, for every place where staff read one."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import cast

from handlers.errors import ShianError

Name = Callable[[str, str], str]
# detail of an error → the section of the phrase files that names it, and the placeholder it fills
NAMED: Mapping[str, tuple[str, str]] = {
    "state": ("state", "state"),
    "to": ("rule", "rule"),
    "why": ("clock_refused", "why"),
    "refused": ("form_refused", "refused"),
    "field": ("draft", "field"),
}


def values_of(error: ShianError, name: Name) -> dict[str, object]:
    """What fills the phrase `error.<code>`; `name` gives the Chinese name of a label."""
    details = dict(error.details)
    for detail, (section, hole) in NAMED.items():
        if told := error.details.get(detail):
            details[hole] = name(section, str(told))
    if reasons := error.details.get("reasons"):
        details["reasons"] = "；".join(
            name("campaign_reason", r) for r in cast(Sequence[str], reasons)
        )
    if isinstance(mistakes := error.details.get("mistakes"), list):
        details["lines"] = "；".join(_mistake(name, *mistake) for mistake in mistakes)
    return details


def _mistake(name: Name, line: int, what: str, shown: str) -> str:
    """A mistake in a table: its line, what is wrong, the words themselves."""
    return f"{line}. {name('table', what)}" + (f"（{shown}）" if shown else "")
