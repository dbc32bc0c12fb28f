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
    "delegate": {"unit_head": LEAD},
    "give_task": {**HANDLERS, "supervisor": ANY},
    "finish_task": {"officer": ASSIST, "unit_head": ASSIST},
    "move": HANDLERS,
    "receive": {**HANDLERS, "supervisor": ANY},
    "extend": {"unit_head": LEAD, "supervisor": ANY},
    "resolve": HANDLERS,
    "dispatch": {"triage": ANY, "supervisor": ANY},
    "correct": {"triage": ANY, "supervisor": ANY},
    "strike_off": {"supervisor": ANY},
    "supervise": {"supervisor": ANY},
    "answer_supervision": {"officer": LEAD, "unit_head": LEAD},
    "unmask": {"officer": LEAD, "unit_head": LEAD, "supervisor": ANY},
    "link": {"triage": ANY, "supervisor": ANY, "unit_head": LEAD},
    "facts_only": {"supervisor": ANY},
    "manage_staff": {"admin": ANY},
    "see_campaigns": {"publicist": ANY, "reviewer": ANY, "supervisor": ANY},
    "write_campaigns": {"publicist": ANY},
    "sign_campaigns": {"reviewer": ANY, "supervisor": ANY},
}


def relation(staff: Staff, ticket: Ticket) -> str | None:
    """How a member of staff stands to a ticket: lead (also 先办后议), assist, or not at all."""
    if staff.unit in (ticket.lead, ticket.interim):
        return LEAD
    return ASSIST if staff.unit in ticket.assist else None


def may(staff: Staff, action: str, ticket: Ticket) -> bool:
    """Whether the table allows it, and the secrecy of the ticket does not forbid it."""
    needed = PERMISSIONS[action].get(staff.role)
    if needed is None or not _let_in(staff, action, ticket):
        return False
    if needed == ANY:
        return True
    if needed == ASSIST and staff.login in ticket.watchers:
        return True
    held = relation(staff, ticket)
    return held == LEAD or (needed == ASSIST and held == ASSIST)


def _let_in(staff: Staff, action: str, ticket: Ticket) -> bool:
    """An insider's matter: 食安办's triage and supervisors, and whom they gave it to.

    A shielded report's reporter is opened by unit heads and supervisors only.
    """
    if action == "unmask" and ticket.secrecy == "insider":
        return staff.role == "supervisor"
    if action == "unmask" and ticket.shielded:
        return staff.role in ("unit_head", "supervisor")
    if ticket.secrecy != "insider":
        return True
    if staff.role in ("supervisor", "triage"):
        return True
    heads = staff.role == "unit_head" and staff.unit == ticket.lead
    return heads or staff.login == ticket.officer


def check_role(staff: Staff, action: str, subject: str) -> None:
    """For what is no ticket: raise NotPermitted unless the role may do it."""
    if staff.role not in PERMISSIONS[action]:
        raise NotPermitted(action=action, role=staff.role, ticket=subject)


def check(staff: Staff, action: str, ticket: Ticket) -> None:
    """Raise NoSuchTicket for a ticket out of sight (a guessed URL), else NotPermitted."""
    if not may(staff, "see", ticket):
        raise NoSuchTicket(ticket=ticket.number)
    if not may(staff, action, ticket):
        raise NotPermitted(action=action, role=staff.role, ticket=ticket.number)
