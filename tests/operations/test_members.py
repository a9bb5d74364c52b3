"""Members, links to set a password with, and identities of OpenID providers."""

from __future__ import annotations

import pytest

from geostead.errors import GeosteadError, InvalidParameter, NotFound, SignInRefused, TooManyAttempts
from geostead.model.access import Account
from geostead.model.limits import PROFILES
from geostead.model.person import Person, Role
from geostead.operations.add_member import add_member
from geostead.operations.assign_role import assign_role
from geostead.operations.create_account import create_account
from geostead.operations.create_person import create_person
from geostead.operations.find_session import find_session
from geostead.operations.list_members import list_members
from geostead.operations.password_links import LINK_LASTS, make_password_link, read_password_link, use_password_link
from geostead.operations.remove_member import remove_member
from geostead.operations.remove_person import remove_person
from geostead.operations.rename_person import rename_person
from geostead.operations.renew_link import renew_link
from geostead.operations.services import Services
from geostead.operations.set_password import change_password, set_password
from geostead.operations.set_role import set_role
from geostead.operations.sign_in import sign_in
from geostead.operations.sign_in_elsewhere import Identity, sign_in_elsewhere
from tests.installations import Clock

PASSWORD = "correct horse battery"
ISSUER = "https://id.example.com"


pytestmark = pytest.mark.usefixtures("hasher")


@pytest.fixture
def acme(services: Services) -> Account:
    return create_account(services, "acme", PROFILES["self-hosted"]).account


@pytest.fixture
def other(services: Services) -> Account:
    return create_account(services, "other", PROFILES["self-hosted"]).account


@pytest.fixture
def ada(services: Services, acme: Account) -> Person:
    return create_person(services, "ada@example.com", PASSWORD, account_name="acme", role=Role.OWNER)


def invited(services: Services, account: Account, email: str = "bob@example.com") -> tuple[Person, str]:
    added = add_member(services, account, email, "Bob", Role.EDITOR)
    assert added.token is not None
    return added.person, added.token


def identity(subject: str = "17", email: str | None = "ada@example.com") -> Identity:
    return Identity(ISSUER, subject, email)


def test_somebody_new_becomes_a_member_and_sets_a_password_through_a_link(services: Services, acme: Account) -> None:
    bob, token = invited(services, acme)
    assert [(person, member.role) for person, member in list_members(services, acme)] == [(bob, Role.EDITOR)]
    assert read_password_link(services, token) == bob
    started = use_password_link(services, token, PASSWORD)
    found = find_session(services, started.value)
    assert found is not None
    assert found.person.email == "bob@example.com"
    sign_in(services, "bob@example.com", PASSWORD, "192.0.2.1")


def test_a_link_is_good_for_one_time(services: Services, acme: Account) -> None:
    _, token = invited(services, acme)
    use_password_link(services, token, PASSWORD)
    with pytest.raises(NotFound):
        use_password_link(services, token, "another good password")
    sign_in(services, "bob@example.com", PASSWORD, "192.0.2.1")


def test_a_link_is_good_for_three_days(services: Services, acme: Account, clock: Clock) -> None:
    _, token = invited(services, acme)
    clock.advance(LINK_LASTS.total_seconds() - 1)
    read_password_link(services, token)
    clock.advance(1)
    with pytest.raises(NotFound):
        use_password_link(services, token, PASSWORD)


def test_a_link_survives_a_password_that_cannot_be_one(services: Services, acme: Account) -> None:
    _, token = invited(services, acme)
    with pytest.raises(InvalidParameter):
        use_password_link(services, token, "short")
    use_password_link(services, token, PASSWORD)


@pytest.mark.parametrize("change", [lambda t: t[:-1], lambda t: "A" + t[1:], lambda _: "", lambda _: "\ud800.é"])
def test_a_link_that_was_tampered_with_is_none(services: Services, acme: Account, change: object) -> None:
    _, token = invited(services, acme)
    assert callable(change)
    with pytest.raises(NotFound):
        read_password_link(services, change(token))


def test_a_link_for_who_was_removed_opens_nothing_for_the_next_one_of_that_address(
    services: Services, acme: Account
) -> None:
    _, token = invited(services, acme)
    remove_person(services, "bob@example.com")
    invited(services, acme)
    with pytest.raises(NotFound):
        read_password_link(services, token)


def test_who_is_known_already_gets_no_link(services: Services, ada: Person, other: Account) -> None:
    added = add_member(services, other, "ADA@example.com", "Somebody else", Role.VIEWER)
    assert added.person == ada
    assert added.token is None


def test_who_is_a_member_already_is_not_added_again(services: Services, ada: Person, acme: Account) -> None:
    with pytest.raises(InvalidParameter, match="email"):
        add_member(services, acme, "ada@example.com", "", Role.VIEWER)
    assert [member.role for _, member in list_members(services, acme)] == [Role.OWNER]


def test_an_owner_gets_another_link_only_for_who_can_be_nobody_else_yet(
    services: Services, ada: Person, acme: Account, other: Account
) -> None:
    bob, _ = invited(services, acme)
    link = renew_link(services, acme, bob.id)
    assert link.token is not None
    assign_role(services, bob.email, "other", Role.VIEWER)
    with pytest.raises(InvalidParameter, match="email"):
        renew_link(services, acme, bob.id)
    with pytest.raises(InvalidParameter, match="email"):
        renew_link(services, acme, ada.id)


def test_a_link_that_an_owner_has_is_of_no_use_once_its_person_works_in_another_account(
    services: Services, ada: Person, acme: Account, other: Account
) -> None:
    bob, token = invited(services, acme)
    add_member(services, other, bob.email, "", Role.OWNER)
    with pytest.raises(NotFound):
        use_password_link(services, token, PASSWORD)
    remove_member(services, acme, bob.id)
    with pytest.raises(NotFound):
        use_password_link(services, token, PASSWORD)


def test_a_link_that_an_owner_has_is_of_no_use_once_its_person_has_signed_in_elsewhere(
    services: Services, acme: Account
) -> None:
    bob, token = invited(services, acme)
    started = sign_in_elsewhere(services, identity(email=bob.email))
    with pytest.raises(NotFound):
        use_password_link(services, token, PASSWORD)
    assert find_session(services, started.value) is not None


def test_members_of_other_accounts_are_out_of_reach(services: Services, ada: Person, other: Account) -> None:
    for act in (
        lambda: set_role(services, other, ada.id, Role.OWNER),
        lambda: remove_member(services, other, ada.id),
        lambda: renew_link(services, other, ada.id),
    ):
        with pytest.raises(NotFound):
            act()
    assert list_members(services, other) == []


def test_a_role_counts_from_the_next_look_on(services: Services, ada: Person, acme: Account) -> None:
    bob, token = invited(services, acme)
    started = use_password_link(services, token, PASSWORD)

    def roles() -> list[Role]:
        found = find_session(services, started.value)
        assert found is not None
        return [membership.role for membership in found.memberships]

    assert roles() == [Role.EDITOR]
    set_role(services, acme, bob.id, Role.VIEWER)
    assert roles() == [Role.VIEWER]
    remove_member(services, acme, bob.id)
    assert roles() == []


def test_the_operator_sets_a_password_which_ends_all_sessions(services: Services, ada: Person) -> None:
    started = sign_in(services, ada.email, PASSWORD, "192.0.2.1")
    set_password(services, ada.email, "another good password")
    assert find_session(services, started.value) is None
    with pytest.raises(NotFound):
        set_password(services, "nobody@example.com", PASSWORD)


def test_a_password_is_changed_by_who_knows_the_old_one_and_the_other_sessions_end(
    services: Services, ada: Person
) -> None:
    here, there = (sign_in(services, ada.email, PASSWORD, "192.0.2.1") for _ in range(2))
    found = find_session(services, here.value)
    assert found is not None
    with pytest.raises(SignInRefused):
        change_password(services, found, "wrong password", "another good password", "192.0.2.1")
    change_password(services, found, PASSWORD, "another good password", "192.0.2.1")
    assert find_session(services, here.value) is not None
    assert find_session(services, there.value) is None
    with pytest.raises(SignInRefused):
        sign_in(services, ada.email, PASSWORD, "192.0.2.1")


def test_who_has_found_an_open_browser_cannot_guess_the_password_in_it(services: Services, ada: Person) -> None:
    found = find_session(services, sign_in(services, ada.email, PASSWORD, "192.0.2.1").value)
    assert found is not None

    def guess(password: str) -> type[GeosteadError] | None:
        try:
            change_password(services, found, password, "another good password", "192.0.2.1")
        except GeosteadError as error:
            return type(error)
        return None

    assert [guess(f"wrong password {n}") for n in range(6)] == [SignInRefused] * 5 + [TooManyAttempts]
    assert guess(PASSWORD) is TooManyAttempts


def test_names_are_short_and_can_be_shown(services: Services, ada: Person) -> None:
    rename_person(services, ada, " Ada L. ")
    found = services.catalog.find_person(ada.email)
    assert found is not None
    assert found.name == "Ada L."
    for name in ("a" * 101, "a\nb", "a\x00"):
        with pytest.raises(InvalidParameter, match="name"):
            rename_person(services, ada, name)


def test_an_identity_with_a_verified_address_is_that_of_who_has_the_address(services: Services, ada: Person) -> None:
    first = find_session(services, sign_in_elsewhere(services, identity()).value)
    later = find_session(services, sign_in_elsewhere(services, identity(email="moved@example.com")).value)
    assert first is not None
    assert later is not None
    assert first.person.id == later.person.id == ada.id


@pytest.mark.parametrize("email", [None, "nobody@example.com", "not an address"])
def test_nobody_gets_in_who_has_not_been_made_known(services: Services, ada: Person, email: str | None) -> None:
    with pytest.raises(SignInRefused):
        sign_in_elsewhere(services, identity(email=email))
    assert len(services.catalog.list_people()) == 1


def test_another_identity_does_not_get_in_with_an_address_that_was_given_to_somebody_else(
    services: Services, ada: Person
) -> None:
    sign_in_elsewhere(services, identity("17"))
    with pytest.raises(SignInRefused):
        sign_in_elsewhere(services, identity("18"))
    sign_in_elsewhere(services, identity("17"))


def test_who_set_a_password_for_an_address_that_is_not_theirs_is_out_when_its_owner_comes(
    services: Services, acme: Account
) -> None:
    _, token = invited(services, acme, "ada@example.com")
    squatter = use_password_link(services, token, PASSWORD)
    sign_in_elsewhere(services, identity())
    assert find_session(services, squatter.value) is None
    with pytest.raises(SignInRefused):
        sign_in(services, "ada@example.com", PASSWORD, "192.0.2.1")


def test_who_signs_in_elsewhere_has_no_password_to_change(services: Services, ada: Person) -> None:
    found = find_session(services, sign_in_elsewhere(services, identity()).value)
    assert found is not None
    with pytest.raises(InvalidParameter, match="old"):
        change_password(services, found, "", "another good password", "192.0.2.1")


def test_a_link_of_the_operator_sets_another_password(services: Services, ada: Person) -> None:
    token = make_password_link(services, ada)
    use_password_link(services, token, "another good password")
    sign_in(services, ada.email, "another good password", "192.0.2.1")
