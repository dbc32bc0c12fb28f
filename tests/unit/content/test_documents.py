"""content/documents.yml: every field of the official forms is there, and mistakes are named with their line."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from bot import checking
from bot.settings import Settings
from content.documents import Forms, load_documents
from content.errors import ContentError

CONTENT = Path("content")
FORMS = load_documents(CONTENT)
FIELDS = {  # the official forms of April 2026: what each asks for
    "complaint_registration": (
        "unit number name phone id_type id_number contact_address publish_consent mediation_consent"
        " merchant merchant_contact address merchant_phone"
        " event_time place summary amount dispute evidence demand citizen_signature officer date"
    ),
    "report_registration": (
        "unit number name phone contact_address id_number merchant address"
        " event_time place summary evidence citizen_signature officer date"
    ),
    "forwarding": "receiver sender received_on matter report_by enclosures",
    "identity_notice": "party submit_by materials office_phone office_address",
    "accepted": "party received_on matter contact office_phone",
    "declined": "party received_on matter ground remedies",
    "mediation_notice": (
        "both_parties matter meeting_time meeting_place materials recuse_by mediator office_phone"
    ),
    "terminated": "both_parties matter ground remedies",
    "settled": "both_parties matter demand agreement",
    "report_result": "party matter legal_basis result",
    "handed_over": "party received_on matter authority reason",
}
SAID = {  # what an official form says rather than asks
    "complaint_registration": [
        "修理",
        "重作",
        "更换",
        "退货",
        "补足数量",
        "退还货款和服务费",
        "赔偿损失",
    ],
    "report_registration": ["举报可以匿名", "实名举报的，应当提供真实的身份信息"],
    "identity_notice": [
        "《消费者权益保护法实施条例》（国务院令第778号，2024-07-01起施行）第46条第一款",
        "第10条第三款",
        "逾期",
        "虚假",
        "第10条、第16条",
    ],
    "mediation_notice": ["没有正当理由不到场", "回避"],
    "settled": ["自三方签名或盖章之日起生效", "一式三份", "仲裁", "人民法院起诉"],
    "handed_over": [
        "书面告知",
        "《中华人民共和国食品安全法》（2025-09-12第三次修正）第115条",
        "（总局令第121号，2026-04-15起施行）第34条",
    ],
}
OFFICIAL = (
    "complaint_registration report_registration forwarding identity_notice accepted declined"
    " mediation_notice terminated settled report_result"
).split()
GOES_TO = {
    "office": {"complaint_registration", "report_registration", "forwarding"},
    "both": {"mediation_notice", "terminated", "settled"},
    "citizen": {"identity_notice", "accepted", "declined", "report_result", "handed_over"},
}
MADE_BY = {  # which step of a ticket makes a form; the others are made by hand
    "accepted": ("accepted", {"complaint"}),
    "declined": ("declined", {"complaint"}),
    "terminated": ("terminated", {"complaint"}),
    "settled": ("settled", {"complaint"}),
    "report_result": ("decided", {"report"}),
    "handed_over": ("handed_over", {"complaint", "report", "consult", "suggestion"}),
}
SHIPPED = (CONTENT / "documents.yml").read_text(encoding="utf-8")


PLAIN_PHONE = "phone: {label: 联系电话, from: identity, identity: false"


def changed(folder: Path, old: str, new: str) -> Forms:
    """The shipped file with one place changed."""
    assert old in SHIPPED
    (folder / "documents.yml").write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    return load_documents(folder)


def line_of(form: str) -> int:
    return SHIPPED[: SHIPPED.index(f"- id: {form}\n")].count("\n") + 1


@pytest.mark.parametrize(("form", "fields"), FIELDS.items())
def test_every_field_of_the_official_form_is_a_row(form: str, fields: str) -> None:
    assert [row.id for row in FORMS.by_id[form].rows] == fields.split()
    assert all(row.label for row in FORMS.by_id[form].rows)


@pytest.mark.parametrize(("form", "said"), SAID.items())
def test_what_the_official_form_says_is_said(form: str, said: list[str]) -> None:
    text = "".join(FORMS.by_id[form].text)
    assert [part for part in said if part not in text] == []


def test_the_ten_official_forms_in_their_order_and_our_own() -> None:
    official = [form.id for form in FORMS.by_id.values() if form.official is not None]
    assert [FORMS.by_id[name].official for name in official] == list(range(1, 11))
    assert official == OFFICIAL
    assert set(FORMS.by_id) - set(official) == {"handed_over"}


def test_who_gets_which_form() -> None:
    for to, names in GOES_TO.items():
        assert {form.id for form in FORMS.by_id.values() if form.to == to} == names


def test_what_goes_to_both_parties_has_no_place_for_who_the_citizen_is() -> None:
    for form in (form for form in FORMS.by_id.values() if form.to == "both"):
        assert [h for h in form.holes if FORMS.fields[h].identity] == [], form.id


def test_no_form_asks_for_two_things_by_the_same_name() -> None:
    for form in FORMS.by_id.values():
        labels = [row.label for row in form.rows]
        assert len(labels) == len(set(labels)), form.id


def test_what_is_marked_as_identity() -> None:
    marked = {field.id for field in FORMS.fields.values() if field.identity}
    assert marked == set("name phone id_type id_number contact_address party sender".split())


def test_every_field_is_used_and_every_law_dated() -> None:
    used = set().union(*(form.holes for form in FORMS.by_id.values()))
    assert set(FORMS.fields) - used == set()
    assert SHIPPED.count("市场监督管理投诉举报处理办法") == SHIPPED.count(
        "《市场监督管理投诉举报处理办法》（总局令第121号，2026-04-15起施行）"
    )
    assert "暂行办法" not in SHIPPED
    cited = "".join(text for form in FORMS.by_id.values() for text in form.text)
    assert cited.count("》") == cited.count("》（"), "a law without the date of its version"


@pytest.mark.parametrize("form", [name for name in FIELDS if not name.endswith("registration")])
def test_what_is_told_as_text_leaves_nothing_of_the_form_out(form: str) -> None:
    assert {row.id for row in FORMS.by_id[form].rows} - FORMS.by_id[form].told == set()


def test_which_step_makes_which_form() -> None:
    made = {f.id: (f.move, set(f.kinds)) for f in FORMS.by_id.values() if f.move}
    assert made == MADE_BY


def test_a_result_is_told_only_where_a_law_requires_it() -> None:
    assert FORMS.of_move("report", "decided") is None
    required = FORMS.of_move("report", "decided", law_requires=True)
    assert required is FORMS.by_id["report_result"]
    assert [form.id for form in FORMS.by_id.values() if form.by_law] == ["report_result"]


def test_nothing_is_signed_off_as_shipped() -> None:
    assert [form.id for form in FORMS.by_id.values() if form.signed_off] == []
    assert FORMS.heading == "参考文本（未经法制审核）"


def test_signing_off_as_the_file_explains_it(tmp_path: Path) -> None:
    told = next(line for line in SHIPPED.splitlines() if "signed_off: null" in line)
    assert "{by: 姓名, dated: 日期}" in told
    row = "title: 投诉受理决定书"
    forms = changed(tmp_path, row, f"{row}\n    signed_off: {{by: 王律师, dated: 2026-11-20}}")
    assert forms.by_id["accepted"].signed_off == "王律师 2026-11-20"
    assert forms.by_id["declined"].signed_off is None


@pytest.mark.parametrize(
    ("old", "new", "form", "said"),
    [
        ("rows: [receiver, ", "rows: [reciever, ", "forwarding", "no field 'reciever'"),
        ("在{report_by}前", "在{report_day}前", "forwarding", "no field 'report_day'"),
        ("{receiver}：", "{Receiver}：", "forwarding", "a brace that is no field"),
        ("{receiver}：", "{receiver：", "forwarding", "a brace that is no field"),
        (
            "required: [receiver,",
            "required: [phone,",
            "forwarding",
            "requires 'phone' and has no place for it",
        ),
        ("- id: declined", "- id: accepted", "declined", "form accepted stands twice"),
        (
            "rows: [both_parties, matter, demand",
            "rows: [phone, both_parties, matter, demand",
            "settled",
            "goes to the business and names phone",
        ),
        ("协议：{agreement}", "协议：{name}{agreement}", "settled", "names name"),
        (
            "kinds: [complaint]\n    move: settled",
            "kinds: [report]\n    move: settled",
            "settled",
            "goes to the business and serves report",
        ),
        (
            "    move: declined",
            "    move: accepted",
            "declined",
            "accepted of a complaint makes accepted already",
        ),
        (
            "to: both\n    rows: [both_parties, matter, demand",
            "to: press\n    rows: [both_parties, matter, demand",
            "settled",
            "to",
        ),
    ],
)
def test_a_bad_form_is_named_with_its_line(
    tmp_path: Path, old: str, new: str, form: str, said: str
) -> None:
    with pytest.raises(ContentError) as error:
        changed(tmp_path, old, new)
    problem = next(p for p in error.value.problems if said in p.what)
    assert problem.remedy
    assert (problem.file.name, problem.line) == ("documents.yml", line_of(form))


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("{office_short}市监", "{office}市监", "serial"),
        ("第　　号", "第{}号", "serial"),
        ("schema_version: 1", "schema_version: 2", "schema_version"),
        ("{label: 编号, from: ticket, identity: false}", "{label: 编号}", "fields.number"),
        ("{label: 编号, from: ticket, ", "{label: '', from: ticket, ", "fields.number"),
        ("{label: 编号, from: ticket, ", "{label: 编号, from: rumour, ", "fields.number"),
        ("phone: {label: 联系电话, from: identity, identity: true", PLAIN_PHONE, "phone: identity"),
        ("kinds: [complaint, report]", "kinds: [complaint, reprot]", "kinds"),
    ],
)
def test_a_bad_head_is_refused(tmp_path: Path, old: str, new: str, said: str) -> None:
    with pytest.raises(ContentError) as error:
        changed(tmp_path, old, new)
    assert any(said in problem.what for problem in error.value.problems)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("- id: declined", "- id: accepted", "accepted stands twice"),
        ("本局决定不予受理。", "属于恶意投诉，", "declined: 给市民定性"),
    ],
)
def test_shian_check_reads_the_forms(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], old: str, new: str, said: str
) -> None:
    copy = tmp_path / "content"
    shutil.copytree(CONTENT, copy, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (copy / "documents.yml").write_text(SHIPPED.replace(old, new, 1), encoding="utf-8")
    assert checking.check(Settings(_env_file=None, content=copy)) == 1
    found = next(line for line in capsys.readouterr().out.splitlines() if said in line)
    assert f"documents.yml:{line_of('declined')}: " in found
