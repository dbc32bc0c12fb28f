"""What every page of the console works with: the desk (once) and the visit (per request)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.requests import Request
from starlette.responses import Response

from bot.clock import SHANGHAI
from bot.console.host import Host
from bot.console.refusals import SessionMissing
from bot.console.security import Passwords
from bot.console.sessions import LIFETIME, Session
from bot.refusing import values_of
from content.phrasebook import Phrasebook, load_ui
from handlers.errors import ShianError
from handlers.ports import Staff

PREFIX = "/console"
HOME = f"{PREFIX}/queue"
SESSION_COOKIE = "shian_console"
FORM_COOKIE = "shian_console_form"
LOCALE_COOKIE = "shian_console_locale"


@dataclass(frozen=True)
class Words:
    """The console's own words, and those of the chat (names of states, kinds, fields)."""

    console: Phrasebook
    chat: Phrasebook

    def text(self, key: str, locale: str, **values: object) -> str:
        """A phrase; raises KeyError when neither book has it."""
        book = self.console if self.console.has(key) else self.chat
        return book.text(key, locale, **values)

    def name(self, section: str, value: str, locale: str) -> str:
        """The Chinese name of a label, or the label where it has none yet."""
        key = f"{section}.{value}"
        known = self.console.has(key) or self.chat.has(key)
        return self.text(key, locale) if known else value


@dataclass(frozen=True)
class Desk:
    """Made once: the application, the words, the templates, the password hasher."""

    host: Host
    words: Words
    templates: Environment
    passwords: Passwords

    def now(self) -> datetime:
        """The time, by the application's clock."""
        return self.host.services.clock.now()


def furnish(host: Host) -> Desk:
    """The desk for an application; reads phrases and templates. Raises ContentError."""
    templates = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    templates.filters["moment"] = local_time
    words = Words(load_ui(host.settings.content, "console"), host.services.phrases)
    return Desk(host, words, templates, Passwords())


def local_time(at: datetime) -> str:
    """A moment as the office's clock on the wall shows it."""
    return at.astimezone(SHANGHAI).strftime("%Y-%m-%d %H:%M")


@dataclass
class Visit:
    """One request: who asks, in which script, and what they filled in."""

    desk: Desk
    request: Request
    locale: str
    session: Session | None
    csrf: str
    form: Mapping[str, str] = field(default_factory=dict)
    upload: bytes = b""

    @property
    def host(self) -> Host:
        """The application."""
        return self.desk.host

    @property
    def logged_in(self) -> Session:
        """The session; raises SessionMissing."""
        if self.session is None:
            raise SessionMissing()
        return self.session

    @property
    def staff(self) -> Staff:
        """Who is logged in; raises SessionMissing."""
        return self.logged_in.staff

    @property
    def here(self) -> str:
        """The address of this page; the front page for one that answers a POST."""
        url = self.request.url
        if self.request.method != "GET":
            return HOME
        return f"{url.path}?{url.query}" if url.query else url.path

    def field(self, name: str) -> str:
        """What a form field holds, without space around it; empty when it is not there."""
        return self.form.get(name, "").strip()

    def path(self, name: str) -> str:
        """A part of the address."""
        return str(self.request.path_params[name])

    def t(self, key: str, **values: object) -> str:
        """A phrase in the visitor's script."""
        return self.desk.words.text(key, self.locale, **values)

    def page(self, template: str, status: int = 200, **context: Any) -> HTMLResponse:
        """A template filled in."""
        html = self.desk.templates.get_template(template).render(
            t=self.t,
            name=partial(self.desk.words.name, locale=self.locale),
            unit=self.host.services.jurisdiction.unit_name,
            visit=self,
            query=self.request.query_params,
            **context,
        )
        return HTMLResponse(html, status)

    def refusal(self, error: ShianError) -> str:
        """The sentence that explains a refusal."""
        named = values_of(error, partial(self.desk.words.name, locale=self.locale))
        return self.t(f"error.{error.code}", **named)

    def refused(self, error: ShianError) -> Response:
        """The page of a refusal; what was typed stays readable on it."""
        kept = self.form.get("text") or self.form.get("reason") or ""
        return self.page("refused.html", error.status, error=error, kept=kept)

    def let_in(self, response: Response, token: str) -> Response:
        """Give the browser its session."""
        response.delete_cookie(FORM_COOKIE, path=PREFIX)
        return self.keep(response, SESSION_COOKIE, token, int(LIFETIME.total_seconds()))

    def keep(self, response: Response, cookie: str, value: str, seconds: int) -> Response:
        """Set a cookie that no script reads and no foreign form carries."""
        secure = self.request.url.scheme == "https" or self.host.settings.https
        response.set_cookie(
            cookie, value, seconds, path=PREFIX, secure=secure, httponly=True, samesite="lax"
        )
        return response


def go(address: str) -> RedirectResponse:
    """On to another page, by GET."""
    return RedirectResponse(address, 303)


def inside(address: str) -> str:
    """The address if it is a page of the console, else its front page: no open redirect."""
    parts = urlsplit(address.replace("\\", "/"))
    ours = parts.path.startswith(f"{PREFIX}/") and not parts.scheme and not parts.netloc
    return address if ours and "//" not in parts.path and address.isprintable() else HOME
