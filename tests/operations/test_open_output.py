"""What a download hands out, format by format, and what it says where there is nothing."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized, NotFound, Unavailable
from geostead.formats.encoders import encode_entities
from geostead.model.job import DataFormat, DownloadOrder, Job
from geostead.operations.open_output import open_output
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload

ENCODED = [data_format for data_format in DataFormat if data_format is not DataFormat.XML]


def accept_download(installation: Installation) -> Job:
    load = installation.load("Places", pipe_upload(3))
    return start_download(installation.services, installation.key, load.access_id, "Places", None)


def download(installation: Installation) -> Job:
    accepted = accept_download(installation)
    installation.run_all()
    return installation.job(accepted.id)


def snapshot_id_of(job: Job) -> str:
    assert isinstance(job.order, DownloadOrder)
    return job.order.snapshot_id


def test_xml_is_the_file_that_the_job_wrote(installation: Installation) -> None:
    job = download(installation)

    output = open_output(installation.services, installation.key, job.id, DataFormat.XML)

    data = b"".join(output.chunks())
    assert output.size_bytes == len(data)
    assert data.startswith(b"<?xml")


@pytest.mark.parametrize("data_format", ENCODED)
def test_other_formats_are_encoded_from_the_snapshot_and_have_no_size(
    installation: Installation, data_format: DataFormat
) -> None:
    job = download(installation)
    snapshot = installation.services.snapshots.open(snapshot_id_of(job))

    output = open_output(installation.services, installation.key, job.id, data_format)

    assert output.size_bytes is None
    assert data_format is not DataFormat.XML
    expected = b"".join(encode_entities(data_format, snapshot.entity_type, snapshot.batches))
    assert b"".join(output.chunks()) == expected
    assert b"".join(output.chunks()) == expected


@pytest.mark.parametrize("data_format", ENCODED)
def test_a_snapshot_that_is_gone_is_told_before_anything_is_sent(
    installation: Installation, data_format: DataFormat
) -> None:
    job = download(installation)
    installation.services.snapshots.delete(snapshot_id_of(job))

    with pytest.raises(Unavailable, match="Places cannot be read right now"):
        open_output(installation.services, installation.key, job.id, data_format)


def test_entities_that_are_being_sent_outlive_their_snapshot(installation: Installation) -> None:
    job = download(installation)
    output = open_output(installation.services, installation.key, job.id, DataFormat.CSV)
    installation.services.snapshots.delete(snapshot_id_of(job))

    assert b"P0000002" in b"".join(output.chunks())


@pytest.mark.parametrize("data_format", DataFormat)
def test_what_is_pending_or_expired_is_not_found_in_any_format(
    installation: Installation, data_format: DataFormat
) -> None:
    job = accept_download(installation)
    with pytest.raises(NotFound, match="still pending"):
        open_output(installation.services, installation.key, job.id, data_format)

    installation.run_all()
    completed = installation.job(job.id)
    assert completed.output is not None
    installation.services.blobs.delete(completed.output)

    with pytest.raises(NotFound, match="kept for 14 days"):
        open_output(installation.services, installation.key, job.id, data_format)


def test_another_key_is_refused(installation: Installation) -> None:
    job = download(installation)

    with pytest.raises(NotAuthorized):
        open_output(installation.services, installation.add_key("other"), job.id, DataFormat.CSV)
