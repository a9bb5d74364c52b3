"""The way to an OpenID provider, and back."""

from __future__ import annotations

from dataclasses import astuple, dataclass, field
from datetime import timedelta

from anyio import CapacityLimiter, to_thread
from starlette.responses import RedirectResponse, Response

from geostead.console.openid import Begun, OpenIdProvider
from geostead.console.sign_in import SignIn
from geostead.console.visit import Visit
from geostead.errors import SignInRefused
from geostead.operations.sign_in_elsewhere import sign_in_elsewhere
from geostead.telemetry.trace import run_in

AWAY_FOR = timedelta(minutes=15)
"""How long somebody may take to sign in at the provider."""

CONCURRENT = 4
"""How many ask the provider at once, in one process; further ones wait."""

_ATTEMPT = "geostead_openid"


@dataclass(frozen=True, slots=True)
class SignInElsewhere:
    """The two URLs that somebody passes who signs in at an OpenID provider."""

    entrance: SignIn
    provider: OpenIdProvider
    threads: CapacityLimiter = field(default_factory=lambda: CapacityLimiter(CONCURRENT))
    """Those that wait for the provider, which may be slow, and for no other page."""

    async def start(self, visit: Visit) -> Response:
        """Send somebody to the provider."""
        return await to_thread.run_sync(run_in, visit.trace, self._start, visit, limiter=self.threads)

    async def finish(self, visit: Visit) -> Response:
        """Let somebody in who comes back from the provider; what was kept for it is good for one time."""
        return await to_thread.run_sync(run_in, visit.trace, self._finish, visit, limiter=self.threads)

    def _start(self, visit: Visit) -> Response:
        url, begun = self.provider.begin(_way_back(visit))
        until = int((visit.services.now() + AWAY_FOR).timestamp())
        content = [until, visit.query.get("next", ""), *astuple(begun)]
        return self.entrance.sessions.hand(visit, RedirectResponse(url, 303), _ATTEMPT, content)

    def _finish(self, visit: Visit) -> Response:
        try:
            wanted, begun = self._begun(visit)
            identity = self.provider.finish(begun, visit.query, _way_back(visit))
            started = sign_in_elsewhere(visit.services, identity)
        except SignInRefused as error:
            response = self.entrance.ask(visit, 401, message=str(error))
        else:
            response = self.entrance.welcome(visit, started, wanted)
        return self.entrance.sessions.take_back(visit, response, _ATTEMPT)

    def _begun(self, visit: Visit) -> tuple[str, Begun]:
        match self.entrance.sessions.handed(visit, _ATTEMPT):
            case [int(until), str(wanted), str(state), str(nonce), str(verifier)]:
                if visit.services.now().timestamp() < until:
                    return wanted, Begun(state, nonce, verifier)
        raise SignInRefused("Signing in took too long, or began in another browser. Sign in again.")


def _way_back(visit: Visit) -> str:
    return f"{visit.base_url}/console/openid/callback"
