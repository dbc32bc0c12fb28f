"""Who may do what: roles × relation to the ticket, as one table."""

from __future__ import annotations

from collections.abc import Mapping

from handlers.errors import NoSuchTicket, NotPermitted
from handlers.ports import Staff
from handlers.tickets.ticket import Ticket

ROLES: Mapping[str, str] = {
    "officer": "经办",
    "unit_head": "科室负责人",
    "triage": "分诊",
    "supervisor": "督办",
    "publicist": "宣传",
    "reviewer": "审核",
    "admin": "管理员",
}
LEAD, ASSIST, ANY = "lead", "assist", "any"
HANDLERS = {"officer": LEAD, "unit_head": LEAD, "triage": LEAD}
# action → role → the relation to the ticket that suffices
PERMISSIONS: Mapping[str, Mapping[str, str]] = {
    "see": {
        "officer": ASSIST,
        "unit_head": ASSIST,
        "triage": ASSIST,
        "supervisor": ANY,
        "admin": ANY,
    },
    "claim": HANDLERS,
    "reply": {**HANDLERS, "supervisor": ANY},
    "ask": HANDLERS,
    "note": {"officer": ASSIST, "unit_head": ASSIST, "triage": ASSIST, "supervisor": ANY},
    "transfer": {**HANDLERS, "supervisor": ANY},
    "return": HANDLERS,
    "move": HANDLERS,
    "resolve": HANDLERS,
    "dispatch": {"triage": ANY, "supervisor": ANY},
    "correct": {"triage": ANY, "supervisor": ANY},
    "strike_off": {"supervisor": ANY},
    "manage_staff": {"admin": ANY},
}


def relation(staff: Staff, ticket: Ticket) -> str | None:
    """How a member of staff stands to a ticket: lead, assist, or not at all."""
    if staff.unit == ticket.lead:
        return LEAD
    return ASSIST if staff.unit in ticket.assist else None


def may(staff: Staff, action: str, ticket: Ticket) -> bool:
    """Whether the table allows it."""
    needed = PERMISSIONS[action].get(staff.role)
    if needed is None or needed == ANY:
        return needed == ANY
    held = relation(staff, ticket)
    return held == LEAD or (needed == ASSIST and held == ASSIST)


def check(staff: Staff, action: str, ticket: Ticket) -> None:
    """Raise NoSuchTicket for a ticket out of sight (a guessed URL), else NotPermitted."""
    if not may(staff, "see", ticket):
        raise NoSuchTicket(ticket=ticket.number)
    if not may(staff, action, ticket):
        raise NotPermitted(action=action, role=staff.role, ticket=ticket.number)
