"""What each action of a ticket's page does: the form it sent, handed to the core."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from datetime import date

from bot.console.refusals import BadInput
from bot.console.ticket_actions import ticked
from handlers.ports import Staff
from handlers.services import Services
from handlers.tickets import actions, closing, deciding, dispatching, supervising

Form = Mapping[str, str]
Perform = Callable[[Services, Staff, str, Form, int], Awaitable[object]]


def _text(form: Form) -> str:
    return form.get("text", "")


def _day(form: Form, name: str) -> date:
    """A date of the form; raises BadInput for what is none."""
    try:
        return date.fromisoformat(form.get(name, ""))
    except ValueError as error:
        raise BadInput() from error


def _number(form: Form, name: str) -> int | None:
    """A small number of the form, None when the field is empty; raises BadInput."""
    typed = form.get(name, "").strip()
    if not typed:
        return None
    if not (typed.isascii() and typed.isdecimal() and len(typed) < 10):
        raise BadInput()
    return int(typed)


def _step(form: Form) -> deciding.Step:
    ground, authority = _number(form, "ground"), form.get("authority", "")
    return deciding.Step(form.get("step", ""), _text(form), ground, authority)


PERFORM: Mapping[str, Perform] = {
    "claim": lambda s, who, n, _, v: actions.claim(s, who, n, v),
    "reply": lambda s, who, n, f, v: actions.reply(s, who, n, _text(f), v),
    "ask": lambda s, who, n, f, v: actions.ask(s, who, n, _text(f), v),
    "note": lambda s, who, n, f, v: actions.note(s, who, n, _text(f), v),
    "correct": lambda s, who, n, f, v: actions.correct(
        s, who, n, f.get("intent", ""), ticked(f), _text(f), v
    ),
    "transfer": lambda s, who, n, f, v: dispatching.transfer(
        s, who, n, f.get("unit", ""), _text(f), v
    ),
    "return": lambda s, who, n, f, v: dispatching.return_to_office(s, who, n, _text(f), v),
    "dispatch": lambda s, who, n, f, v: dispatching.dispatch(
        s, who, n, f.get("unit", ""), _text(f), v
    ),
    "interim": lambda s, who, n, f, v: dispatching.name_interim(s, who, n, f.get("unit", ""), v),
    "delegate": lambda s, who, n, f, v: dispatching.delegate(s, who, n, f.get("unit", ""), v),
    "give_task": lambda s, who, n, f, v: dispatching.give_task(
        s, who, n, f.get("unit", ""), _text(f), _day(f, "due"), v
    ),
    "finish_task": lambda s, who, n, f, v: dispatching.finish_task(
        s, who, n, _number(f, "task") or 0, _text(f), v
    ),
    "move": lambda s, who, n, f, v: deciding.take_step(s, who, n, _step(f), v),
    "receive": lambda s, who, n, f, v: deciding.receive(
        s, who, n, f.get("channel", ""), _text(f), _day(f, "day"), v
    ),
    "notified": lambda s, who, n, f, v: deciding.notified(s, who, n, _text(f), v),
    "new_facts": lambda s, who, n, f, v: deciding.new_facts(s, who, n, _text(f), v),
    "pause": lambda s, who, n, f, v: deciding.pause_clock(
        s, who, n, f.get("clock", ""), _text(f), v
    ),
    "resume": lambda s, who, n, f, v: deciding.resume_clock(s, who, n, f.get("clock", ""), v),
    "extend": lambda s, who, n, f, v: deciding.extend_clock(
        s, who, n, f.get("extension", ""), _text(f), _number(f, "days"), v
    ),
    "resolve": lambda s, who, n, f, v: closing.resolve(s, who, n, _text(f), v),
    "close": lambda s, who, n, _, v: closing.close_question(s, who, n, v),
    "ask_strike_off": lambda s, who, n, f, v: closing.ask_strike_off(s, who, n, _text(f), v),
    "strike_off": lambda s, who, n, f, v: closing.strike_off(s, who, n, _text(f), v),
    "refuse_strike_off": lambda s, who, n, f, v: closing.refuse_strike_off(s, who, n, _text(f), v),
    "spot_check": lambda s, who, n, f, v: closing.spot_check(
        s, who, n, _text(f), f.get("passed") == "1", v
    ),
    "supervise": lambda s, who, n, f, v: supervising.order(s, who, n, _text(f), _day(f, "due"), v),
    "answer_supervision": lambda s, who, n, f, v: supervising.answer(
        s, who, n, _number(f, "order") or 0, _text(f), v
    ),
}
