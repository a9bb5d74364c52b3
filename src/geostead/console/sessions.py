"""Sessions of the console: a signed cookie, and the tokens of its forms."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import replace
from functools import cached_property
from urllib.parse import urlsplit

from itsdangerous import BadData, BadSignature, Signer, URLSafeSerializer
from starlette.responses import Response

from geostead.console.visit import Visit
from geostead.errors import NotAuthorized
from geostead.operations.find_session import find_session
from geostead.operations.services import Services
from geostead.operations.signing_key import signing_key
from geostead.operations.start_session import SESSION_LASTS, StartedSession

SESSION = "geostead_session"
VISITOR = "geostead_visitor"
TOKEN_FIELD = "csrf_token"  # noqa: S105  the name of a field


class Sessions:
    """Recognises who comes back, and whether a form is one of ours."""

    def __init__(self, services: Services) -> None:
        self._services = services

    @cached_property
    def _key(self) -> str:
        return signing_key(self._services)

    def _signer(self, purpose: str) -> Signer:
        return Signer(self._key, salt=f"geostead {purpose}", digest_method=hashlib.sha256)

    def recognise(self, visit: Visit) -> Visit:
        """Return the visit with the session that its cookie names, if there is one, and a token for its forms."""
        value = self._value_in(visit.cookies.get(_name(visit, SESSION), ""))
        signed_in = find_session(self._services, value) if value else None
        mark = visit.cookies.get(_name(visit, VISITOR), "") or secrets.token_urlsafe(16)
        bound_to = mark if signed_in is None else signed_in.session.digest
        token = self._signer(f"form {bound_to}").sign(secrets.token_urlsafe(16)).decode()
        return replace(visit, signed_in=signed_in, bound_to=bound_to, csrf_token=token)

    def check_form(self, visit: Visit) -> None:
        """Raise NotAuthorized unless the form, or the header X-CSRF-Token, has the token of the session."""
        token = visit.headers.get("x-csrf-token") or visit.form.get(TOKEN_FIELD)
        is_ours = isinstance(token, str) and self._signer(f"form {visit.bound_to}").validate(token.encode())
        if not is_ours or _is_foreign(visit):
            raise NotAuthorized(
                "This form was not sent from a page of this console, or not in the session that it was made for. "
                "Reload the page, allow cookies for it, and try again."
            )

    def mark(self, visit: Visit, response: Response) -> Response:
        """Let a browser without a session keep what the forms that it is shown are bound to."""
        if visit.signed_in is None:
            _set(visit, response, VISITOR, visit.bound_to, None)
        return response

    def keep(self, visit: Visit, response: Response, started: StartedSession) -> Response:
        """Give a session that has begun to the browser."""
        signed = self._signer("session").sign(started.value).decode()
        _set(visit, response, SESSION, signed, int(SESSION_LASTS.total_seconds()))
        return response

    def drop(self, visit: Visit, response: Response) -> Response:
        """Take the session away from the browser."""
        _set(visit, response, SESSION, "", 0)
        return response

    def hand(self, visit: Visit, response: Response, name: str, content: object) -> Response:
        """Let a browser keep something for us until it is closed, as a signed cookie."""
        _set(visit, response, name, self._serializer(name).dumps(content), None)
        return response

    def handed(self, visit: Visit, name: str) -> object:
        """Return what a browser was handed; None if it was nothing of ours."""
        try:
            return self._serializer(name).loads(visit.cookies.get(_name(visit, name), ""))
        except BadData:
            return None

    def take_back(self, visit: Visit, response: Response, name: str) -> Response:
        """Take away what a browser was handed."""
        _set(visit, response, name, "", 0)
        return response

    def _serializer(self, name: str) -> URLSafeSerializer:
        return URLSafeSerializer(self._key, salt=f"geostead {name}", signer_kwargs={"digest_method": hashlib.sha256})

    def _value_in(self, cookie: str) -> str:
        try:
            return self._signer("session").unsign(cookie).decode()
        except (BadSignature, UnicodeError):
            return ""


def _name(visit: Visit, name: str) -> str:
    """Return the name of a cookie: browsers take ``__Secure-`` over https only, from nobody who listens on http."""
    return f"__Secure-{name}" if _is_secure(visit) else name


def _is_secure(visit: Visit) -> bool:
    return visit.base_url.startswith("https:")


def _set(visit: Visit, response: Response, name: str, value: str, max_age_s: int | None) -> None:
    response.set_cookie(
        _name(visit, name),
        value,
        max_age=max_age_s,
        path=visit.root,
        secure=_is_secure(visit),
        httponly=True,
        samesite="lax",
    )


def _is_foreign(visit: Visit) -> bool:
    """Tell whether a browser says that another site sent the form. What is no browser says nothing."""
    site = visit.headers.get("sec-fetch-site")
    if site is not None:
        return site not in ("same-origin", "none")
    origin = visit.headers.get("origin")
    if origin is None:
        return False
    ours = (urlsplit(visit.base_url).netloc, visit.headers.get("host", ""))
    return urlsplit(origin).netloc not in ours
