"""The other side of a conversation: what staff of the lead unit do to one of the citizen's tickets.

{do, text?, to?, ticket?}: `do` is one of ACTS, `to` the legal step, `ticket` counts from 1, the
newest by default. Whoever answers or resolves has claimed first; who resolves for market regulation
has also taken the legal steps, one word each.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from bot.bootstrap import App
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import actions, closing, deciding
from handlers.tickets.deciding import Step
from handlers.tickets.ticket import Ticket

ROADS = {"report": ("verifying", "not_filed"), "complaint": ("accepted", "mediating", "settled")}
Given = dict[str, Any]
Act = Callable[[Services, Staff, str, Given], Awaitable[None]]


async def act(app: App, ticket: Ticket, given: Given) -> None:
    """Do it, with what has to be done before."""
    staff = Staff("wang", "王", "officer", ticket.lead)
    if given["do"] in CLAIMED and ticket.state == "dispatched" and ticket.kind in ROADS:
        await actions.claim(app.services, staff, ticket.number)
    if given["do"] == "resolve":
        await _take_the_road(app.services, staff, ticket)
    await ACTS[given["do"]](app.services, staff, ticket.number, given)


async def _take_the_road(services: Services, staff: Staff, ticket: Ticket) -> None:
    bound = ticket.lead == services.jurisdiction.role("market")
    if not bound or ticket.state not in ("dispatched", "claimed"):
        return
    for step in ROADS[ticket.kind]:
        words = services.phrases.text(f"state.{step}")
        await deciding.take_step(services, staff, ticket.number, Step(step, f"{words}。"))


async def _claim(services: Services, staff: Staff, number: str, given: Given) -> None:
    await actions.claim(services, staff, number)


async def _reply(services: Services, staff: Staff, number: str, given: Given) -> None:
    await actions.reply(services, staff, number, given["text"])


async def _ask(services: Services, staff: Staff, number: str, given: Given) -> None:
    await actions.ask(services, staff, number, given["text"])


async def _note(services: Services, staff: Staff, number: str, given: Given) -> None:
    await actions.note(services, staff, number, given["text"])


async def _resolve(services: Services, staff: Staff, number: str, given: Given) -> None:
    await closing.resolve(services, staff, number, given["text"])


async def _step(services: Services, staff: Staff, number: str, given: Given) -> None:
    step = Step(given["to"], given["text"], given.get("ground"), given.get("authority", ""))
    await deciding.take_step(services, staff, number, step)


CLAIMED = frozenset({"reply", "ask", "resolve", "step"})
ACTS: dict[str, Act] = {
    "claim": _claim,
    "reply": _reply,
    "ask": _ask,
    "note": _note,
    "resolve": _resolve,
    "step": _step,
}
