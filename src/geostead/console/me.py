"""Oneself: name, password, where one is signed in."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from anyio import CapacityLimiter, to_thread
from starlette.responses import Response

from geostead.console.faults import at_input
from geostead.console.sessions import Sessions
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter, SignInRefused, TooManyAttempts
from geostead.operations.count_sessions import count_sessions
from geostead.operations.remove_member import remove_member
from geostead.operations.rename_person import rename_person
from geostead.operations.set_password import change_password
from geostead.operations.sign_out import sign_out_everywhere


@dataclass(frozen=True, slots=True)
class Me:
    """The page of the person who is signed in."""

    sessions: Sessions
    hashing: CapacityLimiter

    def show(self, visit: Visit) -> Response:
        """Show who one is."""
        return _page(visit)

    def rename(self, visit: Visit) -> Response:
        """Change one's name."""
        name = visit.text("name")
        try:
            rename_person(visit.services, visit.person, name)
        except InvalidParameter as error:
            return _page(visit, 422, name=name, faults={"name": at_input(error)})
        return visit.to("/me")

    async def change_password(self, visit: Visit) -> Response:
        """Change one's password."""
        signed_in, old, new = visit.signed_in, visit.text("old"), visit.text("new")
        assert signed_in is not None
        if new != visit.text("again"):
            return _page(visit, 422, faults={"again": "The two are not the same."})
        change = partial(change_password, visit.services, signed_in, old, new, visit.client)
        try:
            await to_thread.run_sync(change, limiter=self.hashing)
        except InvalidParameter as error:
            return _page(visit, 422, faults={"old" if error.parameter == "old" else "new": at_input(error)})
        except SignInRefused as error:
            return _page(visit, 422, faults={"old": str(error)})
        except TooManyAttempts as error:
            refused = _page(visit, 429, faults={"old": str(error)})
            refused.headers["retry-after"] = str(error.retry_after_s)
            return refused
        return visit.to("/me/password-changed")

    def show_changed(self, visit: Visit) -> Response:
        """Show who one is, and that the password is another one now."""
        return _page(visit, is_changed=True)

    def leave_everywhere(self, visit: Visit) -> Response:
        """Sign out in every browser, this one included."""
        sign_out_everywhere(visit.services, visit.person.id)
        return self.sessions.drop(visit, visit.to("/sign-in"))

    def leave_account(self, visit: Visit) -> Response:
        """End one's membership of the account of the URL."""
        try:
            remove_member(visit.services, visit.account, visit.person.id)
        except InvalidParameter as error:
            return _page(visit, 422, faults={"accounts": str(error)})
        return visit.to("/me")


def _page(
    visit: Visit,
    status: int = 200,
    *,
    name: str | None = None,
    faults: dict[str, str] | None = None,
    is_changed: bool = False,
) -> Response:
    assert visit.signed_in is not None
    return visit.page(
        "me.html",
        status,
        name=visit.person.name if name is None else name,
        sessions=count_sessions(visit.services, visit.person),
        memberships=visit.signed_in.memberships,
        faults=faults or {},
        is_changed=is_changed,
    )
