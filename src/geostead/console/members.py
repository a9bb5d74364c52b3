"""Who works in an account."""

from __future__ import annotations

from starlette.responses import Response

from geostead.console.faults import at_input
from geostead.console.visit import Visit
from geostead.errors import InvalidParameter
from geostead.model.person import Member, Person, Role
from geostead.operations.add_member import AddedMember, add_member
from geostead.operations.list_members import list_members
from geostead.operations.password_links import may_get_link
from geostead.operations.remove_member import remove_member
from geostead.operations.renew_link import renew_link
from geostead.operations.set_role import set_role


def show(visit: Visit) -> Response:
    """List the members; owners also change who they are."""
    return _page(visit)


def add(visit: Visit) -> Response:
    """Let somebody work in the account, and show the link to pass on where there is one."""
    email, name = visit.text("email"), visit.text("name")
    typed = {"email": email, "name": name, "role": visit.text("role")}
    try:
        added = add_member(visit.services, visit.account, email, name, _role(visit))
    except InvalidParameter as error:
        return _page(visit, 422, typed=typed, faults={error.parameter: at_input(error)})
    return _page(visit, added=added)


def change(visit: Visit) -> Response:
    """Give a member another role."""
    try:
        set_role(visit.services, visit.account, visit.path["person"], _role(visit))
    except InvalidParameter as error:
        return _page(visit, 422, faults={"members": str(error)})
    return visit.to("/accounts/{account}/members")


def renew(visit: Visit) -> Response:
    """Show another link for somebody who has never signed in."""
    try:
        added = renew_link(visit.services, visit.account, visit.path["person"])
    except InvalidParameter as error:
        return _page(visit, 422, faults={"members": str(error)})
    return _page(visit, added=added)


def remove(visit: Visit) -> Response:
    """End a membership."""
    try:
        remove_member(visit.services, visit.account, visit.path["person"])
    except InvalidParameter as error:
        return _page(visit, 422, faults={"members": str(error)})
    if visit.path["person"] == visit.person.id:
        return visit.to("/me")
    return visit.to("/accounts/{account}/members")


def _role(visit: Visit) -> Role:
    try:
        return Role(visit.text("role"))
    except ValueError as error:
        raise InvalidParameter("role", visit.text("role"), " or ".join(Role)) from error


def _page(
    visit: Visit,
    status: int = 200,
    *,
    added: AddedMember | None = None,
    typed: dict[str, str] | None = None,
    faults: dict[str, str] | None = None,
) -> Response:
    found, link = list_members(visit.services, visit.account), None
    if added is not None and added.token is not None:
        link = f"{visit.base_url}/console/set-password?token={added.token}"
    return visit.page(
        "members.html",
        status,
        members=found,
        linkable=_linkable(visit, found),
        roles=tuple(Role),
        added=added,
        link=link,
        typed=typed or {"email": "", "name": "", "role": Role.VIEWER},
        faults=faults or {},
    )


def _linkable(visit: Visit, found: list[tuple[Person, Member]]) -> set[str]:
    """Return the ids of the members to whom this visitor may give another link."""
    if not visit.may(Role.OWNER):
        return set()
    return {person.id for person, _ in found if may_get_link(visit.services, visit.account.id, person)}
