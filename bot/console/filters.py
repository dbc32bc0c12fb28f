"""What the queue is narrowed to, read from the address and written back into it."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any
from urllib.parse import urlencode

from handlers.tickets.moves import KINDS, MOVES

STATES = tuple(dict.fromkeys(state for moves in MOVES.values() for state in moves))
SEVERITIES = ("urgent", "illness", "normal")
LAST_PAGE = 100_000


@dataclass(frozen=True)
class Filters:
    """Empty means any; `state` is one state, `open` (the default) or `all`."""

    state: str = "open"
    kind: str = ""
    severity: str = ""
    unit: str = ""
    text: str = ""
    page: int = 1

    def address(self, **changes: Any) -> str:
        """The query string of these filters with some changed."""
        default = asdict(Filters())
        chosen = asdict(replace(self, **changes))
        return "?" + urlencode({k: v for k, v in chosen.items() if v != default[k]})

    @property
    def narrowed(self) -> bool:
        """Whether anything but the page differs from the plain queue."""
        return replace(self, page=1) != Filters()


def read_filters(query: Mapping[str, str], units: Collection[str]) -> Filters:
    """Filters from URL parameters; a value that is none of the choices counts as not given."""
    choices: Mapping[str, Collection[str]] = {
        "state": {"open", "all", *STATES},
        "kind": KINDS,
        "severity": SEVERITIES,
        "unit": units,
    }
    chosen = {name: query[name] for name, known in choices.items() if query.get(name) in known}
    page = query.get("page", "")
    number = int(page) if page.isascii() and page.isdecimal() and len(page) < 7 else 1
    text = query.get("text", "").replace("\x00", "").strip()[:100]
    return Filters(**chosen, text=text, page=min(max(number, 1), LAST_PAGE))
