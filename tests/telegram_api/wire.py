"""From an HTTP request to one of aiogram's method objects.

aiogram's method classes are the schema. The Bot API takes parameters from the query string,
as a form, as multipart or as JSON; nested objects come as JSON text in the first three.
"""

from __future__ import annotations

import json
import re
import types
import typing
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import cache
from typing import Any
from urllib.parse import parse_qsl

import aiogram.methods
from aiogram.methods.base import TelegramMethod
from aiogram.types import BufferedInputFile, InputFile
from aiohttp import BodyPartReader, MultipartReader, web
from aiohttp.multipart import MultipartResponseWrapper
from pydantic import BaseModel, ValidationError

from .errors import ApiError, bad_request
from .files import UPLOAD_LIMIT, Upload

NUMBER = re.compile(r"-?\d+\Z")
MISSING = {
    "text": "message text is empty",
    "chat_id": "chat_id is empty",
    "user_id": "invalid user_id specified",
    "message_id": "message identifier is not specified",
    "photo": "there is no photo in the request",
    "document": "there is no document in the request",
    "voice": "there is no voice in the request",
    "media": "there are no messages to send",
    "file_id": "file_id not specified",
}


@dataclass(slots=True)
class Parameters:
    """What a request carries: values by name, and uploads by part name."""

    values: dict[str, Any] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)


Decoder = Callable[[str, Any, Parameters], Any]


@dataclass(slots=True, frozen=True)
class MethodSpec:
    """A method class and how to read those of its fields that are not plain text."""

    name: str
    model: type[TelegramMethod[Any]]
    decoders: dict[str, Decoder]


def _members(annotation: Any) -> Iterator[Any]:
    origin = typing.get_origin(annotation)
    if origin is typing.Annotated:
        yield from _members(typing.get_args(annotation)[0])
    elif origin in (typing.Union, types.UnionType):
        for member in typing.get_args(annotation):
            yield from _members(member)
    else:
        yield annotation


def _from_json(name: str, value: Any, parameters: Parameters) -> Any:
    if not isinstance(value, str):
        return value
    try:
        return json.loads(value)
    except ValueError:
        label = name.replace("_", " ")
        raise bad_request(f"can't parse {label} JSON object") from None


def _identifier(name: str, value: Any, parameters: Parameters) -> Any:
    if isinstance(value, str) and NUMBER.match(value):
        return int(value)
    return value


def _file_only(name: str, value: Any, parameters: Parameters) -> Any:
    if isinstance(value, str):
        upload = parameters.uploads.get(value.removeprefix("attach://"))
        if upload is not None:
            return BufferedInputFile(upload.data, upload.filename)
    return value


def _is_structured(member: Any) -> bool:
    if typing.get_origin(member) in (list, dict):
        return True
    return isinstance(member, type) and issubclass(member, BaseModel)


def _decoder(annotation: Any) -> Decoder | None:
    members = list(_members(annotation))
    if any(_is_structured(member) for member in members):
        return _from_json
    if str in members:
        return _identifier if int in members else None
    return _file_only if InputFile in members else None


def _spec(model: type[TelegramMethod[Any]]) -> MethodSpec:
    found = {name: _decoder(info.annotation) for name, info in model.model_fields.items()}
    return MethodSpec(
        model.__api_method__,
        model,
        {name: rule for name, rule in found.items() if rule},
    )


@cache
def catalogue() -> dict[str, MethodSpec]:
    """All methods aiogram knows, by lower-case name."""
    models = (getattr(aiogram.methods, name) for name in aiogram.methods.__all__)
    specs = (
        _spec(model)
        for model in models
        if isinstance(model, type)
        and issubclass(model, TelegramMethod)
        and isinstance(model.__dict__.get("__api_method__"), str)
    )
    return {spec.name.lower(): spec for spec in specs}


def build(spec: MethodSpec, parameters: Parameters) -> TelegramMethod[Any]:
    """The validated method object. Raises ApiError 400."""
    values = {key: value for key, value in parameters.values.items() if value is not None}
    for name, upload in parameters.uploads.items():
        if name in spec.model.model_fields:
            values[name] = BufferedInputFile(upload.data, upload.filename)
    for name, decode in spec.decoders.items():
        if name in values:
            values[name] = decode(name, values[name], parameters)
            if values[name] == "":
                del values[name]
    parameters.values = values
    try:
        return spec.model.model_validate(values)
    except ValidationError as error:
        raise _refusal(error) from None


def _refusal(error: ValidationError) -> ApiError:
    first = error.errors(include_url=False, include_input=False)[0]
    path = ".".join(str(part) for part in first["loc"]) or "parameters"
    if first["type"] == "missing" and path in MISSING:
        return bad_request(MISSING[path])
    return bad_request(f"can't parse {path}: {first['msg']}")


async def read_parameters(request: web.Request) -> Parameters:
    """Query string and body of a request. Raises ApiError 400 or 413."""
    parameters = Parameters(dict(request.query))
    reader = READERS.get(request.content_type)
    if request.body_exists and reader is not None:
        try:
            await reader(request, parameters)
        except web.HTTPRequestEntityTooLarge:
            raise ApiError(413, "Request Entity Too Large") from None
    return parameters


async def _read_form(request: web.Request, parameters: Parameters) -> None:
    body = await request.text()
    parameters.values.update(parse_qsl(body, keep_blank_values=True))


async def _read_json(request: web.Request, parameters: Parameters) -> None:
    try:
        body = json.loads(await request.read() or b"{}")
    except ValueError:
        raise bad_request("can't parse JSON object") from None
    if not isinstance(body, dict):
        raise bad_request("object expected as JSON")
    parameters.values.update(body)


async def _read_multipart(request: web.Request, parameters: Parameters) -> None:
    await read_parts(await request.multipart(), parameters)


async def read_parts(
    reader: MultipartReader | MultipartResponseWrapper, parameters: Parameters
) -> None:
    """Reads a multipart body. Raises ApiError 413 when the files are over 50 MB in all."""
    total = 0
    while (part := await reader.next()) is not None:
        if not isinstance(part, BodyPartReader) or not part.name:
            continue
        data = bytes(await part.read())
        total += len(data)
        if total > UPLOAD_LIMIT:
            raise ApiError(413, "Request Entity Too Large")
        if part.filename is None:
            parameters.values[part.name] = data.decode()
        else:
            mime = part.headers.get("Content-Type")
            parameters.uploads[part.name] = Upload(data, part.filename, mime)


READERS: dict[str, Callable[[web.Request, Parameters], typing.Awaitable[None]]] = {
    "application/x-www-form-urlencoded": _read_form,
    "application/json": _read_json,
    "multipart/form-data": _read_multipart,
}
