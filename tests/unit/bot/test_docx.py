"""The Word file of a notice holds what the notice says, whatever characters were told."""

from __future__ import annotations

import io
from datetime import date
from pathlib import Path

import docx
import pytest
from docx.document import Document as WordFile
from docx.oxml.ns import qn
from docx.shared import Mm

from bot.docx import render
from content.documents import load_documents
from handlers.tickets.documents import Document, fill

FORMS = load_documents(Path("content"))
TODAY = date(2026, 11, 24)
HEADING = "参考文本（未经法制审核）"


def notice(form: str, value: str = "测试<&>“值”😀") -> Document:
    facts = {name: f"{value}{name}" for name in FORMS.by_id[form].holes}
    return fill(FORMS, FORMS.by_id[form], {**facts, "unit": "市场监督管理局"}, TODAY)


def opened(document: Document) -> WordFile:
    return docx.Document(io.BytesIO(render(document)))


def header(word: WordFile) -> str:
    return "".join(paragraph.text for paragraph in word.sections[0].header.paragraphs)


@pytest.mark.parametrize("form", FORMS.by_id)
def test_every_form_comes_back_from_word_as_it_was(form: str) -> None:
    document = notice(form)
    word = opened(document)
    told = [document.title, document.serial, *document.paragraphs, *document.signature]
    assert [paragraph.text for paragraph in word.paragraphs] == told
    rows = [tuple(cell.text for cell in row.cells) for row in word.tables[0].rows]
    assert rows == list(document.rows)
    assert header(word) == HEADING


def test_a_form_that_is_signed_off_has_no_mark() -> None:
    document = notice("accepted")
    signed = Document(**{**_parts(document), "heading": ""})
    word = opened(signed)
    assert header(word) == ""
    assert HEADING not in "".join(paragraph.text for paragraph in word.paragraphs)


def _parts(document: Document) -> dict[str, object]:
    return {name: getattr(document, name) for name in Document.__slots__}


def test_what_xml_cannot_hold_is_left_out() -> None:
    """Also of a notice that was not filled by us: nothing a person tells may stop the printer."""
    bad = "甲\x00\x01\x0b\x1f\ud800\udfff乙\ufffe\uffff"
    document = Document("x", bad, bad, bad, (bad,), ((bad, bad),), (bad,), ())
    word = opened(document)
    assert {paragraph.text for paragraph in word.paragraphs} == {"甲乙"}
    assert {cell.text for row in word.tables[0].rows for cell in row.cells} == {"甲乙"}
    assert header(word) == "甲乙"


def test_lines_of_a_story_stay_lines() -> None:
    document = notice("complaint_registration", "第一行\n第二行\t")
    story = dict(tuple(c.text for c in row.cells) for row in opened(document).tables[0].rows)
    assert story["内容"] == "第一行\n第二行\tsummary"


def test_every_page_has_its_number_and_the_mark_is_red() -> None:
    [section] = opened(notice("accepted")).sections
    footer = section.footer.paragraphs[0]._element.xml
    assert ">PAGE<" in footer
    assert [kind in footer for kind in ('"begin"', '"end"')] == [True, True]
    [mark] = section.header.paragraphs[0].runs
    assert str(mark.font.color.rgb) == "B00020"


def test_the_page_is_a4_and_the_script_chinese() -> None:
    word = opened(notice("accepted"))
    page = word.sections[0]
    assert page.page_width is not None and page.page_height is not None
    assert abs(page.page_width - Mm(210)) < Mm(1)
    assert abs(page.page_height - Mm(297)) < Mm(1)
    fonts = {
        run._element.rPr.rFonts.get(qn("w:eastAsia"))
        for paragraph in word.paragraphs
        for run in paragraph.runs
    }
    assert fonts == {"仿宋", "宋体"}
