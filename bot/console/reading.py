"""What a form field holds, as the value it stands for; BadInput where it stands for none."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime

from starlette.datastructures import UploadFile
from starlette.requests import Request

from bot.clock import SHANGHAI
from bot.console.desk import Visit
from bot.console.refusals import BadInput, NoSuchPage

MOST_FIELDS = 40
LARGEST = 10**9


def moment(visit: Visit, name: str) -> datetime:
    """A date and time of the office's clock."""
    try:
        return datetime.fromisoformat(visit.field(name)).replace(tzinfo=SHANGHAI)
    except ValueError as error:
        raise BadInput() from error


def day(visit: Visit, name: str) -> date:
    """A date."""
    try:
        return date.fromisoformat(visit.field(name))
    except ValueError as error:
        raise BadInput() from error


def number(visit: Visit, name: str) -> int:
    """A whole number, not negative."""
    text = visit.field(name)
    if not (text.isascii() and text.isdecimal()) or int(text) > LARGEST:
        raise BadInput()
    return int(text)


def row_id(visit: Visit) -> int:
    """The number in the address; one that no row can have is none of ours."""
    found = int(visit.path("id"))
    if found > LARGEST:
        raise NoSuchPage()
    return found


def lines(visit: Visit, name: str) -> tuple[str, ...]:
    """One thing a line, without empty ones."""
    return tuple(" ".join(line.split()) for line in visit.field(name).splitlines() if line.strip())


async def uploaded(request: Request) -> Mapping[str, str]:
    """The fields of a form with a file; the file's text as a field like the others."""
    form = await request.form(max_files=1, max_fields=MOST_FIELDS)
    fields: dict[str, str] = {}
    for name, value in form.items():
        text = decoded(await value.read()) if isinstance(value, UploadFile) else value
        fields[name] = text.replace("\r\n", "\n")
    await form.close()
    return fields


def decoded(data: bytes) -> str:
    """Text as spreadsheets in China save it: UTF-8, or GB 18030."""
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("gb18030", "replace")
