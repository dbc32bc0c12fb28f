"""Where the chat page leaves the address at which its browser takes pushed notes."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Cookie, Response
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from bot.api.chat import COOKIE
from bot.channels.webchat import address_of
from bot.push_service import LONGEST_ENDPOINT, BadEndpoint, checked
from bot.pushing import Pusher

PATH = "/api/chat/push"
Session = Annotated[str | None, Cookie(alias=COOKIE)]


class Keys(BaseModel):
    """What a browser seals its notes with."""

    p256dh: str = Field(max_length=100)
    auth: str = Field(max_length=40)


class Subscribed(BaseModel):
    """A PushSubscription as the browser writes it."""

    endpoint: str = Field(max_length=LONGEST_ENDPOINT)
    keys: Keys


class Endpoint(BaseModel):
    """One that is to be forgotten."""

    endpoint: str = Field(max_length=LONGEST_ENDPOINT)


def create_push(pusher: Pusher) -> APIRouter:
    """The routes; they exist only where a key is configured."""
    router = APIRouter()

    @router.get(PATH)
    async def state(session: Session = None) -> Response:
        """Whether the page may offer notes: only to who has subscribed."""
        citizen = await pusher.subscriber(address_of(session)) if session else None
        body = {"offer": citizen is not None, "key": pusher.identity.public_key}
        return JSONResponse(body, headers={"Cache-Control": "no-store"})

    @router.post(PATH, status_code=204)
    async def keep(given: Subscribed, session: Session = None) -> Response:
        """Keep an address; 403 without a subscription, 422 for one that we do not call."""
        citizen = await pusher.subscriber(address_of(session)) if session else None
        if citizen is None:
            return Response(status_code=403)
        keys = given.keys
        try:
            browser = checked(given.endpoint, keys.p256dh, keys.auth, anywhere=pusher.anywhere)
        except BadEndpoint:
            return Response(status_code=422)
        await pusher.keep(citizen, browser)
        return Response(status_code=204)

    @router.delete(PATH, status_code=204)
    async def forget(given: Endpoint, session: Session = None) -> Response:
        """Forget one address of this citizen."""
        citizen = await pusher.subscriber(address_of(session)) if session else None
        if citizen is not None:
            await pusher.forget(citizen, given.endpoint)
        return Response(status_code=204)

    return router
