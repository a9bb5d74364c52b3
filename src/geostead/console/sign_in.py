"""Where somebody signs in, and out."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from anyio import CapacityLimiter, to_thread
from starlette.responses import RedirectResponse, Response

from geostead.console.sessions import Sessions
from geostead.console.visit import Visit
from geostead.errors import SignInRefused, TooManyAttempts
from geostead.operations.is_first_start import is_first_start
from geostead.operations.sign_in import sign_in
from geostead.operations.sign_out import sign_out
from geostead.operations.start_session import StartedSession

HASHED_AT_ONCE = 2
"""Passwords that one process checks at once: each takes 64 MB for a moment. Further ones wait."""

_BELOW = re.compile(r"(?:/(?!\.)[\w.~!$&'()*+,;=:@-]+)*/?(?:\?[\w.~!$&'()*+,;=:@/?%-]*)?", re.ASCII)
"""A path below the console, as links of the console have it. Nothing in it can name a host or lead up."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """The pages to sign in and out."""

    sessions: Sessions
    provider: str | None = None
    """What the button of the OpenID provider says; None if there is none."""
    hashing: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(HASHED_AT_ONCE))

    def show(self, visit: Visit) -> Response:
        """Ask for e-mail address and password."""
        wanted = visit.query.get("next", "")
        if visit.signed_in is not None:
            return _lead_to(visit, wanted)
        ended = visit._("You were signed out before you sent that, so nothing was done. Sign in to go on.")
        return self.ask(visit, wanted=wanted, message=ended if "ended" in visit.query else "")

    async def enter(self, visit: Visit) -> Response:
        """Sign in, and lead to where the person wanted to go."""
        email, password, wanted = (visit.text(name) for name in ("email", "password", "next"))
        try:
            started = await to_thread.run_sync(
                sign_in, visit.services, email, password, visit.client, limiter=self.hashing
            )
        except SignInRefused as error:
            return self.ask(visit, 401, email=email, wanted=wanted, message=str(error))
        except TooManyAttempts as error:
            refused = self.ask(visit, 429, email=email, wanted=wanted, message=str(error))
            refused.headers["retry-after"] = str(error.retry_after_s)
            return refused
        return self.welcome(visit, started, wanted)

    def welcome(self, visit: Visit, started: StartedSession, wanted: str) -> Response:
        """Let somebody in who has shown who they are: with a session that nobody knew before."""
        if visit.signed_in is not None:
            sign_out(visit.services, visit.signed_in.session)
        return self.sessions.keep(visit, _lead_to(visit, wanted), started)

    def leave(self, visit: Visit) -> Response:
        """Sign out in this browser."""
        if visit.signed_in is not None:
            sign_out(visit.services, visit.signed_in.session)
        return self.sessions.drop(visit, visit.to("/sign-in"))

    def ask(self, visit: Visit, status: int = 200, *, email: str = "", wanted: str = "", message: str = "") -> Response:
        """Show the form, with what was typed and what was wrong with it."""
        return visit.page(
            "sign_in.html",
            status,
            email=email,
            wanted=wanted,
            message=message,
            first_start=is_first_start(visit.services),
            provider=self.provider,
        )


def _lead_to(visit: Visit, wanted: str) -> Response:
    """Lead to a path below the console; what is none leads to its front page."""
    return RedirectResponse(visit.root + (wanted if _BELOW.fullmatch(wanted) else ""), 303)
