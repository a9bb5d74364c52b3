"""Give a new member another link to set a password with."""

from __future__ import annotations

from geostead.errors import InvalidParameter
from geostead.model.access import Account
from geostead.operations.add_member import AddedMember
from geostead.operations.find_member import find_member
from geostead.operations.password_links import make_password_link, may_get_link
from geostead.operations.services import Services


def renew_link(services: Services, account: Account, person_id: str) -> AddedMember:
    """Return a new link for somebody who has never signed in.

    Raises NotFound; InvalidParameter (``email``) for who has signed in, or works in another account too.
    """
    person, _ = find_member(services, account, person_id)
    if not may_get_link(services, account.id, person):
        raise InvalidParameter("email", person.email, "somebody who has not signed in yet and is in no other account")
    return AddedMember(person, make_password_link(services, person, account))
