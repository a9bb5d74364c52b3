"""Where a link leads with which somebody sets a password."""

from __future__ import annotations

from dataclasses import dataclass

from anyio import to_thread
from starlette.responses import Response

from geostead.console.faults import at_input
from geostead.console.sign_in import SignIn
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter
from geostead.operations.password_links import read_password_link, use_password_link


@dataclass(frozen=True, slots=True)
class SetPassword:
    """The page to set a password at."""

    entrance: SignIn

    def show(self, visit: Visit) -> Response:
        """Ask for a password. Raises NotFound for a link that is not good any more."""
        return _form(visit, visit.query.get("token", ""))

    async def act(self, visit: Visit) -> Response:
        """Set the password, and sign in."""
        token, password = visit.text("token"), visit.text("password")
        if password != visit.text("again"):
            return _form(visit, token, again="The two are not the same.")
        try:
            started = await to_thread.run_sync(
                use_password_link, visit.services, token, password, limiter=self.entrance.hashing
            )
        except InvalidParameter as error:
            return _form(visit, token, password=at_input(error))
        return self.entrance.welcome(visit, started, "")


def _form(visit: Visit, token: str, **faults: str) -> Response:
    person = read_password_link(visit.services, token)
    return visit.page("set_password.html", 422 if faults else 200, person=person, token=token, faults=faults)
