"""Written notices: what a ticket knows stands in them, what nobody knows stays open, who reported stays out."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from bot.clock import SHANGHAI, SetClock
from content.documents import Forms, load_documents
from content.jurisdiction import load_jurisdiction
from content.law import Ground, load_law
from handlers import wording
from handlers.dialog import UNKNOWN
from handlers.services import Services
from handlers.tickets import documents
from handlers.tickets.deciding import FORM_OF
from handlers.tickets.documents import Document
from handlers.tickets.moves import KINDS, LEGAL_STEPS, MOVES
from handlers.tickets.ticket import Ticket

CONTENT = Path("content")
FORMS = load_documents(CONTENT)
LAW = load_law(CONTENT)
NOW = datetime(2026, 11, 24, 0, 30, tzinfo=SHANGHAI)  # still the 23rd in Greenwich
TODAY = date(2026, 11, 24)
BLANK = FORMS.blank
TYPED = {
    "meeting_time": "2026-12-01 14:00",
    "meeting_place": "第二调解室",
    "mediator": "赵调解",
    "agreement": "商家退还货款58元。",
    "legal_basis": "《中华人民共和国食品安全法》第115条",
    "result": "已责令改正。",
    "authority": "新北区农业农村局",
    "receiver": "河东县市场监督管理局",
    "report_by": "2026-12-10",
    "submit_by": "2026-12-03",
    "materials": "身份证明",
}
WHO = ("李雷雷", "13800138000", "320102199001011234", "幸福小区3幢")
IDENTITY = dict(
    zip(("name", "phone", "id_number", "contact_address"), WHO, strict=True), id_type="身份证"
)


def services(forms: Forms = FORMS) -> Services:
    nothing = cast(Any, None)
    return Services(
        clock=SetClock(NOW),
        interpreter=nothing,
        jurisdiction=load_jurisdiction(CONTENT, "changzhou_xinbei"),
        phrases=nothing,
        faq=nothing,
        law=LAW,
        workdays=nothing,
        documents=forms,
        unit_of_work=nothing,
    )


def ticket(kind: str = "complaint", **fields: str) -> Ticket:
    told = {"merchant": "老王烧烤", "demand": "退款", "place": "人民路", "amount": UNKNOWN}
    return Ticket(
        number="SA2026110001",
        kind=kind,
        citizen_id=1,
        reporter="来件人0001",
        summary="在老王烧烤吃出虫子，要求退款。",
        labels={},
        routing={},
        lead="scjg",
        assist=(),
        severity="normal",
        created_at=NOW,
        received={"on": "2026-11-24", "channel": "12315", "number": "320400"},
        fields={**told, **fields},
    )


def made(
    form: str, typed: Mapping[str, str] | None = None, ground: Ground | None = None
) -> Document:
    kind = min(FORMS.by_id[form].kinds)
    return documents.notice(services(), ticket(kind), form, typed or {}, ground)


def ground_of(form: str) -> Ground | None:
    return {"declined": LAW.declining[3], "terminated": LAW.terminating[1]}.get(form)


def whole(document: Document) -> str:
    """The notice as text and as table: whatever is printed anywhere."""
    return "\n".join([documents.text(document), *(f"{k}：{v}" for k, v in document.rows)])


def identity_of(ticket: Ticket) -> Ticket:
    """A ticket whose fields hold, by mistake, who the citizen is."""
    return replace(ticket, fields={**ticket.fields, **IDENTITY})


@pytest.mark.parametrize("form", FORMS.by_id)
def test_every_form_fills(form: str) -> None:
    document = made(form, TYPED, ground_of(form))
    assert document.missing == ()
    assert len(document.rows) == len(FORMS.by_id[form].rows)
    assert "{" not in whole(document)
    assert document.serial == "××市监〔2026〕第　　号"
    assert document.signature[1] == "2026年11月24日"


@pytest.mark.parametrize("form", FORMS.by_id)
def test_no_form_crosses_a_red_line(form: str) -> None:
    """They are the office's words, not the bot's: 决定受理 may stand in its own decision."""
    assert wording.findings(whole(made(form, TYPED, ground_of(form))), from_bot=False) == []


@pytest.mark.parametrize("form", FORMS.by_id)
def test_an_empty_ticket_leaves_blanks_and_names_them(form: str) -> None:
    document = documents.fill(FORMS, FORMS.by_id[form], {"number": ""}, TODAY)
    required = {FORMS.fields[name].label for name in FORMS.by_id[form].required}
    assert set(document.missing) == required
    assert all(value == BLANK for _, value in document.rows if _ != "说明")
    assert "（，" not in whole(document), "an empty number is a blank, not nothing"
    assert document.signature == (f"{BLANK}（印章）", "2026年11月24日")


def test_blank_space_is_nothing_and_an_unknown_answer_neither() -> None:
    document = made("complaint_registration", {"evidence": " 　\n"})
    rows = dict(document.rows)
    assert (rows["证明材料"], rows["涉及金额"]) == (BLANK, BLANK)
    assert rows["请求"] == "退款"
    nameless = documents.facts_of(services(), ticket(merchant=UNKNOWN))
    assert (nameless["matter"], nameless["both_parties"]) == ("在老王烧烤吃出虫子，要求退款。", "")


def test_what_the_ticket_knows_stands_in_the_form() -> None:
    document = made("accepted", {"contact": "钱经办", "office_phone": "0519-12345678"})
    rows = dict(document.rows)
    assert (rows["当事人"], rows["收到日期"], rows["事由"]) == (
        "来件人0001",
        "2026-11-24",
        "老王烧烤",
    )
    assert "SA2026110001" in document.paragraphs[1]
    assert "联系人：钱经办，电话：0519-12345678" in document.paragraphs[2]
    unit = services().jurisdiction.unit_name("scjg")
    assert document.signature == (f"{unit}（印章）", "2026年11月24日")


def test_the_day_of_formal_receipt_is_the_one_that_counts() -> None:
    told = replace(ticket(), received={"on": "2026-11-20", "channel": "12315"})
    assert documents.facts_of(services(), told)["received_on"] == "2026-11-20"


def test_before_formal_receipt_the_day_is_blank() -> None:
    assert documents.facts_of(services(), replace(ticket(), received={}))["received_on"] == ""


def test_without_a_name_the_story_is_the_matter() -> None:
    facts = documents.facts_of(services(), ticket(merchant=""))
    assert facts["matter"] == "在老王烧烤吃出虫子，要求退款。"
    assert facts["both_parties"] == ""


def test_a_ground_is_cited_by_its_number_with_the_ways_that_remain() -> None:
    declined = made("declined", {}, LAW.declining[3])
    assert "第16条第4项：从知道或应当知道权益受到侵害之日起已经超过三年" in declined.paragraphs[1]
    assert declined.paragraphs[2] == LAW.remedies
    terminated = made("terminated", {}, LAW.terminating[1])
    assert "第23条第2项：一方没有正当理由不参加调解" in terminated.paragraphs[1]
    assert terminated.paragraphs[2] == LAW.remedies


@pytest.mark.parametrize("form", ["declined", "terminated"])
def test_a_decision_without_a_ground_is_not_complete(form: str) -> None:
    assert "依据的情形" in made(form).missing


def test_a_reason_is_said_and_none_leaves_no_trace() -> None:
    with_reason = made("accepted", {"reason": "材料齐全。"})
    assert with_reason.paragraphs[1].endswith("本局决定受理。材料齐全。")
    assert made("accepted").paragraphs[1].endswith("本局决定受理。")


@pytest.mark.parametrize("form", [form.id for form in FORMS.by_id.values() if form.to == "both"])
def test_who_the_citizen_is_never_goes_to_both_parties(form: str) -> None:
    """Not even where the identity was put among the facts by mistake."""
    document = made(form, {**TYPED, **IDENTITY, "party": WHO[0], "sender": WHO[0]}, ground_of(form))
    assert [who for who in WHO if who in whole(document) + documents.to_json(document)] == []


@pytest.mark.parametrize("form", FORMS.by_id)
def test_a_ticket_never_tells_a_form_who_the_citizen_is(form: str) -> None:
    """Only what an officer types; by itself a form has the alias."""
    known = whole(made(form, TYPED, ground_of(form)))
    aliased = {"party", "sender", "both_parties"} & FORMS.by_id[form].holes
    assert ("来件人0001" in known) == bool(aliased)
    assert [who for who in WHO if who in known] == []
    kind = min(FORMS.by_id[form].kinds)
    document = documents.notice(services(), identity_of(ticket(kind)), form, TYPED, ground_of(form))
    assert [who for who in WHO if who in whole(document)] == []


@pytest.mark.parametrize("form", [form.id for form in FORMS.by_id.values() if form.to == "both"])
def test_a_report_is_never_told_to_the_business(form: str) -> None:
    with pytest.raises(ValueError, match="not for a report"):
        documents.notice(services(), ticket("report"), form, TYPED, ground_of(form))


@pytest.mark.parametrize("form", [form.id for form in FORMS.by_id.values() if form.to == "both"])
def test_the_business_does_not_read_the_citizens_own_words(form: str) -> None:
    nameless = ticket(merchant="")
    document = documents.notice(services(), nameless, form, TYPED, ground_of(form))
    assert "吃出虫子" not in whole(document)
    assert "事由" in document.missing
    typed = documents.notice(services(), nameless, form, {"matter": "餐饮消费"}, ground_of(form))
    assert dict(typed.rows)["事由"] == "餐饮消费"


@pytest.mark.parametrize("kind", KINDS)
def test_the_forms_of_the_file_are_those_the_steps_make(kind: str) -> None:
    reached = set().union(*MOVES[kind].values()) & LEGAL_STEPS
    made = {step: form.id for step in reached if (form := FORMS.of_move(kind, step))}
    assert made == {step: form for (of, step), form in FORM_OF.items() if of == kind}
    assert {form.move for form in FORMS.by_id.values()} - {None} <= LEGAL_STEPS


def test_each_field_comes_from_where_the_file_says() -> None:
    told = ticket(address="人民路1号", event_time="昨天", amount="58元")
    known = {name for name, value in documents.facts_of(services(), told).items() if value}
    source = {name: field.source for name, field in FORMS.fields.items()}
    assert {name for name in source if source[name] == "ticket"} - known == set()
    assert {name for name in known & source.keys() if source[name] in ("typed", "hand")} == set()
    # Who the citizen is comes from the vault; a ticket has an alias to stand in for the name.
    assert {name for name in known & source.keys() if source[name] == "identity"} == {
        "party",
        "sender",
    }


@pytest.mark.parametrize("form", FORMS.by_id)
def test_plain_text_says_every_field_once(form: str) -> None:
    document = made(form, TYPED, ground_of(form))
    lines = documents.text(document).splitlines()
    assert all(f"{k}：{v}" in lines for k, v in document.rows if k not in document.said)
    assert all(f"{k}：{v}" not in lines for k, v in document.rows if k in document.said)
    said = [v for k, v in document.rows if k in document.said]
    assert [v for v in said if v not in "".join(document.paragraphs)] == []


def test_a_registration_form_as_text_has_all_its_rows() -> None:
    told = documents.text(made("complaint_registration"))
    assert "请求：退款\n" in told
    assert f"姓名：{BLANK}\n" in told


def test_a_notice_kept_before_rows_were_told_apart_still_opens() -> None:
    kept = json.loads(documents.to_json(made("accepted")))
    del kept["said"]
    assert documents.from_json(json.dumps(kept)).said == ()


def test_the_reference_heading_goes_when_the_form_is_signed_off() -> None:
    assert documents.text(made("accepted")).startswith("参考文本（未经法制审核）\n投诉受理决定书\n")
    signed = replace(FORMS.by_id["accepted"], signed_off="王律师 2026-11-20")
    forms = replace(FORMS, by_id={**FORMS.by_id, "accepted": signed})
    document = documents.notice(services(forms), ticket(), "accepted", {})
    assert document.heading == ""
    assert documents.text(document).startswith("投诉受理决定书\n")
    other = documents.notice(services(forms), ticket(), "handed_over", {})
    assert other.heading == FORMS.heading


def test_braces_in_what_was_told_stay_as_they_are() -> None:
    document = made("accepted", {"reason": "见{party}和{0}与{blank_line}。"})
    assert document.paragraphs[1].endswith("见{party}和{0}与{blank_line}。")


@pytest.mark.parametrize("form", FORMS.by_id)
def test_control_characters_and_half_characters_do_not_stop_a_notice(form: str) -> None:
    bad = "甲\x00\x0b\x1f\ud83d乙\ufffe😀\n丙\t丁"
    facts = dict.fromkeys(FORMS.by_id[form].holes, bad)
    document = documents.fill(FORMS, FORMS.by_id[form], facts, TODAY)
    kept = documents.to_json(document)
    assert kept.encode() and documents.text(document).encode()
    assert {value for _, value in document.rows} == {"甲乙😀\n丙\t丁"}
    assert documents.from_json(kept) == document


def test_only_unprintable_text_is_no_answer() -> None:
    document = documents.fill(FORMS, FORMS.by_id["accepted"], {"party": "\x00\ud800"}, TODAY)
    assert "当事人" in document.missing


@pytest.mark.parametrize("form", FORMS.by_id)
def test_what_is_kept_comes_back(form: str) -> None:
    document = made(form, TYPED, ground_of(form))
    assert documents.from_json(documents.to_json(document)) == document
