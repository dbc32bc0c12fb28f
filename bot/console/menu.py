"""The console's menu: every entry, and who sees it. A page highlights its entry by its block `nav`."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from bot.console.desk import PREFIX
from handlers.staff import ROLES

ALL = frozenset(ROLES)
CASE = frozenset({"supervisor", "unit_head", "officer", "admin"})
PUBLICITY = frozenset({"publicist", "reviewer", "supervisor"})
SUPERVISOR = frozenset({"supervisor"})
ADMIN = frozenset({"admin"})


@dataclass(frozen=True)
class Entry:
    """One entry: its name, the phrase people read, who sees it, and its address."""

    name: str
    phrase: str
    roles: Collection[str]
    path: str = ""

    @property
    def address(self) -> str:
        """Where it leads."""
        return f"{PREFIX}/{self.path or self.name}"


MENU = (
    Entry("queue", "page.queue", ALL),
    Entry("supervisions", "page.supervisions", CASE),
    Entry("unmaskings", "unmask.list", SUPERVISOR),
    Entry("first", "page.first", SUPERVISOR, "first-dispatch"),
    Entry("staff", "page.staff", ADMIN),
    Entry("campaigns", "campaigns.heading", PUBLICITY),
    Entry("calendar", "calendar.heading", PUBLICITY),
    Entry("polls", "polls.heading", PUBLICITY),
    Entry("testing", "testing.heading", PUBLICITY),
    Entry("contests", "contests.heading", PUBLICITY),
    Entry("lists", "lists.heading", PUBLICITY),
    Entry("knowledge", "knowledge.heading", ALL),
    Entry("telegram", "telegram.menu", ALL),
    Entry("password", "page.password", ALL),
)


def entries_for(role: str) -> list[Entry]:
    """What somebody of this role finds in the menu."""
    return [entry for entry in MENU if role in entry.roles]
