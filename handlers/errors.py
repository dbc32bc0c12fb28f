"""What can be refused. The docstring of a class is its message in logs; people read the phrase."""

from __future__ import annotations


class ShianError(Exception):
    """Something was refused."""

    code = "error"
    status = 409

    def __init__(self, **details: object) -> None:
        self.details = details
        super().__init__(f"{type(self).__doc__} {details}" if details else type(self).__doc__)


class MoveNotAllowed(ShianError):
    """The ticket's state table has no such move."""

    code = "move_not_allowed"


class NotPermitted(ShianError):
    """This member of staff may not do that to this ticket."""

    code = "not_permitted"
    status = 403


class NoSuchTicket(ShianError):
    """There is no ticket of that number, or it is not theirs to see."""

    code = "no_such_ticket"
    status = 404


class ReasonMissing(ShianError):
    """This step needs a written reason."""

    code = "reason_missing"
    status = 422


class NoSuchUnit(ShianError):
    """The duty list names no such unit, or it stands for several."""

    code = "no_such_unit"
    status = 422


class NoSuchLabel(ShianError):
    """The taxonomy has no such intent or hazard."""

    code = "no_such_label"
    status = 422


class NothingCorrected(ShianError):
    """The correction says what the ticket says already."""

    code = "nothing_corrected"
    status = 422


class ForbiddenWording(ShianError):
    """The text promises what the law does not let an office promise (law.md §11)."""

    code = "forbidden_wording"
    status = 422


class Stale(ShianError):
    """The ticket changed since the page was loaded."""

    code = "stale"
