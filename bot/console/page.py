"""What an address of the console is: who may come in, and what answers."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from starlette.responses import Response

from bot.console.desk import Visit
from bot.console.refusals import NoSuchPage, PasswordDue
from handlers.staff import PERMISSIONS


def anybody(visit: Visit) -> None:
    """Pages before login."""


def session(visit: Visit) -> None:
    """Pages for whoever is logged in, with a password or not yet."""
    _ = visit.logged_in


def worker(visit: Visit) -> None:
    """Pages for staff."""
    if not visit.logged_in.has_password:
        raise PasswordDue()


def manager(visit: Visit) -> None:
    """Pages for those who manage staff; to others they do not exist."""
    worker(visit)
    if visit.staff.role not in PERMISSIONS["manage_staff"]:
        raise NoSuchPage()


def campaigner(visit: Visit) -> None:
    """Pages for those who prepare or sign campaigns; to others they do not exist."""
    worker(visit)
    if visit.staff.role not in PERMISSIONS["see_campaigns"]:
        raise NoSuchPage()


@dataclass(frozen=True)
class Page:
    """One address: who may come, and what answers."""

    method: str
    path: str
    may_enter: Callable[[Visit], None]
    answer: Callable[[Visit], Awaitable[Response]]
    picture: bool = False
