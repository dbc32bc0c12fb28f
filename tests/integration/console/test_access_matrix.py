"""Every role × action × relation to a ticket, written out; and the queue shows what may be seen."""

from __future__ import annotations

import itertools

import pytest

from bot.console import views
from bot.console.filters import Filters
from bot.console.page import campaigner
from bot.console.pages import PAGES
from handlers import staff as permissions
from handlers.ports import Staff
from handlers.staff import PERMISSIONS, ROLES
from handlers.tickets.ticket import Ticket
from tests.integration.console.office import HEALTH, MARKET, OFFICE, START, Office

UNITS = {"lead": MARKET, "assist": HEALTH, "interim": "nyj", "none": "jtj"}
# What each role may do by its relation. Whoever is not named here may do nothing.
TALK = {"claim", "ask", "transfer", "return", "give_task", "move", "receive", "resolve", "reply"}
EXPECTED: dict[str, dict[str, set[str]]] = {
    "officer": {
        "lead": {"see", "note", "finish_task", "answer_supervision", "unmask", *TALK},
        "assist": {"see", "note", "finish_task"},
    },
    "unit_head": {
        "lead": {
            "see", "note", "finish_task", "answer_supervision", "unmask", "delegate", "extend",
            "link", *TALK,
        },
        "assist": {"see", "note", "finish_task"},
    },
    "triage": {
        "lead": {"see", "note", "dispatch", "correct", "link", *TALK},
        "assist": {"see", "note", "dispatch", "correct", "link"},
        "none": {"dispatch", "correct", "link"},
    },
    "supervisor": {
        relation: {
            "see", "note", "reply", "transfer", "give_task", "receive", "extend", "dispatch",
            "correct", "strike_off", "supervise", "link", "facts_only", "unmask",
        }
        for relation in ("lead", "assist", "none")
    },
    "admin": {relation: {"see"} for relation in ("lead", "assist", "none")},
}  # fmt: skip
NOT_ABOUT_TICKETS = {"manage_staff", "see_campaigns", "write_campaigns", "sign_campaigns"}
INSIDERS_SEEN_BY = {
    ("supervisor", "lead"), ("supervisor", "interim"), ("supervisor", "assist"), ("supervisor", "none"), ("triage", "lead"),
    ("triage", "assist"), ("unit_head", "lead"),
}  # fmt: skip


def ticket(**more: object) -> Ticket:
    made = Ticket(
        "SA20261123-0001", "complaint", 1, "来件人0001", "脏", {}, {}, MARKET, (HEALTH,), "normal",
        START, interim=UNITS["interim"],
    )  # fmt: skip
    for name, value in more.items():
        setattr(made, name, value)
    return made


def person(role: str, relation: str) -> Staff:
    return Staff(f"{role}-{relation}", "某", role, UNITS[relation])


def expected(role: str, relation: str) -> set[str]:
    by_relation = EXPECTED.get(role, {})
    return by_relation.get("lead" if relation == "interim" else relation, set())


@pytest.mark.parametrize(("role", "relation"), list(itertools.product(ROLES, UNITS)))
def test_each_role_may_do_exactly_this(role: str, relation: str) -> None:
    who, about = person(role, relation), ticket()
    allowed = {a for a in PERMISSIONS if permissions.may(who, a, about)} - NOT_ABOUT_TICKETS
    assert allowed == expected(role, relation)


@pytest.mark.parametrize(("role", "relation"), list(itertools.product(ROLES, UNITS)))
def test_an_insider_s_matter_is_seen_by_few(role: str, relation: str) -> None:
    who, about = person(role, relation), ticket(secrecy="insider", shielded=True, interim=None)
    seen = permissions.may(who, "see", about)
    assert seen == ((role, relation) in INSIDERS_SEEN_BY)
    assert not permissions.may(who, "unmask", about) or role == "supervisor"
    assert permissions.may(person("officer", "lead"), "see", ticket(officer="officer-lead"))


@pytest.mark.parametrize("role", list(ROLES))
def test_the_reporter_behind_a_shielded_report_is_opened_by_heads_and_supervisors(
    role: str,
) -> None:
    may = permissions.may(person(role, "lead"), "unmask", ticket(kind="report", shielded=True))
    assert may == (role in ("unit_head", "supervisor"))


async def test_the_queue_lists_exactly_what_may_be_seen(office: Office) -> None:
    numbers = [await office.file(assist=(HEALTH,)) for _ in range(3)]
    await office.change(numbers[1], secrecy="insider")
    await office.change(numbers[2], secrecy="insider", officer="officer-lead")
    tickets = [await office.load(number) for number in numbers]
    for role, relation in itertools.product(ROLES, ("lead", "assist", "none")):
        who = person(role, relation)
        page = await views.queue(office.app.database, who, Filters(state="all"))
        wanted = {k.number for k in tickets if permissions.may(who, "see", k)}
        assert {k.number for k in page.tickets} == wanted, (role, relation)


async def test_campaigns_are_pages_of_publicists_reviewers_and_supervisors(office: Office) -> None:
    pages = [
        p.path
        for p in PAGES
        if p.may_enter is campaigner and p.method == "GET" and "{" not in p.path
    ]
    assert pages == ["/polls", "/testing", "/contests", "/lists"]
    for role in ROLES:
        browser = await office.at_work(f"x{role}", role, OFFICE)
        for path in pages:
            expected = 200 if role in ("publicist", "reviewer", "supervisor") else 404
            assert (await browser.get(path)).status == expected, (role, path)
