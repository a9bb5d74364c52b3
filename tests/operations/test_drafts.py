"""Random drafts of random data sources: what is published is what plain dictionaries come to."""

from __future__ import annotations

import os
from dataclasses import dataclass, replace
from datetime import timedelta
from random import Random

import pytest

from geostead.errors import AccountFull, InvalidParameter, LimitExceeded, NotFound
from geostead.formats.delimited.writer import csv_chunks
from geostead.model.access import Account
from geostead.model.draft import MAX_DRAFT_STEPS, AddProperty, RemoveProperty, RenameProperty, RetypeProperty
from geostead.model.entity_type import EdmType
from geostead.model.ids import new_id
from geostead.model.job import InputFormat, Job, JobStatus, LoadOperation
from geostead.model.limits import PROFILES
from geostead.model.person import Member, Person, Role
from geostead.operations.browse_entities import open_browsed
from geostead.operations.cancel_job import cancel_job
from geostead.operations.change_draft import (
    Refused,
    add_entity,
    change_entity,
    change_properties,
    delete_entity,
    discard_draft,
    move_entity,
    propose_id,
    undo_change,
)
from geostead.operations.check_values import check_values, text_rows
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.open_draft import SENDING_TAKES, OpenDraft, open_draft
from geostead.operations.send_draft import send_draft
from geostead.operations.start_load import LoadRequest, Upload, start_load
from tests.entities import columns_of
from tests.installations import Installation
from tests.strategies import ENTITY_TYPE, chance, make_entities

DRAFTS = int(os.environ.get("GEOSTEAD_TEST_COMPARISONS", "4000")) // 1000
ENTITIES = 25
MAX_POINTS = 100_000
_NAME = "Places"

Texts = dict[str, str]


@dataclass
class Editor:
    """Somebody who edits the data source Places."""

    installation: Installation
    account: Account
    person: Person

    @property
    def draft(self) -> OpenDraft:
        return open_draft(self.installation.services, self.account, self.person, _NAME)

    def sends(self, *, staged: bool = False) -> Job:
        """Send the draft and run its load; return that as it ended."""
        sent = send_draft(self.draft, staged=staged)
        assert isinstance(sent, Job), sent
        self.installation.run_all()
        return self.installation.job(sent.id)

    def published(self, which: str = "published") -> dict[str, Texts]:
        """Return the values of all entities, by id."""
        snapshot = open_browsed(self.installation.services, self.account, _NAME, which).snapshot
        entity_type = snapshot.entity_type
        return {row[entity_type.key_name]: row for b in snapshot.batches() for row in text_rows(entity_type, b)}

    def loads(self, entities: list[dict[str, object]]) -> None:
        """Load entities as a new version."""
        upload = Upload(csv_chunks(ENTITY_TYPE, [columns_of(ENTITY_TYPE, entities)]))
        request = LoadRequest(_NAME, LoadOperation.COMPLETE, InputFormat.CSV)
        job = start_load(self.installation.services, self.installation.key, request, upload)
        self.installation.run_all()
        assert self.installation.job(job.id).status is JobStatus.COMPLETED


@pytest.fixture
def editor(installation: Installation) -> Editor:
    catalog = installation.services.catalog
    catalog.set_limits(installation.key.account_id, PROFILES["self-hosted"])
    account = catalog.get_account(installation.key.account_id)
    person = Person(new_id(), "ada@example.org", "Ada", None, installation.clock())
    catalog.add_person(person, [Member(account.id, person.id, Role.EDITOR, installation.clock())])
    return Editor(installation, account, person)


class Model:
    """Entities as plain dictionaries, and a draft of them."""

    def __init__(self, entities: dict[str, Texts]) -> None:
        self.base = entities
        self.entities = {entity_id: dict(values) for entity_id, values in entities.items()}
        self.names = list(ENTITY_TYPE.names)

    def pick(self, random: Random) -> str:
        return random.choice(sorted(self.entities))

    def rename(self, name: str, new_name: str) -> None:
        self.names[self.names.index(name)] = new_name
        for values in self.entities.values():
            values[new_name] = values.pop(name)

    def add(self, name: str) -> None:
        self.names.append(name)
        for values in self.entities.values():
            values[name] = ""

    def remove(self, name: str) -> None:
        self.names.remove(name)
        for values in self.entities.values():
            del values[name]


def change_at_random(random: Random, editor: Editor, model: Model) -> None:
    """Do one thing with the entities, in the draft and in the model."""
    opened = editor.draft
    entity_type = opened.draft_type.entity_type
    other = dict(model.entities[model.pick(random)])
    match random.randrange(5):
        case 0:
            entity_id = random.choice((propose_id(opened), '"|,\n', f"new {random.randrange(10**6)}\U0001f600"))
            if entity_id not in model.entities and entity_id not in opened.changes:
                assert add_entity(opened, entity_id, other) is None
                model.entities[entity_id] = other | {entity_type.key_name: entity_id}
        case 1:
            entity_id = model.pick(random)
            names = [n for n in model.names if n not in (entity_type.key_name, "latitude", "LONGITUDE", "Outline")]
            typed = {name: other[name] for name in random.sample(names, k=3)}
            assert change_entity(opened, entity_id, typed) is None
            model.entities[entity_id] |= typed
        case 2:
            entity_id = model.pick(random)
            assert move_entity(opened, entity_id, latitude=12.5, longitude=-0.00000001) is None
            model.entities[entity_id] |= {"latitude": "12.5", "LONGITUDE": "0"}
        case 3 if len(model.entities) > 2:
            delete_entity(opened, entity_id := model.pick(random))
            del model.entities[entity_id]
        case _:
            undo_at_random(random, opened, model)


def undo_at_random(random: Random, opened: OpenDraft, model: Model) -> None:
    """Take the change of an entity back, as long as that cannot be confused with steps that came between."""
    if opened.changes and not (opened.draft and opened.draft.schema_edits):
        entity_id = random.choice(list(opened.changes))
        undo_change(opened, entity_id)
        model.entities.pop(entity_id, None)
        if entity_id in model.base:
            model.entities[entity_id] = dict(model.base[entity_id])


def step_at_random(random: Random, editor: Editor, model: Model) -> None:
    """Take one step that changes the properties, in the draft and in the model."""
    opened = editor.draft
    entity_type = opened.draft_type.entity_type
    fixed = (entity_type.latitude_name, entity_type.longitude_name)
    names = [name for name in model.names if name not in fixed]
    plain = [name for name in names if name != entity_type.key_name]
    new_name = f"New{random.randrange(10**6)}"
    match random.randrange(4):
        case 0:
            change_properties(opened, [AddProperty(new_name, random.choice(list(EdmType)[:-1]))])
            model.add(new_name)
        case 1:
            change_properties(opened, [RenameProperty(name := random.choice(names), new_name)])
            model.rename(name, new_name)
        case 2 if len(plain) > 3:
            change_properties(opened, [RemoveProperty(name := random.choice(plain))])
            model.remove(name)
        case _:
            name = random.choice([n for n in plain if n not in ("Elevation", entity_type.geography_name)])
            change_properties(opened, [RetypeProperty(name, EdmType.STRING)])


def test_random_drafts_come_to_what_dictionaries_do(editor: Editor) -> None:
    for seed in range(DRAFTS):
        random = Random(seed)
        editor.loads(make_entities(random, ENTITIES))
        model = Model(editor.published())
        has_steps = chance(random)
        for _ in range(12):
            change_at_random(random, editor, model)
            if has_steps and chance(random):
                step_at_random(random, editor, model)
        if editor.draft.draft is None:
            continue
        discard_or_send(editor, model, seed)


def discard_or_send(editor: Editor, model: Model, seed: int) -> None:
    if not editor.draft.changes and editor.draft.draft and not editor.draft.draft.schema_edits:
        discard_draft(editor.draft)
        return
    entity_type = editor.draft.draft_type.entity_type
    job = editor.sends()
    assert job.status is JobStatus.COMPLETED, f"seed {seed}: {job.error_message}"
    expected = {i: check_values(entity_type, values, MAX_POINTS)[0] for i, values in model.entities.items()}
    assert editor.published() == expected, f"seed {seed}"
    assert editor.draft.draft is None
    assert job.made_by == editor.person.email
    assert job.failed_count == 0


def test_a_draft_that_cannot_be_loaded_is_open_again(editor: Editor) -> None:
    editor.loads(make_entities(Random(1), 3))
    delete_entity(editor.draft, editor.draft.snapshot.batches().__next__().column("PlaceCode")[0].as_py())
    limits = replace(PROFILES["self-hosted"], jobs_per_day=1)
    editor.installation.services.catalog.set_limits(editor.account.id, limits)
    with pytest.raises(AccountFull):
        editor.sends()
    opened = editor.draft
    assert opened.draft is not None
    assert (opened.draft.job_id, opened.is_sent) == (None, False)
    undo_change(opened, next(iter(opened.changes)))


def test_while_a_draft_is_sent_it_is_not_sent_again_and_not_changed(editor: Editor) -> None:
    editor.loads(make_entities(Random(2), 3))
    seen_by_both_tabs = editor.draft
    assert add_entity(seen_by_both_tabs, "new", {}) is None
    one, other = editor.draft, editor.draft
    first = send_draft(one, staged=False)
    assert isinstance(first, Job)
    with pytest.raises(NotFound):
        send_draft(other, staged=False)
    with pytest.raises(NotFound):
        add_entity(other, "newer", {})
    with pytest.raises(InvalidParameter):
        add_entity(editor.draft, "newer", {})
    editor.installation.run_all()
    assert len(editor.published()) == 4
    with pytest.raises(NotFound):
        add_entity(other, "newer", {})


def test_a_draft_has_so_many_steps(editor: Editor) -> None:
    editor.loads(make_entities(Random(10), 3))
    there_and_back = [RenameProperty("Note", "Remark"), RenameProperty("Remark", "Note")]
    assert change_properties(editor.draft, there_and_back * (MAX_DRAFT_STEPS // 2)) is None
    with pytest.raises(LimitExceeded):
        change_properties(editor.draft, there_and_back)


def test_what_another_tab_adds_while_a_draft_is_being_sent_is_not_lost(editor: Editor) -> None:
    editor.loads(make_entities(Random(9), 3))
    assert add_entity(editor.draft, "early", {}) is None
    sending = editor.draft
    assert list(sending.changes) == ["early"]
    editor.installation.clock.advance(1)
    assert add_entity(editor.draft, "late", {}) is None
    with pytest.raises(NotFound, match="changed"):
        send_draft(sending, staged=False)
    assert editor.sends().status is JobStatus.COMPLETED
    assert {"early", "late"} <= editor.published().keys()


def test_a_draft_whose_load_was_cancelled_is_open_again(editor: Editor) -> None:
    editor.loads(make_entities(Random(3), 3))
    assert add_entity(editor.draft, "new", {}) is None
    sent = send_draft(editor.draft, staged=False)
    assert isinstance(sent, Job)
    assert editor.draft.is_sent
    services = editor.installation.services
    cancel_job(services, services.catalog.get_job(sent.id) or sent)
    assert not editor.draft.is_sent
    assert editor.sends().status is JobStatus.COMPLETED


def test_a_draft_whose_load_never_came_is_open_again_after_a_while(editor: Editor) -> None:
    editor.loads(make_entities(Random(4), 3))
    assert add_entity(editor.draft, "new", {}) is None
    draft = editor.draft.draft
    assert draft is not None
    editor.installation.services.catalog.send_draft(draft, new_id(), editor.installation.clock())
    assert editor.draft.is_sent
    editor.installation.clock.advance((SENDING_TAKES + timedelta(seconds=1)).total_seconds())
    assert editor.sends().status is JobStatus.COMPLETED


def test_what_was_loaded_while_a_draft_waits_aborts_its_load_and_nothing_is_lost(editor: Editor) -> None:
    editor.loads(make_entities(Random(5), 3))
    change_properties(editor.draft, [AddProperty("Stars", EdmType.INT64)])
    request = LoadRequest(_NAME, LoadOperation.COMPLETE, InputFormat.CSV)
    theirs = csv_chunks(ENTITY_TYPE, [columns_of(ENTITY_TYPE, make_entities(Random(6), 5))])
    start_load(editor.installation.services, editor.installation.key, request, Upload(theirs))
    job = editor.sends()
    assert job.status is JobStatus.ABORTED
    assert "has changed since" in (job.error_message or "")
    assert len(editor.published()) == 5
    assert editor.draft.has_moved


def test_steps_that_another_version_has_made_impossible_are_told(editor: Editor) -> None:
    editor.loads(make_entities(Random(7), 3))
    change_properties(editor.draft, [RenameProperty("Note", "Remark")])
    upload = b"Bing Spatial Data Services, 1.0, Places\nPlaceCode(Edm.String,primaryKey)|Latitude(Edm.Double)"
    upload += b"|Longitude(Edm.Double)\nx|1|2\n"
    editor.installation.load(_NAME, upload)
    assert "Note" in (editor.draft.trouble or "")
    with pytest.raises(InvalidParameter):
        send_draft(editor.draft, staged=False, over=editor.draft.current.job_id)
    discard_draft(editor.draft)
    assert editor.draft.trouble is None


def test_a_draft_goes_with_its_data_source(editor: Editor) -> None:
    editor.loads(make_entities(Random(8), 3))
    seen = editor.draft
    services, source = editor.installation.services, seen.data_source
    assert add_entity(seen, "new", {}) is None
    delete_data_source(services, editor.installation.key, source.access_id, source.name, staged_only=False)
    editor.installation.run_all()
    with pytest.raises(NotFound):
        add_entity(seen, "newer", {})
    with pytest.raises(NotFound):
        open_draft(services, editor.account, editor.person, _NAME)


def test_every_fault_of_an_entity_is_told_at_once() -> None:
    typed = {"PlaceCode": "a", "Serial": "x", "latitude": "91", "LONGITUDE": "1", "Founded": "soon", "Outline": "POINT"}
    texts, faults = check_values(ENTITY_TYPE, typed, MAX_POINTS)
    assert set(faults) == {"Serial", "latitude", "Founded", "Outline"}
    assert texts["Founded"] == "soon"
    assert set(check_values(ENTITY_TYPE, {"PlaceCode": " "}, MAX_POINTS)[1]) == {"PlaceCode"}
    assert set(check_values(ENTITY_TYPE, {"PlaceCode": "a", "latitude": "1"}, MAX_POINTS)[1]) == {"LONGITUDE"}


def test_values_become_what_a_download_would_have() -> None:
    typed = {"PlaceCode": " a ", "Open": "YES", "Rating": "+1e0", "Outline": "point(1 2)", "Seats": " 7 "}
    texts, faults = check_values(ENTITY_TYPE, typed, MAX_POINTS)
    assert not faults
    found = {name: texts[name] for name in ("PlaceCode", "Open", "Rating", "Outline", "Seats", "latitude")}
    assert list(found.values()) == [" a ", "true", "1", "POINT (1 2)", "7", "2"]


def test_what_is_refused_leaves_no_draft(editor: Editor) -> None:
    editor.loads(make_entities(Random(9), 3))
    assert isinstance(add_entity(editor.draft, "x" * 51, {}), Refused)
    assert editor.draft.draft is None
