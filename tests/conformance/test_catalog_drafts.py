"""Drafts, on every backend: one of a person for a data source, and gone with whatever it belongs to."""

from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog import drafts as drafts_module
from geostead.catalog.base import Catalog
from geostead.errors import LimitExceeded, NotFound
from geostead.model.access import Account, Key
from geostead.model.draft import (
    AddProperty,
    ChangeKind,
    Draft,
    EntityChange,
    RemoveProperty,
    RenameProperty,
    RetypeProperty,
)
from geostead.model.entity_type import EdmType
from geostead.model.ids import new_id
from geostead.model.job import DeleteOrder
from geostead.model.person import Member, Person, Role
from tests.builders import NOON, ending_of, load_of, version_of
from tests.conformance.steps import change, claimed, load, versions_of

LATER = NOON + timedelta(minutes=1)
VALUES = {"Name": 'a|b\t"c"\n\U0001f600\'ü', "": "", "+Name": "x" * 2560}


def person_of(catalog: Catalog, account: Account, email: str = "ada@example.org") -> Person:
    person = Person(new_id(), email, "Ada", None, NOON)
    catalog.add_person(person, [Member(account.id, person.id, Role.EDITOR, NOON)])
    return person


def draft_of(catalog: Catalog, key: Key, person: Person) -> Draft:
    source = versions_of(catalog, key).data_source
    return Draft(new_id(), key.account_id, source.id, person.id, new_id(), (), NOON, NOON)


@pytest.fixture
def person(catalog: Catalog, account: Account) -> Person:
    return person_of(catalog, account)


@pytest.fixture
def draft(catalog: Catalog, key: Key, person: Person) -> Draft:
    load(catalog, key)
    return catalog.begin_draft(draft_of(catalog, key, person))


def test_a_person_has_one_draft_of_a_data_source_and_others_have_their_own(
    catalog: Catalog, account: Account, key: Key, person: Person, draft: Draft
) -> None:
    assert catalog.begin_draft(draft_of(catalog, key, person)) == draft
    assert catalog.find_draft(draft.data_source_id, person.id) == draft
    other = person_of(catalog, account, "bob@example.org")
    assert catalog.find_draft(draft.data_source_id, other.id) is None
    assert catalog.begin_draft(draft_of(catalog, key, other)).person_id == other.id


def test_changes_come_back_as_they_were_recorded_by_entity_id_the_last_one_of_each(
    catalog: Catalog, draft: Draft
) -> None:
    first = EntityChange("b", ChangeKind.ADDED, {"Name": "old"})
    changes = [
        EntityChange("\U0001f600", ChangeKind.ADDED, VALUES),
        EntityChange("B", ChangeKind.DELETED, {}),
        EntityChange("b", ChangeKind.CHANGED, VALUES),
        EntityChange("\uffee", ChangeKind.DELETED, {}),
    ]
    for recorded in (first, *changes):
        catalog.set_change(draft, recorded, LATER)
    assert catalog.draft_changes(draft.id) == sorted(changes, key=lambda c: c.entity_id)
    assert catalog.find_draft_change(draft.id, "b") == changes[2]
    assert catalog.find_draft_change(draft.id, "a") is None
    assert catalog.count_draft_changes(draft.id) == {
        ChangeKind.ADDED: 1,
        ChangeKind.CHANGED: 1,
        ChangeKind.DELETED: 2,
    }
    assert catalog.count_draft_changes(new_id()) == {}
    catalog.drop_change(draft, "b", LATER)
    catalog.drop_change(draft, "never", LATER)
    assert [c.entity_id for c in catalog.draft_changes(draft.id)] == ["B", "\uffee", "\U0001f600"]
    found = catalog.find_draft(draft.data_source_id, draft.person_id)
    assert found == replace(draft, changed_at=LATER)


def test_steps_are_replaced_whole(catalog: Catalog, draft: Draft) -> None:
    steps = (
        AddProperty("Rating", EdmType.DOUBLE),
        RenameProperty("Rating", "Stars"),
        RetypeProperty("Stars", EdmType.INT64),
        RemoveProperty("Name"),
    )
    catalog.set_schema_edits(draft, steps, LATER)
    found = catalog.find_draft(draft.data_source_id, draft.person_id)
    assert found == replace(draft, schema_edits=steps, changed_at=LATER)


def test_a_draft_has_room_for_so_many_changes(catalog: Catalog, draft: Draft, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drafts_module, "MAX_DRAFT_CHANGES", 2)
    for entity_id in "ab":
        catalog.set_change(draft, EntityChange(entity_id, ChangeKind.DELETED, {}), NOON)
    with pytest.raises(LimitExceeded):
        catalog.set_change(draft, EntityChange("c", ChangeKind.DELETED, {}), NOON)
    catalog.set_change(draft, EntityChange("b", ChangeKind.CHANGED, {}), NOON)
    assert [c.kind for c in catalog.draft_changes(draft.id)] == [ChangeKind.DELETED, ChangeKind.CHANGED]


def test_a_draft_has_room_for_so_many_characters(
    catalog: Catalog, draft: Draft, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drafts_module, "MAX_DRAFT_CHARACTERS", 1_000)
    small, large = ({"Name": "x" * length} for length in (400, 900))
    for entity_id in "ab":
        catalog.set_change(draft, EntityChange(entity_id, ChangeKind.CHANGED, small), NOON)
    with pytest.raises(LimitExceeded, match="characters in one draft"):
        catalog.set_change(draft, EntityChange("b", ChangeKind.CHANGED, large), LATER)
    assert [c.values for c in catalog.draft_changes(draft.id)] == [small, small]
    catalog.set_change(draft, EntityChange("a", ChangeKind.DELETED, {}), NOON)


def test_who_has_not_seen_that_a_draft_was_sent_changes_nothing_and_does_not_send_it_again(
    catalog: Catalog, draft: Draft
) -> None:
    sent = catalog.send_draft(draft, new_id(), LATER)
    assert catalog.find_draft(draft.data_source_id, draft.person_id) == sent
    with pytest.raises(NotFound):
        catalog.send_draft(draft, new_id(), LATER)
    with pytest.raises(NotFound):
        catalog.set_change(draft, EntityChange("a", ChangeKind.DELETED, {}), LATER)
    with pytest.raises(NotFound):
        catalog.drop_change(draft, "a", LATER)
    with pytest.raises(NotFound):
        catalog.set_schema_edits(draft, (), LATER)
    catalog.set_change(sent, EntityChange("a", ChangeKind.DELETED, {}), LATER)
    assert catalog.send_draft(sent, None, LATER) == replace(draft, changed_at=LATER)


def test_who_has_not_seen_all_of_a_draft_neither_sends_it_nor_replaces_its_steps(
    catalog: Catalog, draft: Draft
) -> None:
    catalog.set_change(draft, EntityChange("late", ChangeKind.DELETED, {}), LATER)
    with pytest.raises(NotFound):
        catalog.send_draft(draft, new_id(), LATER)
    with pytest.raises(NotFound):
        catalog.set_schema_edits(draft, (), LATER)
    assert catalog.find_draft(draft.data_source_id, draft.person_id) == replace(draft, changed_at=LATER)


def test_a_draft_goes_when_its_load_is_completed_and_stays_when_another_one_is(
    catalog: Catalog, key: Key, draft: Draft
) -> None:
    load(catalog, key)
    assert catalog.find_draft(draft.data_source_id, draft.person_id) == draft
    accepted = load_of(key)
    catalog.set_change(draft, EntityChange("a", ChangeKind.DELETED, {}), NOON)
    catalog.send_draft(draft, accepted.job_id, NOON)
    catalog.accept_load(accepted)
    running = claimed(catalog)
    catalog.complete_load(running, "worker", version_of(running), ending_of())
    assert catalog.find_draft(draft.data_source_id, draft.person_id) is None
    assert catalog.draft_changes(draft.id) == []


def test_a_draft_stays_when_its_load_is_aborted(catalog: Catalog, key: Key, draft: Draft) -> None:
    accepted = load_of(key)
    sent = catalog.send_draft(draft, accepted.job_id, NOON)
    catalog.accept_load(accepted)
    catalog.abort(claimed(catalog), "worker", "because", ending_of())
    assert catalog.find_draft(draft.data_source_id, draft.person_id) == sent


def test_a_draft_goes_with_its_data_source_and_none_is_begun_after_that(
    catalog: Catalog, key: Key, person: Person, draft: Draft
) -> None:
    late = draft_of(catalog, key, person)
    change(catalog, key, load(catalog, key), DeleteOrder(staged_only=False))
    assert catalog.find_draft(draft.data_source_id, person.id) is None
    with pytest.raises(NotFound):
        catalog.begin_draft(late)
    with pytest.raises(NotFound):
        catalog.set_change(draft, EntityChange("a", ChangeKind.DELETED, {}), NOON)


def test_a_draft_goes_with_the_membership_of_its_person_and_none_is_begun_after_that(
    catalog: Catalog, account: Account, key: Key, person: Person, draft: Draft
) -> None:
    boss = Person(new_id(), "boss@example.org", "Boss", None, NOON)
    catalog.add_person(boss, [Member(account.id, boss.id, Role.OWNER, NOON)])
    catalog.remove_member(account.id, person.id)
    assert catalog.find_draft(draft.data_source_id, person.id) is None
    with pytest.raises(NotFound):
        catalog.begin_draft(draft_of(catalog, key, person))


def test_a_draft_that_was_discarded_is_gone_with_its_changes_and_may_be_discarded_again(
    catalog: Catalog, draft: Draft
) -> None:
    catalog.set_change(draft, EntityChange("a", ChangeKind.DELETED, {}), NOON)
    catalog.delete_draft(draft.id)
    catalog.delete_draft(draft.id)
    assert catalog.find_draft(draft.data_source_id, draft.person_id) is None
    assert catalog.draft_changes(draft.id) == []


def test_nobody_begins_a_draft_of_another_accounts_data_source(
    catalog: Catalog, key: Key, person: Person, draft: Draft
) -> None:
    stolen = replace(draft_of(catalog, key, person), account_id=new_id())
    with pytest.raises(NotFound):
        catalog.begin_draft(stolen)
