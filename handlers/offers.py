"""Buttons that stand on their own: their values mean the same whenever they are pressed."""

from __future__ import annotations

START = (
    ("button.complain", "begin:complaint"),
    ("button.report", "begin:report"),
    ("button.ill", "begin:ill"),
    ("button.track", "begin:track"),
    ("button.ask", "begin:consult"),
)
CLARIFY = (
    ("button.mean_complaint", "mean:complaint"),
    ("button.mean_report", "mean:report"),
    ("button.mean_question", "mean:consult"),
    ("button.mean_other", "mean:out_of_scope"),
)
ANOTHER = (
    ("button.later", "another:later"),
    ("button.same", "another:same"),
)
ANSWERED = (("button.not_answered", "expert:ask"),)
RESUME = (
    ("button.resume", "resume:go"),
    ("button.another", "resume:new"),
    ("button.drop", "resume:drop"),
)


def after_filing(number: str, *, anonymous: bool) -> tuple[tuple[str, str], ...]:
    """What a citizen may do with a fresh receipt."""
    more = (("button.supplement", f"add:{number}"), ("button.track_this", f"track:{number}"))
    contact = (("button.leave_contact", f"contact:{number}"),)
    return (*more, *contact) if anonymous else more
