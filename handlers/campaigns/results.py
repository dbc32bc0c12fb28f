"""Tables of results: reading what was pasted or uploaded, and writing the form to be filled in."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date

from handlers.campaigns.sampling_ports import PollTexts, Sample
from handlers.errors import BadTable

COLUMNS: Mapping[str, str] = {
    "序号": "number",
    "商户": "merchant",
    "检测日期": "tested_on",
    "结论": "conclusion",
    "备注": "note",
}
FORM = ("序号", "食品", "项目", "地点", "商户", "检测日期", "结论", "备注")
CONCLUSIONS: Mapping[str, str] = {"合格": "qualified", "不合格": "unqualified", "待出": "pending"}
LONGEST = {"merchant": 100, "note": 300}
MOST_TOLD = 10  # mistakes named at once
_FORMULA = ("=", "+", "-", "@")  # what a spreadsheet would run

Row = dict[str, str]


class _Wrong(Exception):
    """A cell cannot be read: what is wrong (phrase `table.<what>`), and the words of the cell."""

    def __init__(self, what: str, shown: object) -> None:
        super().__init__(what)
        self.told = (what, str(shown)[:30])


def read(text: str, samples: Sequence[Sample], today: date, entered_by: str) -> list[Sample]:
    """The samples as the table says; raises BadTable naming every line with a mistake.

    Comma or tab between the columns, the first line names them; lines left out stay as they are.
    """
    known = {sample.number: sample for sample in samples}
    mistakes: list[tuple[int, str, str]] = []
    seen: dict[int, Sample] = {}
    for line, row in _rows(text):
        try:
            sample = _sample(row, known, today)
            if sample.number in seen:
                raise _Wrong("twice", sample.number)
        except _Wrong as wrong:
            mistakes.append((line, *wrong.told))
            continue
        seen[sample.number] = replace(sample, entered_by=entered_by)
    if not seen and not mistakes:
        mistakes = [(2, "empty", "")]
    if mistakes:
        raise BadTable(mistakes=mistakes[:MOST_TOLD], count=len(mistakes))
    return list(seen.values())


def conclude(sample: Sample, given: Row, today: date, entered_by: str) -> Sample:
    """One sample as its own form says; raises BadTable."""
    try:
        return replace(_filled(sample, given, today), entered_by=entered_by)
    except _Wrong as wrong:
        raise BadTable(mistakes=[(sample.number, *wrong.told)], count=1) from wrong


def write(texts: PollTexts, samples: Sequence[Sample]) -> str:
    """The plan as a table to be filled in; opens in a spreadsheet, and can be read back."""
    out = io.StringIO()
    table = csv.writer(out)
    table.writerow(FORM)
    said = {value: label for label, value in CONCLUSIONS.items()}
    for s in samples:
        product, item, place = s.choice
        what = (texts.products[product], texts.items[item], texts.places[place])
        day = s.tested_on.isoformat() if s.tested_on else ""
        cells = (*what, s.merchant, day, said[s.conclusion], s.note)
        table.writerow([s.number, *map(_harmless, cells)])
    return "\ufeff" + out.getvalue()


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(_FORMULA) else cell


def _rows(text: str) -> list[tuple[int, Row]]:
    """Line numbers and cells by column; raises BadTable for a head that names no columns."""
    text = text.lstrip("\ufeff")
    head = text.splitlines()[0] if text.strip() else ""
    delimiter = next((sign for sign in ("\t", "，") if sign in head and "," not in head), ",")
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, strict=True)
    found: list[tuple[int, Row]] = []
    try:
        names = [COLUMNS.get(cell.strip(), "") for cell in next(reader, [])]
        if "number" not in names or "conclusion" not in names:
            raise BadTable(mistakes=[(1, "head", head[:30])], count=1)
        for cells in reader:
            if any(cell.strip() for cell in cells):
                pairs = zip(names, cells, strict=False)
                found.append((reader.line_num, {n: cell.strip() for n, cell in pairs if n}))
    except csv.Error as error:
        raise BadTable(mistakes=[(reader.line_num, "quotes", "")], count=1) from error
    return found


def _sample(row: Row, known: Mapping[int, Sample], today: date) -> Sample:
    number = row.get("number", "")
    sample = known.get(int(number)) if number.isascii() and number.isdecimal() else None
    if sample is None:
        raise _Wrong("number", number)
    return _filled(sample, row, today)


def _filled(sample: Sample, row: Row, today: date) -> Sample:
    said = row.get("conclusion", "")
    conclusion = CONCLUSIONS.get(said) if said else "pending"
    if conclusion is None:
        raise _Wrong("conclusion", said)
    tested_on = _day(row.get("tested_on", ""), today)
    if conclusion != "pending" and tested_on is None:
        raise _Wrong("no_day", said)
    merchant, note = _short("merchant", row), _short("note", row)
    return replace(sample, conclusion=conclusion, tested_on=tested_on, merchant=merchant, note=note)


def _short(name: str, row: Row) -> str:
    text = row.get(name, "").removeprefix("'")
    if len(text) > LONGEST[name]:
        raise _Wrong(f"long_{name}", text)
    return text


def _day(text: str, today: date) -> date | None:
    if not text:
        return None
    try:
        day = date(*(int(part) for part in text.replace("/", "-").replace(".", "-").split("-")))
    except (ValueError, TypeError):
        raise _Wrong("day", text) from None
    if day > today:
        raise _Wrong("future", text)
    return day
