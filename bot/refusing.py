"""The sentence that explains a refusal, for every place where staff read one."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from handlers.errors import ShianError

Name = Callable[[str, str], str]
# detail of an error → the section of the phrase files that names it, and the placeholder it fills
NAMED: Mapping[str, tuple[str, str]] = {
    "state": ("state", "state"),
    "to": ("rule", "rule"),
    "why": ("clock_refused", "why"),
    "field": ("draft", "field"),
}


def values_of(error: ShianError, name: Name) -> dict[str, object]:
    """What fills the phrase `error.<code>`; `name` gives the Chinese name of a label."""
    details = dict(error.details)
    for detail, (section, hole) in NAMED.items():
        if told := error.details.get(detail):
            details[hole] = name(section, str(told))
    return details
