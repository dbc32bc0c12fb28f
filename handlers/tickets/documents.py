"""Written notices: a form filled with what a ticket knows; blanks where nobody knows.

Who the citizen is never comes from here: a form that needs it (`party`, `name` …) shows the alias,
and the officer who may open the identity fills it in by hand or prints it from the unmask page.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import date

from content.documents import HOLE, Form, Forms
from content.law import Ground
from handlers.dialog import UNKNOWN
from handlers.filling import IDENTITY_SLOTS
from handlers.services import Services
from handlers.tickets.clocks import local_day
from handlers.tickets.ticket import Ticket

UNPRINTABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True, slots=True)
class Document:
    """A filled form. `heading` is empty once the form is signed off; `missing` are labels still
    to be filled in by hand, `said` labels of rows that the paragraphs say too."""

    form_id: str
    title: str
    heading: str
    serial: str
    paragraphs: tuple[str, ...]
    rows: tuple[tuple[str, str], ...]
    signature: tuple[str, ...]
    missing: tuple[str, ...]
    said: tuple[str, ...] = ()


def notice(
    services: Services,
    ticket: Ticket,
    form_id: str,
    typed: Mapping[str, str],
    ground: Ground | None = None,
) -> Document:
    """The form for a step of a ticket, filled with what is known and what the officer typed.

    Raises ValueError for a form that is not for this kind of ticket: a report must never come
    into a form that goes to the business (Order 121 art. 37).
    """
    forms, today = services.documents, local_day(services.clock.now())
    form = forms.by_id[form_id]
    if ticket.kind not in form.kinds:
        raise ValueError(f"form {form_id} is not for a {ticket.kind}")
    facts = facts_of(services, ticket)
    if form.to == "both":  # the business reads what the matter is, not the citizen's own words
        facts["matter"] = facts.get("merchant", "")
    facts |= {key: value for key, value in typed.items() if value}
    if ground is not None:
        facts["ground"] = f"{ground.article}第{ground.number}项：{ground.text}"
        facts["remedies"] = services.law.remedies
    return fill(forms, form, facts, today)


def facts_of(services: Services, ticket: Ticket) -> dict[str, str]:
    """What a ticket can tell a form, without who the citizen is."""
    told = {
        name: value
        for name, value in ticket.fields.items()
        if value != UNKNOWN and name not in IDENTITY_SLOTS
    }
    merchant = told.get("merchant", "")
    return {
        **told,
        "unit": services.jurisdiction.unit_name(ticket.lead),
        "number": ticket.number,
        "party": ticket.reporter,
        "sender": ticket.reporter,
        "summary": ticket.summary,
        "matter": merchant or ticket.summary[:60],
        "received_on": ticket.received.get("on", ""),  # a day of registration is no day of receipt
        "both_parties": f"投诉人（{ticket.reporter}）、{merchant}" if merchant else "",
        "date": local_day(services.clock.now()).isoformat(),
    }


def fill(forms: Forms, form: Form, facts: Mapping[str, str], on: date) -> Document:
    """A form with its holes filled; a required one that stays open is listed in `missing`."""
    told = {key: printable(value).strip() for key, value in facts.items()}
    known = {key: told.get(key) or forms.blank for key in form.holes}
    known |= {"blank_line": forms.blank, "number": told.get("number") or forms.blank}
    if "reason" in form.holes:
        known["reason"] = told.get("reason", "")
    serial = forms.serial.format(office_short="××", year=on.year)
    return Document(
        form.id,
        form.title,
        "" if form.signed_off else forms.heading,
        serial,
        tuple(_filled(paragraph, known) for paragraph in form.text),
        tuple((row.label, known[row.id]) for row in form.rows),
        ((told.get("unit") or forms.blank) + forms.seal, f"{on.year}年{on.month}月{on.day}日"),
        tuple(forms.fields[k].label for k in sorted(form.required) if known.get(k) == forms.blank),
        tuple(row.label for row in form.rows if row.id in form.told),
    )


def text(document: Document) -> str:
    """A document as plain text, for the chat and the telephone; nothing of it is said twice."""
    head = [line for line in (document.heading, document.title, document.serial) if line]
    rows = [f"{label}：{value}" for label, value in document.rows if label not in document.said]
    return "\n".join([*head, *document.paragraphs, *rows, "", *document.signature])


def to_json(document: Document) -> str:
    """As text that `from_json` reads."""
    return json.dumps(asdict(document), ensure_ascii=False)


def from_json(kept: str) -> Document:
    """What `to_json` wrote."""
    raw = json.loads(kept)
    listed = {
        key: tuple(raw.get(key, ())) for key in ("paragraphs", "signature", "missing", "said")
    }
    rows = tuple((label, value) for label, value in raw["rows"])
    return Document(**{**raw, **listed, "rows": rows})


def printable(text: str) -> str:
    """A text without what neither XML nor UTF-8 can hold: control characters, half characters."""
    return UNPRINTABLE.sub("", text)


def _filled(paragraph: str, known: Mapping[str, str]) -> str:
    """Fill holes one by one: a value that itself holds braces stays what it is."""
    return HOLE.sub(lambda hole: known.get(hole[1], hole[0]), paragraph)
