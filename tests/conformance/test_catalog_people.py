"""People, members and identities, on every backend."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from geostead.catalog.base import Catalog
from geostead.catalog.people_port import Membership
from geostead.errors import InvalidParameter, NotFound
from geostead.model.access import Account
from geostead.model.ids import new_id
from geostead.model.kept_upload import KeptUpload
from geostead.model.person import Member, Person, Role, Session
from tests.builders import NOON, account_of
from tests.conformance.conftest import NewDatabase, OpenCatalog


def person_of(email: str = "ada@example.com", password_hash: str | None = "hash") -> Person:
    return Person(new_id(), email, "Ada", password_hash, NOON)


def member_of(account: Account, person: Person, role: Role = Role.OWNER) -> Member:
    return Member(account.id, person.id, role, NOON)


def added(catalog: Catalog, account: Account, email: str, role: Role) -> Person:
    person = person_of(email)
    catalog.add_person(person, [member_of(account, person, role)])
    return person


def roles(catalog: Catalog, account: Account) -> dict[str, Role]:
    return {person.email: member.role for person, member in catalog.list_members(account.id)}


def session_of(person: Person) -> Session:
    return Session(new_id() * 2, person.id, NOON, NOON + timedelta(days=14))


def signed_in(catalog: Catalog, person: Person) -> Session:
    session = session_of(person)
    catalog.add_session(session, person)
    return session


def test_at_first_there_is_nobody(catalog: Catalog) -> None:
    assert not catalog.has_people()
    assert catalog.list_people() == []
    assert catalog.find_person("ada@example.com") is None


def test_a_person_is_found_by_address_with_all_that_was_recorded(catalog: Catalog) -> None:
    person = person_of()
    catalog.add_person(person)
    assert catalog.has_people()
    assert catalog.find_person(person.email) == person
    assert catalog.find_person("b@example.com") is None


def test_an_address_belongs_to_one_person(catalog: Catalog) -> None:
    catalog.add_person(person_of())
    with pytest.raises(InvalidParameter, match="email"):
        catalog.add_person(person_of())


def test_of_many_who_take_an_address_at_once_one_gets_it(open_catalog: OpenCatalog, catalog: Catalog) -> None:
    def add(_number: int) -> bool:
        try:
            open_catalog().add_person(person_of())
        except InvalidParameter:
            return False
        return True

    with ThreadPoolExecutor(4) as threads:
        assert sorted(threads.map(add, range(4))) == [False, False, False, True]
    assert len(catalog.list_people()) == 1


def test_a_person_who_cannot_become_a_member_is_not_recorded_either(catalog: Catalog) -> None:
    person = person_of()
    with pytest.raises(NotFound):
        catalog.add_person(person, [Member(new_id(), person.id, Role.OWNER, NOON)])
    assert not catalog.has_people()


def test_people_are_listed_by_address_with_their_accounts_by_name(catalog: Catalog, account: Account) -> None:
    other = account_of("Zoo")
    catalog.add_account(other, [])
    bob, ada = person_of("bob@example.com"), person_of("ada@example.com")
    catalog.add_person(bob, [member_of(account, bob, Role.VIEWER), member_of(other, bob, Role.EDITOR)])
    catalog.add_person(ada)
    of_bob = (Membership(other, Role.EDITOR), Membership(account, Role.VIEWER))
    assert catalog.list_people() == [(ada, ()), (bob, of_bob)]
    assert len(catalog.list_own_accounts(bob.id)) == 2


def test_members_of_an_account_are_its_own(catalog: Catalog, account: Account) -> None:
    other = account_of("other")
    catalog.add_account(other, [])
    ada = added(catalog, account, "ada@example.com", Role.OWNER)
    added(catalog, other, "bob@example.com", Role.OWNER)
    assert catalog.list_members(account.id) == [(ada, member_of(account, ada))]


def test_a_member_gets_another_role_and_stays_one_since_then(catalog: Catalog, account: Account) -> None:
    ada = added(catalog, account, "ada@example.com", Role.VIEWER)
    catalog.set_member(replace(member_of(account, ada, Role.OWNER), since=NOON + timedelta(days=1)))
    assert catalog.list_members(account.id) == [(ada, member_of(account, ada, Role.OWNER))]


def test_the_last_owner_stays_one(catalog: Catalog, account: Account) -> None:
    ada = added(catalog, account, "ada@example.com", Role.OWNER)
    bob = added(catalog, account, "bob@example.com", Role.EDITOR)
    with pytest.raises(InvalidParameter, match="role"):
        catalog.set_member(member_of(account, ada, Role.EDITOR))
    with pytest.raises(InvalidParameter, match="email"):
        catalog.remove_member(account.id, ada.id)
    with pytest.raises(InvalidParameter, match="email"):
        catalog.remove_person(ada.id)
    assert roles(catalog, account) == {ada.email: Role.OWNER, bob.email: Role.EDITOR}
    catalog.set_member(member_of(account, bob, Role.OWNER))
    catalog.remove_member(account.id, ada.id)
    assert roles(catalog, account) == {bob.email: Role.OWNER}


def test_the_only_member_of_an_account_can_be_removed_altogether(catalog: Catalog, account: Account) -> None:
    ada = added(catalog, account, "ada@example.com", Role.OWNER)
    catalog.remove_person(ada.id)
    assert not catalog.has_people()
    assert catalog.list_members(account.id) == []


def test_of_two_owners_who_resign_at_once_one_stays(open_catalog: OpenCatalog, account: Account) -> None:
    catalogs = [open_catalog(), open_catalog()]
    owners = [added(catalogs[0], account, f"{name}@example.com", Role.OWNER) for name in ("ada", "bob")]

    def resign(number: int) -> bool:
        try:
            catalogs[number].set_member(member_of(account, owners[number], Role.VIEWER))
        except InvalidParameter:
            return False
        return True

    with ThreadPoolExecutor(2) as threads:
        assert sorted(threads.map(resign, range(2))) == [False, True]
    assert sorted(roles(catalogs[0], account).values()) == [Role.OWNER, Role.VIEWER]


def test_who_leaves_an_account_leaves_what_they_had_of_it(catalog: Catalog, account: Account) -> None:
    added(catalog, account, "ada@example.com", Role.OWNER)
    bob = added(catalog, account, "bob@example.com", Role.EDITOR)
    upload = KeptUpload(new_id(), account.id, bob.id, "shops.csv", 12, NOON)
    catalog.add_upload(upload)
    catalog.remove_member(account.id, bob.id)
    assert catalog.find_upload(account.id, upload.id) is None
    with pytest.raises(NotFound):
        catalog.remove_member(account.id, bob.id)


def test_what_is_not_there_can_be_neither_changed_nor_removed(catalog: Catalog, account: Account) -> None:
    nobody = person_of()
    with pytest.raises(NotFound):
        catalog.remove_person(nobody.id)
    with pytest.raises(NotFound):
        catalog.rename_person(nobody.id, "Ada")
    with pytest.raises(NotFound):
        catalog.set_member(member_of(account, nobody))
    with pytest.raises(NotFound):
        catalog.set_password(nobody, "hash")


def test_a_person_gets_another_name(catalog: Catalog) -> None:
    ada = person_of()
    catalog.add_person(ada)
    catalog.rename_person(ada.id, "Ada L.")
    assert catalog.find_person(ada.email) == replace(ada, name="Ada L.")


def test_another_password_ends_all_sessions_but_the_one_that_is_kept(catalog: Catalog) -> None:
    ada, bob = person_of(), person_of("bob@example.com")
    catalog.add_person(ada)
    catalog.add_person(bob)
    kept, ended, of_bob = signed_in(catalog, ada), signed_in(catalog, ada), signed_in(catalog, bob)
    catalog.set_password(ada, "another", keep=kept.digest)
    assert catalog.find_session(kept.digest, NOON) is not None
    assert catalog.find_session(ended.digest, NOON) is None
    assert catalog.find_session(of_bob.digest, NOON) is not None


def test_a_password_that_has_been_replaced_meanwhile_is_not_replaced_again(catalog: Catalog) -> None:
    ada = person_of(password_hash=None)
    catalog.add_person(ada)
    catalog.set_password(ada, "first")
    with pytest.raises(NotFound):
        catalog.set_password(ada, "second")
    catalog.renew_hash(ada, "third")
    found = catalog.find_person(ada.email)
    assert found is not None
    assert found.password_hash == "first"
    catalog.renew_hash(found, "first, hashed better")
    assert catalog.find_person(ada.email) == replace(found, password_hash="first, hashed better")


def test_an_identity_is_found_again_and_takes_the_place_of_the_password(catalog: Catalog) -> None:
    ada = person_of()
    catalog.add_person(ada)
    session = signed_in(catalog, ada)
    catalog.link_identity(ada, "https://id.example.com", "17")
    assert catalog.find_session(session.digest, NOON) is None
    linked = catalog.find_by_identity("https://id.example.com", "17")
    assert linked == replace(ada, password_hash=None, signed_in_at=NOON)
    assert catalog.find_by_identity("https://id.example.com", "18") is None
    assert catalog.find_by_identity("https://other.example.com", "17") is None


def test_a_provider_knows_a_person_by_one_name_only(catalog: Catalog) -> None:
    ada = person_of(password_hash=None)
    catalog.add_person(ada)
    catalog.link_identity(ada, "https://id.example.com", "17")
    with pytest.raises(InvalidParameter, match="subject"):
        catalog.link_identity(ada, "https://id.example.com", "18")
    catalog.link_identity(ada, "https://other.example.com", "18")


def test_two_first_sign_ins_at_once_are_the_same_person(catalog: Catalog) -> None:
    for number, password_hash in enumerate(("old", None)):
        ada = person_of(f"ada{number}@example.com", password_hash=password_hash)
        catalog.add_person(ada)
        for _ in range(2):  # both have read the person before either was recorded
            catalog.link_identity(ada, "https://id.example.com", f"17{number}")
        assert catalog.find_by_identity("https://id.example.com", f"17{number}") == replace(ada, password_hash=None)


def test_with_an_account_go_its_members_and_not_the_people(catalog: Catalog, account: Account) -> None:
    ada = added(catalog, account, "ada@example.com", Role.OWNER)
    catalog.delete_account(account.id)
    assert catalog.list_people() == [(ada, ())]


def test_a_copy_holds_people_and_members_but_neither_sessions_nor_secrets(
    catalog: Catalog, account: Account, new_database: NewDatabase, tmp_path: Path
) -> None:
    from geostead.catalog.sql_catalog import SqlCatalog

    ada = added(catalog, account, "ada@example.com", Role.OWNER)
    catalog.link_identity(ada, "https://id.example.com", "17")
    linked = catalog.find_by_identity("https://id.example.com", "17")
    assert linked is not None
    session = signed_in(catalog, linked)
    catalog.admit_attempt({"ada": 1}, NOON, timedelta(minutes=15))
    secret = catalog.secret("console", "of the old one")
    catalog.copy_to(tmp_path / "copy.sqlite3")
    restored = SqlCatalog(new_database())
    try:
        restored.migrate()
        restored.copy_from(tmp_path / "copy.sqlite3")
        assert [(found.email, len(accounts)) for found, accounts in restored.list_people()] == [(ada.email, 1)]
        assert restored.find_by_identity("https://id.example.com", "17") is not None
        assert restored.find_session(session.digest, NOON) is None
        assert restored.admit_attempt({"ada": 1}, NOON, timedelta(minutes=15)) is None
        assert restored.secret("console", "of the new one") != secret
    finally:
        restored.close()
    assert secret.encode() not in (tmp_path / "copy.sqlite3").read_bytes()
    assert session.digest.encode() not in (tmp_path / "copy.sqlite3").read_bytes()
