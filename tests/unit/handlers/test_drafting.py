"""A matter being told: what is asked, how it is asked again, what is remembered."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any, cast

import pytest

from bot.clock import SHANGHAI
from bot.settings import Settings
from content.documents import load_documents
from content.faq import load_faq
from content.jurisdiction import load_jurisdiction
from content.law import load_law
from content.phrasebook import load_phrasebook
from content.workdays import load_workdays
from handlers import consent, drafting, going_on
from handlers.dialog import UNKNOWN, Dialog, Draft
from handlers.messages import Incoming, Location
from handlers.services import Services
from handlers.steps import step_named
from handlers.turn import Turn
from nlu.understanding import Entity, Understanding

NOW = datetime(2026, 11, 23, 10, tzinfo=SHANGHAI)
CONTENT = Settings().content


class Plain:
    """An engine that understands nothing."""

    def understand(self, text: str, now: datetime) -> Understanding:
        return Understanding("smalltalk", confidence=0.0, abstained=True)


@pytest.fixture(scope="module")
def services() -> Services:
    nothing = cast(Any, None)
    return Services(
        clock=nothing,
        interpreter=Plain(),
        jurisdiction=load_jurisdiction(CONTENT, "changzhou_xinbei"),
        phrases=load_phrasebook(CONTENT),
        faq=load_faq(CONTENT),
        law=load_law(CONTENT),
        workdays=load_workdays(CONTENT),
        documents=load_documents(CONTENT),
        unit_of_work=nothing,
    )


def turn(services: Services, text: str, draft: Draft | None = None, **given: Any) -> Turn:
    incoming = Incoming("web", "1", "anna", text=text, message_key="m1", **given)
    dialog = Dialog(draft=draft)
    citizen = cast(Any, type("Citizen", (), {"id": 1, "locale": "zh-Hans"}))
    heard = services.interpreter.understand(text, NOW)
    return Turn(incoming, citizen, dialog, services, cast(Any, None), NOW, text, heard)


def complaint(**facts: str) -> Draft:
    labels = {"severity": "normal", "hazards": [], "evidence": [], "probabilities": {}}
    return Draft(
        "complaint", [["m0", "买的面包发霉了，要求退款"]], facts, {**labels, "intent": "complaint"}
    )


async def test_begin_keeps_words_files_and_place(services: Services) -> None:
    made = turn(services, "面包发霉了", attachments=(7,), location=Location(31.8, 119.9))
    draft = drafting.begin(made, "report")
    assert draft.narrative == [["m1", "面包发霉了"]]
    assert draft.attachments == [7]
    assert draft.facts["location"] == "31.800000,119.900000"


async def test_one_question_and_plainer_words_the_second_time(services: Services) -> None:
    made = turn(services, "", complaint())
    await drafting.proceed(made)
    await drafting.proceed(made)
    first, second = (reply.text for reply in made.replies)
    assert first == made.phrase("ask.merchant")
    assert second == made.phrase("again.merchant")


async def test_three_times_asked_it_stays_unknown_rather_than_false(services: Services) -> None:
    draft = complaint(merchant="张记面馆", address="河海路8号")
    for _ in range(4):
        made = turn(services, "你们真慢", draft)
        made.dialog.asked = "event_time"
        await going_on.tell(made, draft)
    assert draft.facts["event_time"] == UNKNOWN


@pytest.mark.parametrize(
    ("asked", "text", "facts", "identity"),
    [
        ("name", "我不想说名字", {}, False),
        ("phone", "没有", {}, False),
        ("contact_address", "不想写", {"contact_address": UNKNOWN}, True),
        ("contact_address", "没有", {"contact_address": UNKNOWN}, True),
        ("contact_address", "晋陵花园5幢", {"contact_address": "晋陵花园5幢"}, True),
    ],
)
async def test_identity_may_be_withheld(
    services: Services, asked: str, text: str, facts: dict[str, str], identity: bool
) -> None:
    known = {"merchant": "x", "address": "y", "event_time": "昨天", "demand": "退款"}
    draft = complaint(**known)
    draft.consents = {"identity": True}
    made = turn(services, text, draft)
    made.dialog.asked = asked
    going_on._take_answer(made, draft, step_named(asked))
    assert draft.facts == {**known, **facts}
    assert draft.consents["identity"] is identity


async def test_a_button_s_value_is_the_answer(services: Services) -> None:
    draft = complaint()
    made = turn(services, "", draft)
    drafting.store_value(made, draft, step_named("demand"), "demand:退款")
    drafting.store_value(made, draft, step_named("merchant"), "unknown")
    drafting.store_value(made, draft, step_named("name"), "no")
    assert draft.facts == {"demand": "退款", "merchant": UNKNOWN}
    assert draft.consents == {"identity": False}


async def test_a_doubt_is_asked_about_and_gone_with_the_answer(services: Services) -> None:
    draft = complaint(merchant="x", address="y", demand="退款")
    draft.doubts = ["event_time"]
    made = turn(services, "", draft)
    await drafting.proceed(made)
    assert made.replies[-1].text == made.phrase("doubt.event_time")
    drafting.remember(draft, "event_time", "昨天")
    assert draft.doubts == []


@pytest.mark.parametrize(
    ("registered", "key"), [([], "draft.cancelled"), (["SA1"], "draft.cancelled_registered")]
)
async def test_cancel(services: Services, registered: list[str], key: str) -> None:
    draft = complaint()
    draft.registered = registered
    made = turn(services, "取消", draft)
    await drafting.cancel(made)
    assert made.dialog.draft is None
    assert made.replies[0].text == made.phrase(key, number="SA1")


async def test_identity_mentioned_while_asked_for_consent_is_remembered(services: Services) -> None:
    draft = complaint(merchant="x", address="y", event_time="昨天", demand="退款")
    made = turn(services, "张伟 13900001111", draft)
    made.dialog.asked = "consent_identity"
    await going_on.tell(made, draft)
    assert (draft.facts["name"], draft.facts["phone"]) == ("张伟", "13900001111")
    assert draft.consents == {}
    assert made.replies[-1].text == made.phrase("again.consent_identity")


def test_a_guardian_s_no_leaves_an_anonymous_report(services: Services) -> None:
    draft = complaint()
    made = turn(services, "不同意", draft)
    consent.decide(made, draft, "guardian", "no")
    assert (draft.kind, draft.anonymous) == ("report", True)
    assert draft.consents == {"guardian": False, "identity": False, "health": False}


def test_who_leaves_a_contact_is_asked_in_other_words() -> None:
    assert consent.question(Draft("contact"), "consent_identity") == "ask.consent_contact"
    assert consent.question(Draft("complaint"), "consent_identity") == "ask.consent_identity"


async def test_a_name_is_never_taken_for_a_shop(services: Services) -> None:
    """What the engine makes of a bare name must not reach the open part of the ticket."""
    known = {"merchant": "聚丰超市", "address": "人民路3号", "event_time": "昨天", "demand": "退款"}
    draft = complaint(**known)
    draft.consents = {"identity": True}
    made = turn(services, "李小龙", draft)
    named = (Entity("brand", "李小龙", 0, 3),)
    made.understanding = replace(made.understanding, entities=named)
    made.dialog.asked = "name"
    await going_on.tell(made, draft)
    assert draft.facts["name"] == "李小龙"
    assert "brand" not in draft.facts
