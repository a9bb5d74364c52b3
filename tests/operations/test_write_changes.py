"""Incremental loads: what they make of their base, and what stops them."""

from __future__ import annotations

from itertools import starmap

import pytest
from hypothesis import given
from hypothesis import strategies as st

from geostead.errors import InvalidParameter, InvalidSchema
from geostead.model.entity_type import EdmType, EntityType, Property
from geostead.model.job import Job, JobStatus, LoadOperation
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.expire import expire
from geostead.operations.publish_staged import publish_staged
from geostead.operations.write_changes import check_same
from tests.installations import Installation
from tests.uploads import HEADER, changes_upload, pipe_upload

DAY_S = 86_400.0
BASE = changes_upload("A|a|1|1|1", "B|b|2|2|2", "C|c|3|3|3")


@pytest.fixture
def base(installation: Installation) -> Job:
    """Publish the entities A, B and C."""
    return installation.load("Places", BASE)


def change(installation: Installation, *rows: str, operation: LoadOperation = LoadOperation.INCREMENTAL) -> Job:
    return installation.load("Places", changes_upload(*rows), operation)


def named(installation: Installation) -> dict[str, str]:
    """Return id and name of every published entity."""
    published = installation.versions("Places").published
    assert published is not None
    batches = installation.services.snapshots.open(published.snapshot_id).batches()
    return {
        id_: name for b in batches for id_, name in zip(b["EntityID"].to_pylist(), b["Name"].to_pylist(), strict=True)
    }


def test_it_adds_replaces_and_deletes_and_the_base_becomes_a_previous_version(installation: Installation, base: Job):
    job = change(installation, "B|new|||", "D|d|4|4|4", "A|||||1")

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 3, 0)
    assert named(installation) == {"B": "new", "C": "c", "D": "d"}
    found = installation.versions("Places")
    assert found.published is not None
    assert (found.published.job_id, found.published.entity_count) == (job.id, 3)
    assert [version.job_id for version in found.previous] == [base.id]
    assert installation.ids_of(found.previous[0]) == ["A", "B", "C"]
    assert installation.left_behind() == set()


def test_an_entity_is_replaced_whole(installation: Installation, base: Job):
    change(installation, "B||||")

    assert named(installation)["B"] == ""


def test_of_rows_with_one_id_the_last_counts_and_the_others_are_noted(installation: Installation, base: Job):
    job = change(installation, "B|first|1|1|1", "A|||||1", "B|last|1|1|1", "A|back|1|1|1")

    assert (job.status, job.failed_count) == (JobStatus.COMPLETED, 0)
    assert named(installation) == {"A": "back", "B": "last", "C": "c"}
    assert installation.log_of(job).splitlines()[1:] == [
        "note,line 3,B,EntityID,B,an entity id that no later row has; the last row counts",
        "note,line 4,A,EntityID,A,an entity id that no later row has; the last row counts",
    ]


def test_deleting_an_unknown_id_is_a_note(installation: Installation, base: Job):
    job = change(installation, "Z|||||1")

    assert (job.status, job.failed_count) == (JobStatus.COMPLETED, 0)
    assert named(installation).keys() == {"A", "B", "C"}
    assert "note,line 3,Z,EntityID,Z" in installation.log_of(job)


def test_bad_rows_are_left_out_and_their_entities_stay_as_they_were(installation: Installation, base: Job):
    job = change(installation, "A|bad|1|north|1", "B|good|1|1|1")

    assert (job.status, job.total_count, job.failed_count) == (JobStatus.COMPLETED, 2, 1)
    assert named(installation) == {"A": "a", "B": "good", "C": "c"}


def test_it_may_leave_nothing(installation: Installation, base: Job):
    job = change(installation, "A|||||1", "B|||||1", "C|||||1")

    assert job.status is JobStatus.COMPLETED
    assert named(installation) == {}
    assert change(installation, "D|d|1|1|1").status is JobStatus.COMPLETED
    assert named(installation) == {"D": "d"}


def test_an_upload_of_which_every_row_is_bad_is_aborted(installation: Installation, base: Job):
    job = change(installation, "A|bad|1|north|1")

    assert (job.status, job.failed_count) == (JobStatus.ABORTED, 1)
    assert "no valid entity and no deletion" in str(job.error_message)
    assert named(installation).keys() == {"A", "B", "C"}


def test_more_entities_than_the_account_may_have_abort_it(installation: Installation):
    installation.load("Places", pipe_upload(499))
    fits = installation.load("Places", changes_upload("X|x|1|1|1"), LoadOperation.INCREMENTAL)
    too_many = installation.load("Places", changes_upload("Y|y|1|1|1"), LoadOperation.INCREMENTAL)

    assert fits.status is JobStatus.COMPLETED
    assert too_many.status is JobStatus.ABORTED
    assert too_many.error_message == "Limit exceeded: entities is 501; the maximum is 500."
    assert installation.left_behind() == set()


def test_more_deletions_than_could_ever_be_meant_are_not_read_to_the_end(installation: Installation, base: Job):
    job = change(installation, *(f"Z{number}|||||1" for number in range(1_001)))

    assert job.status is JobStatus.ABORTED
    assert "Limit exceeded: entities, repeated ones included," in str(job.error_message)


class TestWhichVersionIsChanged:
    """The base is found when the job runs."""

    def test_an_incremental_load_changes_what_is_published_whatever_is_staged(
        self, installation: Installation, base: Job
    ):
        staged = installation.load("Places", pipe_upload(1), LoadOperation.COMPLETE_STAGING)

        change(installation, "D|d|4|4|4")

        found = installation.versions("Places")
        assert installation.ids_of(found.published) == ["A", "B", "C", "D"]
        assert found.staged is not None
        assert found.staged.job_id == staged.id

    def test_a_staging_one_changes_what_is_published_if_nothing_is_staged_and_then_what_is_staged(
        self, installation: Installation, base: Job
    ):
        change(installation, "D|d|4|4|4", operation=LoadOperation.INCREMENTAL_STAGING)
        last = change(installation, "E|e|5|5|5", operation=LoadOperation.INCREMENTAL_STAGING)

        found = installation.versions("Places")
        assert found.staged is not None
        assert (found.staged.job_id, installation.ids_of(found.staged)) == (last.id, ["A", "B", "C", "D", "E"])
        assert installation.ids_of(found.published) == ["A", "B", "C"]
        assert set(installation.services.snapshots.ids()) == {version.snapshot_id for version in found.every}

    def test_a_staged_version_alone_is_enough_for_a_staging_one(self, installation: Installation):
        installation.load("Places", BASE, LoadOperation.COMPLETE_STAGING)

        job = change(installation, "D|d|4|4|4", operation=LoadOperation.INCREMENTAL_STAGING)

        assert job.status is JobStatus.COMPLETED
        assert installation.ids_of(installation.versions("Places").staged) == ["A", "B", "C", "D"]

    def test_jobs_ahead_make_the_base(self, installation: Installation):
        staged = installation.accept_load("Places", BASE, LoadOperation.COMPLETE_STAGING)
        installation.run_all()
        publish_staged(installation.services, installation.key, staged.access_id, "Places")

        job = change(installation, "A|||||1")

        assert job.status is JobStatus.COMPLETED
        assert named(installation).keys() == {"B", "C"}

    def test_it_is_aborted_if_the_load_ahead_made_nothing(self, installation: Installation):
        installation.accept_load("Places", b"nonsense")

        job = change(installation, "A|||||1")

        assert job.status is JobStatus.ABORTED
        assert job.error_message == (
            "The data source Places has no published version (any more) that the load could change."
        )
        assert installation.log_of(job).splitlines()[1] == f"aborted,,,,{job.error_message},"
        assert installation.left_behind() == set()
        assert installation.services.catalog.find_by_name(installation.key.account_id, "Places") is None

    def test_a_staged_version_does_not_expire_while_it_waits_to_be_changed(self, installation: Installation):
        installation.load("Places", BASE, LoadOperation.COMPLETE_STAGING)
        accepted = installation.accept_load("Places", BASE, LoadOperation.INCREMENTAL_STAGING)
        installation.clock.advance(31 * DAY_S)
        expire(installation.services)

        installation.run_all()

        assert installation.job(accepted.id).status is JobStatus.COMPLETED

    def test_a_staged_version_that_is_being_deleted_is_no_base(self, installation: Installation):
        staged = installation.load("Places", BASE, LoadOperation.COMPLETE_STAGING)
        delete_data_source(installation.services, installation.key, staged.access_id, "Places", staged_only=True)

        with pytest.raises(InvalidParameter, match="loadOperation"):
            installation.accept_load("Places", BASE, LoadOperation.INCREMENTAL_STAGING)

    def test_a_staging_one_behind_the_deletion_of_what_is_staged_changes_what_is_published(
        self, installation: Installation, base: Job
    ):
        installation.load("Places", pipe_upload(5), LoadOperation.COMPLETE_STAGING)
        delete_data_source(installation.services, installation.key, base.access_id, "Places", staged_only=True)

        job = change(installation, "D|d|4|4|4", operation=LoadOperation.INCREMENTAL_STAGING)

        assert job.status is JobStatus.COMPLETED
        assert installation.ids_of(installation.versions("Places").staged) == ["A", "B", "C", "D"]

    def test_it_is_aborted_where_the_staging_load_ahead_made_nothing(self, installation: Installation):
        installation.accept_load("Places", b"nonsense", LoadOperation.COMPLETE_STAGING)

        job = change(installation, "A|||||1", operation=LoadOperation.INCREMENTAL_STAGING)

        assert job.status is JobStatus.ABORTED
        assert job.error_message == (
            "The data source Places has no published or staged version (any more) that the load could change."
        )

    def test_it_runs_ahead_of_a_deletion_that_was_accepted_after_it(self, installation: Installation, base: Job):
        ahead = installation.accept_load("Places", changes_upload("A|||||1"), LoadOperation.INCREMENTAL)
        delete_data_source(installation.services, installation.key, base.access_id, "Places", staged_only=False)

        installation.run_all()

        assert installation.job(ahead.id).status is JobStatus.COMPLETED
        assert list(installation.services.snapshots.ids()) == []


class TestTheSchema:
    """It has to be the one in use."""

    def test_case_and_order_are_free_and_the_base_keeps_its_spelling(self, installation: Installation, base: Job):
        upload = (
            "Bing Spatial Data Services, 1.0, PLACE\n"
            "longitude(Edm.Double)|latitude(Edm.Double)|NAME(Edm.String)|entityid(Edm.String,primaryKey)|size(Edm.Int64)\n"
            "7|8|d|D|9\n"
        )

        job = installation.load("Places", upload.encode(), LoadOperation.INCREMENTAL)

        assert job.status is JobStatus.COMPLETED
        published = installation.versions("Places").published
        assert published is not None
        assert published.entity_type.name == "Place"
        assert published.entity_type.names == ("EntityID", "Name", "Size", "Latitude", "Longitude")
        (batch,) = installation.services.snapshots.open(published.snapshot_id).batches()
        assert batch.to_pylist()[3] == {"EntityID": "D", "Name": "d", "Size": 9, "Latitude": 8.0, "Longitude": 7.0}

    @pytest.mark.parametrize(
        ("old", "new", "difference"),
        [
            ("1.0, Place", "1.0, Shop", "entity type Shop, not Place"),
            ("|Size(Edm.Int64)", "", "missing Size(Edm.Int64)"),
            ("|Size(", "|Colour(Edm.String)|Size(", "unexpected Colour(Edm.String)"),
            ("Size(Edm.Int64)", "Size(Edm.Double)", "missing Size(Edm.Int64); unexpected Size(Edm.Double)"),
            (
                "EntityID(Edm.String,primaryKey)|Name(Edm.String)",
                "EntityID(Edm.String)|Name(Edm.String,primaryKey)",
                "missing EntityID(Edm.String,primaryKey), Name(Edm.String); "
                "unexpected EntityID(Edm.String), Name(Edm.String,primaryKey)",
            ),
        ],
    )
    def test_any_other_difference_aborts_and_is_named(
        self, installation: Installation, base: Job, old: str, new: str, difference: str
    ):
        job = installation.load("Places", HEADER.replace(old, new).encode(), LoadOperation.INCREMENTAL)

        assert job.status is JobStatus.ABORTED
        assert job.error_message == (
            f"An incremental load must have the schema of the version that it changes; found: {difference}."
        )
        assert named(installation).keys() == {"A", "B", "C"}
        assert installation.left_behind() == set()

    @given(data=st.data(), types=st.lists(st.sampled_from(EdmType), max_size=6))
    def test_any_order_and_any_case_of_one_schema_is_the_same(self, data: st.DataObject, types: list[EdmType]):
        more = [(f"P{number}", type_) for number, type_ in enumerate(types) if type_ is not EdmType.GEOGRAPHY]
        declared = [("EntityID", EdmType.STRING), ("Latitude", EdmType.DOUBLE), ("Longitude", EdmType.DOUBLE), *more]
        recased = [(data.draw(st.sampled_from((str.upper, str.lower)))(name), type_) for name, type_ in declared]
        base = EntityType.declare("Place", starmap(Property, declared), ["EntityID"])

        check_same(
            base, EntityType.declare("pLACE", starmap(Property, data.draw(st.permutations(recased))), ["entityID"])
        )

    def test_the_message_stays_readable_however_many_differences_there_are(self):
        place = [Property(name, EdmType.DOUBLE) for name in ("Latitude", "Longitude")]
        more = [Property(f"P{number}", EdmType.STRING) for number in range(300)]
        key = Property("EntityID", EdmType.STRING)
        narrow = EntityType.declare("Place", [key, *place], ["EntityID"])
        wide = EntityType.declare("Place", [key, *place, *more], ["EntityID"])

        with pytest.raises(InvalidSchema, match=r"missing P0\(Edm.String\), .*P9\(Edm.String\) and 290 more\.$"):
            check_same(wide, narrow)
