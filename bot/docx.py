"""A filled form as a Word file: A4, Chinese fonts, the reference mark in every header, page numbers."""

from __future__ import annotations

import io

import docx
from docx.document import Document as WordFile
from docx.enum.text import WD_ALIGN_PARAGRAPH
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Mm, Pt, RGBColor
from docx.text.paragraph import Paragraph
from docx.text.run import Run

from handlers.tickets.documents import Document, printable

BODY, HEAD = "仿宋", "宋体"


def render(document: Document) -> bytes:
    """The bytes of a .docx file."""
    word = docx.Document()
    page = word.sections[0]
    page.page_width, page.page_height = Mm(210), Mm(297)
    page.left_margin = page.right_margin = Mm(28)
    if document.heading:
        mark = page.header.paragraphs[0].add_run(printable(document.heading))
        _dress(mark, HEAD, 10)
        mark.font.color.rgb = RGBColor(0xB0, 0x00, 0x20)
    _page_number(page.footer.paragraphs[0])
    _line(word, document.title, HEAD, 20, centred=True)
    _line(word, document.serial, BODY, 12, centred=True)
    for paragraph in document.paragraphs:
        _line(word, paragraph, BODY, 14)
    _table(word, document)
    for signature in document.signature:
        _line(word, signature, BODY, 14).alignment = WD_ALIGN_PARAGRAPH.RIGHT
    made = io.BytesIO()
    word.save(made)
    return made.getvalue()


def _line(word: WordFile, text: str, font: str, size: int, *, centred: bool = False) -> Paragraph:
    paragraph = word.add_paragraph()
    if centred:
        paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    _dress(paragraph.add_run(printable(text)), font, size)
    return paragraph


def _page_number(paragraph: Paragraph) -> None:
    """A PAGE field: Word counts, so long stories and blanks filled in by hand are numbered too."""
    paragraph.alignment = WD_ALIGN_PARAGRAPH.CENTER
    run = paragraph.add_run()
    _dress(run, BODY, 10)
    for kind in ("begin", None, "end"):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        else:
            part.text = "PAGE"
        run._element.append(part)


def _table(word: WordFile, document: Document) -> None:
    table = word.add_table(rows=0, cols=2, style="Table Grid")
    for label, value in document.rows:
        cells = table.add_row().cells
        for cell, text in zip(cells, (label, value), strict=True):
            _dress(cell.paragraphs[0].add_run(printable(text)), BODY, 12)


def _dress(run: Run, font: str, size: int) -> None:
    run.font.name, run.font.size = font, Pt(size)
    run._element.get_or_add_rPr().get_or_add_rFonts().set(qn("w:eastAsia"), font)
