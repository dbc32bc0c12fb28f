"""What is still missing, in the order it is asked: one thing at a time, nothing twice.

Required fields follow Order 121 art. 10 (complaint: identity, respondent, demand, facts),
art. 28 (report: a concrete clue, identity optional) and PIPL art. 29 and 31 (separate consent).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from handlers.dialog import Draft
from handlers.words import child_is_speaking, insider_is_speaking

Buttons = tuple[tuple[str, str], ...]

UNKNOWN_BUTTON: Buttons = (("button.unknown", "unknown"),)
CONSENT_BUTTONS: Buttons = (("button.agree", "yes"), ("button.refuse", "no"))
DEMAND_BUTTONS: Buttons = (
    ("button.refund", "demand:退款"),
    ("button.compensate", "demand:赔偿损失"),
    ("button.exchange", "demand:更换"),
    ("button.apology", "demand:道歉"),
)
PATIENT_BUTTONS: Buttons = (
    ("button.myself", "patient:本人"),
    ("button.family", "patient:家人"),
    ("button.child", "patient:孩子"),
    ("button.others", "patient:其他人"),
)


@dataclass(frozen=True)
class Step:
    """One thing to ask. The question is the phrase `ask.<name>`."""

    name: str
    needed: Callable[[Draft], bool]
    buttons: Buttons = UNKNOWN_BUTTON
    unknown_ok: bool = True


def next_step(draft: Draft) -> Step | None:
    """The first thing still missing; None when the matter can be filed."""
    return next((step for step in STEPS if step.needed(draft)), None)


def step_named(name: str) -> Step:
    """The step of that name; raises KeyError."""
    return _BY_NAME[name]


def _in_emergency(slot: str) -> Callable[[Draft], bool]:
    return lambda draft: draft.urgent and not draft.known(slot)


def _health_details(slot: str) -> Callable[[Draft], bool]:
    return lambda d: (
        d.urgent and d.someone_ill and bool(d.consents.get("health")) and not d.known(slot)
    )


def _settlement(slot: str) -> Callable[[Draft], bool]:
    return lambda draft: draft.wants_settlement and not draft.known(slot)


def _identity(slot: str) -> Callable[[Draft], bool]:
    def needed(draft: Draft) -> bool:
        wanted = draft.wants_settlement or draft.kind == "contact"
        return wanted and bool(draft.consents.get("identity")) and not draft.known(slot)

    return needed


def _thin_story(draft: Draft) -> bool:
    told = draft.story()
    return draft.kind != "contact" and not draft.known("facts") and len(told.strip()) < 8


def _needs_guardian(draft: Draft) -> bool:
    return "guardian" not in draft.consents and child_is_speaking(draft.story())


def _needs_health_consent(draft: Draft) -> bool:
    return draft.someone_ill and "health" not in draft.consents


def _asks_about_settlement(draft: Draft) -> bool:
    told_so = draft.labels.get("intent") in ("complaint", "complaint_and_report")
    return draft.urgent and draft.kind == "report" and told_so and not draft.known("also_complaint")


def _needs_identity_consent(draft: Draft) -> bool:
    wanted = draft.wants_settlement or draft.kind == "contact"
    return wanted and "identity" not in draft.consents


def _refused_identity(draft: Draft) -> bool:
    return draft.wants_settlement and draft.consents.get("identity") is False


def _report_place(draft: Draft) -> bool:
    return draft.kind == "report" and not draft.known("place", "merchant", "address", "platform")


def _insider(draft: Draft) -> bool:
    """内部知情人: asked before filing, because filing is what shows a matter to a unit."""
    speaking = insider_is_speaking(draft.story())
    return draft.kind == "report" and not draft.urgent and speaking and not draft.known("insider")


STEPS: tuple[Step, ...] = (
    Step("guardian", _needs_guardian, CONSENT_BUTTONS, unknown_ok=False),
    Step("facts", _thin_story, (), unknown_ok=False),
    Step("people", lambda d: d.someone_ill and "people" in d.doubts),
    Step("event_time", lambda d: "event_time" in d.doubts),
    Step("place", lambda d: d.urgent and not d.known("place", "merchant", "address", "platform")),
    Step("event_time", _in_emergency("event_time")),
    Step("people", lambda d: d.urgent and d.someone_ill and not d.known("people")),
    Step("consent_health", _needs_health_consent, CONSENT_BUTTONS, unknown_ok=False),
    Step("patient", _health_details("patient"), PATIENT_BUTTONS),
    Step("meals", _health_details("meals")),
    Step(
        "also_complaint",
        _asks_about_settlement,
        (("button.want", "yes"), ("button.no_need", "no")),
        unknown_ok=False,
    ),
    Step("place", _report_place),
    Step(
        "insider",
        _insider,
        (("button.insider", "insider:yes"), ("button.not_insider", "insider:no")),
        unknown_ok=False,
    ),
    Step("merchant", _settlement("merchant")),
    Step("address", _settlement("address")),
    Step("event_time", _settlement("event_time")),
    Step("demand", _settlement("demand"), DEMAND_BUTTONS),
    Step("consent_identity", _needs_identity_consent, CONSENT_BUTTONS, unknown_ok=False),
    Step(
        "refused_identity",
        _refused_identity,
        (
            ("button.go_anonymous", "anonymous"),
            ("button.provide", "provide"),
            ("button.cancel", "cancel"),
        ),
        unknown_ok=False,
    ),
    Step("name", _identity("name"), (("button.rather_not", "no"),), unknown_ok=False),
    Step("phone", _identity("phone"), (("button.rather_not", "no"),), unknown_ok=False),
    Step("contact_address", _identity("contact_address"), (("button.skip", "unknown"),)),
)
_BY_NAME = {step.name: step for step in STEPS}


def asked_slots() -> Iterator[str]:
    """Names of all steps, for the check that each has its phrase."""
    yield from dict.fromkeys(step.name for step in STEPS)
