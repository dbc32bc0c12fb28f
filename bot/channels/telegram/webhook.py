"""Telegram calls us: the update is committed before the 200 that confirms it."""

from __future__ import annotations

import hmac
import json
import re

from fastapi import APIRouter, HTTPException, Request, Response

from bot.channels.telegram.arrivals import NotAnUpdate, arrival
from bot.intake import Arrival, Intake

PATH = "/telegram/webhook"
HEADER = "X-Telegram-Bot-Api-Secret-Token"
LARGEST = 1024 * 1024  # bytes; updates carry no files
SECRET = re.compile(r"[A-Za-z0-9_-]{1,256}")  # what Telegram takes


def checked_secret(secret: str) -> str:
    """The secret; raises ValueError when Telegram would not take it."""
    if not SECRET.fullmatch(secret):
        raise ValueError("webhook secret: 1 to 256 characters of A-Z a-z 0-9 _ -")
    return secret


def webhook_router(intake: Intake, secret: str) -> APIRouter:
    """The route. 401 without the secret, 413 over 1 MiB, 400 for what is no update."""
    router = APIRouter()
    expected = checked_secret(secret).encode()

    @router.post(PATH, include_in_schema=False)
    async def receive(request: Request) -> Response:
        given = request.headers.get(HEADER, "").encode("utf-8")
        if not hmac.compare_digest(given, expected):
            raise HTTPException(401)
        await intake.accept([_update(await _body(request))])
        return Response(status_code=200)

    return router


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > LARGEST:
            raise HTTPException(413)
    return bytes(body)


def _update(body: bytes) -> Arrival:
    try:
        update = json.loads(body)
        if not isinstance(update, dict):
            raise NotAnUpdate("no object")
        return arrival(update)
    except (ValueError, RecursionError) as error:
        raise HTTPException(400, "not an update") from error
