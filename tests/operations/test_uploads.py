"""Files that wait for a person: kept, proposed, previewed, loaded; places and addresses of rows, looked up."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.errors import InvalidParameter, NotFound, UploadTooLarge
from geostead.geo.position import Position
from geostead.geocoding.base import Geocoder
from geostead.model.access import Account
from geostead.model.ids import new_id
from geostead.model.job import Job, JobStatus, LoadOperation
from geostead.model.kept_upload import KeptUpload
from geostead.model.person import Person
from geostead.operations.expire import expire
from geostead.operations.find_upload import find_upload
from geostead.operations.keep_upload import KEPT_SIZES, MAX_KEPT, keep_upload
from geostead.operations.load_kept_upload import load_kept_upload
from geostead.operations.preview_upload import preview_table
from geostead.operations.propose_reading import OrdinaryFile, propose_reading
from geostead.operations.start_load import LoadRequest, Upload
from tests.builders import NOON
from tests.geocoders import LYON, KnownPlaces, NobodyAnswers
from tests.installations import Installation

PLACES = b"id,name,lat,lon\n1,A,1,2\n2,B,95,4\n3,C,,\n" + b"".join(b"%d,N,5,6\n" % i for i in range(10, 20))
ADDRESSES = b"id,city,country\n1,Lyon,France\n2,Nowhere,\n3,,\n4,Lyon,France\n"
PARTLY = replace(LYON, is_whole_match=False)


class Desk:
    """A person at an installation."""

    def __init__(self, installation: Installation, geocoder: Geocoder | None = None) -> None:
        self.installation = installation
        installation.services = replace(installation.services, geocoder=geocoder)
        self.services = installation.services
        self.person = Person(new_id(), f"{new_id()}@example.org", "Ada", None, installation.clock())
        self.services.catalog.add_person(self.person)

    @property
    def account(self) -> Account:
        return self.services.catalog.get_account(self.installation.key.account_id)

    def keep(self, content: bytes, name: str = "places.csv") -> KeptUpload:
        return keep_upload(self.services, self.account, self.person, name, Upload([content]))

    def file(self, upload: KeptUpload) -> OrdinaryFile:
        found = propose_reading(self.services, self.account, upload)
        assert isinstance(found, OrdinaryFile)
        return found

    def load(self, content: bytes, **changes: object) -> Job:
        upload = self.keep(content)
        reading = replace(self.file(upload).proposed, **changes)  # type: ignore[arg-type]  # of whatever field
        request = LoadRequest("Places", LoadOperation.COMPLETE, reading)
        job = load_kept_upload(self.services, self.account, self.person, upload, request)
        self.installation.run_all()
        return self.installation.job(job.id)

    def entities(self, job: Job) -> list[dict[str, object]]:
        version = self.installation.versions(job.data_source_name).published
        assert version is not None
        snapshot = self.services.snapshots.open(version.snapshot_id)
        return [row for batch in snapshot.batches() for row in batch.to_pylist()]


@pytest.fixture
def desk(installation: Installation) -> Desk:
    return Desk(installation, KnownPlaces({"Lyon, France": LYON, "Nowhere": PARTLY}))


def test_a_file_waits_for_a_day_and_is_then_gone_with_its_bytes(desk: Desk) -> None:
    upload = desk.keep(PLACES, "C:\\files\\places.csv")
    assert upload.file_name == "places.csv"
    expire(desk.services)
    assert find_upload(desk.services, desk.account.id, upload.id) == upload
    desk.installation.clock.advance(86_400)
    expire(desk.services)
    with pytest.raises(NotFound):
        find_upload(desk.services, desk.account.id, upload.id)
    assert upload.blob not in set(desk.services.blobs.unused())


def test_a_file_that_is_too_large_is_refused_while_it_is_sent(desk: Desk) -> None:
    sent = []

    def chunks() -> Iterator[bytes]:
        for _ in range(100):
            sent.append(10_000)
            yield b"x" * 10_000

    with pytest.raises(UploadTooLarge):
        keep_upload(desk.services, desk.account, desk.person, "a.csv", Upload(chunks()))
    assert sum(sent) <= 120_000


def test_of_many_files_that_wait_the_oldest_go_with_their_bytes(desk: Desk) -> None:
    def keep(content: bytes) -> KeptUpload:
        desk.installation.clock.advance(1)
        return desk.keep(content)

    def waiting() -> list[KeptUpload]:
        return desk.services.catalog.list_uploads(desk.account.id)[::-1]

    kept = [keep(b"a") for _ in range(MAX_KEPT + 2)]
    assert waiting() == kept[2:]
    with pytest.raises(FileNotFoundError):
        desk.services.blobs.open(kept[1].blob)
    desk.services.catalog.set_limits(desk.account.id, desk.account.limits.override(upload_bytes=1_000))
    large = [keep(bytes(1_000)) for _ in range(KEPT_SIZES)]
    assert waiting() == large
    smaller = keep(b"a")
    assert waiting() == [*large[1:], smaller]


def test_an_empty_file_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidParameter, match=r"empty\.csv.*a file that is not empty"):
        desk.keep(b"", "empty.csv")


def test_a_preview_shows_rows_as_they_will_be_and_what_is_wrong_with_the_others(desk: Desk) -> None:
    file = desk.file(desk.keep(PLACES))
    preview = preview_table(file.sample, file.proposed, desk.account.limits)
    assert (preview.row_count, preview.bad_count, preview.unplaced_count, preview.is_whole) == (13, 1, 1, True)
    assert preview.rows[0].cells == ("1", "A", "1", "2")
    assert preview.rows[1].cells == ("2", "B", "95", "4")
    issue = preview.rows[1].issue
    assert issue is not None
    assert (issue.property, issue.expected) == ("Latitude", "a number from -90 to 90")
    assert len(preview.places["features"]) == 11


def test_a_kept_file_is_loaded_as_it_was_decided_and_forgotten(desk: Desk) -> None:
    job = desk.load(PLACES)
    assert (job.status, job.failed_count, job.made_by) == (JobStatus.COMPLETED, 1, desk.person.email)
    assert "line 3,2,Latitude,95" in desk.installation.log_of(job)
    assert [row["id"] for row in desk.entities(job)][:3] == ["1", "10", "11"]
    assert not [name for name in desk.services.catalog.used_blobs() if name.startswith("kept/")]


def test_rows_with_an_address_get_a_place_and_those_that_are_not_found_are_kept_and_noted(desk: Desk) -> None:
    job = desk.load(ADDRESSES)
    assert (job.status, job.failed_count, job.total_count) == (JobStatus.COMPLETED, 0, 4)
    places = {row["id"]: (row["Latitude"], row["Longitude"]) for row in desk.entities(job)}
    assert places == {"1": LYON.position, "2": PARTLY.position, "3": (None, None), "4": LYON.position}
    log = desk.installation.log_of(job)
    assert 'note,line 3,2,city,Nowhere,"an address that is found whole; the entity is placed at Lyon' in log
    assert 'note,line 4,3,city,,"a place, or an address that gives one"' in log
    geocoder = desk.services.geocoder
    assert isinstance(geocoder, KnownPlaces)
    assert geocoder.asked == ["Lyon, France", "Nowhere"]


def test_rows_with_a_place_and_no_address_get_one(desk: Desk) -> None:
    content = b"id,city,lat,lon\n1,,45.75,4.85\n2,Bern,46.9,7.4\n3,,1,1\n"
    job = desk.load(content, found_address="Found")
    assert [row["Found"] for row in desk.entities(job)] == [LYON.name, "", ""]


def test_a_load_that_needs_a_geocoder_aborts_where_there_is_none(desk: Desk) -> None:
    upload = desk.keep(ADDRESSES)
    reading = desk.file(upload).proposed
    assert reading.find_places
    desk.installation.services = replace(desk.services, geocoder=None)
    request = LoadRequest("Places", LoadOperation.COMPLETE, reading)
    job = load_kept_upload(desk.services, desk.account, desk.person, upload, request)
    desk.installation.run_all()
    ended = desk.installation.job(job.id)
    assert ended.status is JobStatus.ABORTED
    assert "no geocoder" in (ended.error_message or "")


def test_an_attempt_that_nobody_answers_leaves_the_job_to_the_next_one(installation: Installation) -> None:
    desk = Desk(installation, NobodyAnswers())
    upload = desk.keep(ADDRESSES)
    request = LoadRequest("Places", LoadOperation.COMPLETE, desk.file(upload).proposed)
    job = load_kept_upload(desk.services, desk.account, desk.person, upload, request)
    installation.run_all()
    assert installation.job(job.id).status is JobStatus.PENDING


def test_a_file_that_is_to_be_loaded_several_times_at_once_is_loaded_once(desk: Desk) -> None:
    upload = desk.keep(PLACES)
    request = LoadRequest("Places", LoadOperation.COMPLETE, desk.file(upload).proposed)

    def load(_: int) -> str | None:
        try:
            return load_kept_upload(desk.services, desk.account, desk.person, upload, request).id
        except NotFound:
            return None  # somebody else was so quick that the file is gone

    with ThreadPoolExecutor(4) as pool:
        assert set(pool.map(load, range(8))) <= {upload.id, None}
    assert [job.id for job in desk.services.catalog.list_jobs(desk.account.id, NOON - timedelta(days=1))] == [upload.id]
    desk.installation.run_all()
    assert desk.installation.job(upload.id).status is JobStatus.COMPLETED


def test_a_key_that_is_none_is_refused_and_the_file_still_waits(desk: Desk) -> None:
    upload = desk.keep(PLACES)
    request = LoadRequest("Places", LoadOperation.COMPLETE, desk.file(upload).proposed)
    with pytest.raises(InvalidParameter, match="key"):
        load_kept_upload(desk.services, desk.account, desk.person, upload, request, "no such key")
    assert find_upload(desk.services, desk.account.id, upload.id) == upload


def test_positions_are_looked_up_once(desk: Desk) -> None:
    content = b"id,lat,lon\n" + b"".join(b"%d,45.75,4.85\n" % i for i in range(5))
    job = desk.load(content, found_address="Found")
    assert {row["Found"] for row in desk.entities(job)} == {LYON.name}
    assert LYON.position == Position(45.75, 4.85)
