"""Where a ticket can go from where it stands: one table per kind.

The rule behind a move is the phrase `rule.<state it leads to>`, named when a move is refused.
Sources: Order 121 (arts. 15, 16, 18, 23, 34, 35), 行政处罚程序规定 (arts. 18, 64), design §6.
"""

from __future__ import annotations

from collections.abc import Mapping

KINDS = ("complaint", "report", "consult", "suggestion", "rumour_check")

_TAIL: Mapping[str, frozenset[str]] = {
    "resolved": frozenset({"strike_off_pending", "reopened"}),
    "strike_off_pending": frozenset({"struck_off", "reopened"}),
    "struck_off": frozenset({"reopened"}),
    "reopened": frozenset({"dispatched"}),
}
_HEAD: Mapping[str, frozenset[str]] = {
    "registered": frozenset({"dispatched", "withdrawn"}),
    "dispatched": frozenset({"claimed", "returned", "dispatched", "withdrawn"}),
    "returned": frozenset({"dispatched", "withdrawn"}),
    "withdrawn": frozenset(),
}
# `claimed` to `resolved`: departments that Order 121 does not bind; see closing.py.
_COMPLAINT: Mapping[str, frozenset[str]] = {
    **_HEAD,
    "claimed": frozenset(
        {"accepted", "declined", "handed_over", "returned", "dispatched", "resolved", "withdrawn"}
    ),
    "accepted": frozenset({"mediating", "terminated", "withdrawn"}),
    "mediating": frozenset({"settled", "terminated", "withdrawn"}),
    "declined": frozenset({"resolved"}),
    "handed_over": frozenset({"resolved"}),
    "settled": frozenset({"resolved"}),
    "terminated": frozenset({"resolved"}),
    **_TAIL,
}
_REPORT: Mapping[str, frozenset[str]] = {
    **_HEAD,
    "claimed": frozenset(
        {"verifying", "handed_over", "returned", "dispatched", "resolved", "withdrawn"}
    ),
    # A withdrawn report is verified all the same (design §6), so no `withdrawn` from here on.
    "verifying": frozenset({"filed", "not_filed", "handed_over"}),
    "filed": frozenset({"decided"}),
    "decided": frozenset({"resolved"}),
    "not_filed": frozenset({"resolved"}),
    "handed_over": frozenset({"resolved"}),
    **_TAIL,
}
_QUESTION: Mapping[str, frozenset[str]] = {
    **_HEAD,
    "claimed": frozenset({"answered", "returned", "dispatched", "withdrawn"}),
    "answered": frozenset({"closed"}),
    "closed": frozenset(),
}
MOVES: Mapping[str, Mapping[str, frozenset[str]]] = {
    "complaint": _COMPLAINT,
    "report": _REPORT,
    "consult": _QUESTION,
    "suggestion": _QUESTION,
    "rumour_check": _QUESTION,
}
DONE = frozenset(
    {"resolved", "strike_off_pending", "struck_off", "answered", "closed", "withdrawn"}
)
LEGAL_STEPS = frozenset(
    "accepted declined handed_over mediating settled terminated verifying filed not_filed decided".split()
)


def allowed(kind: str, state: str, to: str) -> bool:
    """Whether the table of the kind has this move."""
    return to in MOVES[kind].get(state, frozenset())
