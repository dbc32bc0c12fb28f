"""What the console itself refuses; the rest comes from handlers.errors."""

from __future__ import annotations

from handlers.errors import ShianError


class CsrfMissing(ShianError):
    """The form did not carry the token of its session."""

    code = "csrf"
    status = 403


class SessionMissing(ShianError):
    """Nobody is logged in, or the session is over."""

    code = "session_missing"
    status = 401


class PasswordDue(ShianError):
    """Logged in by a one-time link; a password comes first."""

    code = "password_due"
    status = 403


class LoginRefused(ShianError):
    """Login and password do not fit; says no more than that."""

    code = "login_refused"
    status = 401


class LoginThrottled(LoginRefused):
    """Too many failures; reads the same as a refusal."""

    status = 429


class LinkSpent(ShianError):
    """The one-time link was used, replaced, or is older than a day."""

    code = "link_spent"
    status = 410


class PasswordRefused(ShianError):
    """The new password is too weak; `code` names the reason."""

    status = 422

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.code = f"password_{reason}"


class LoginTaken(ShianError):
    """Another account has this login."""

    code = "login_taken"


class BadInput(ShianError):
    """A field is empty, too long or not one of the choices."""

    code = "bad_input"
    status = 422


class OwnAccount(ShianError):
    """An administrator may not lock themselves out."""

    code = "own_account"


class NoSuchPage(ShianError):
    """Nothing lies at this address, or not for this person."""

    code = "no_such_page"
    status = 404


class TooLarge(ShianError):
    """The form is larger than any form of the console."""

    code = "too_large"
    status = 413
