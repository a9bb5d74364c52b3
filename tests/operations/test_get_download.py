"""Finding a download by its id, or as the newest of a name."""

from __future__ import annotations

import pytest

from geostead.errors import NotAuthorized, NotFound
from geostead.model.access import Key
from geostead.model.ids import new_id
from geostead.model.job import Job
from geostead.operations.delete_data_source import delete_data_source
from geostead.operations.get_download import get_download
from geostead.operations.set_master_key import set_master_key
from geostead.operations.start_download import start_download
from tests.installations import Installation
from tests.uploads import pipe_upload


def downloaded(installation: Installation, key: Key) -> Job:
    """Order a download of what is published of Places."""
    access_id = installation.versions("Places").data_source.access_id
    return start_download(installation.services, key, access_id, "Places", None)


def deleted(installation: Installation, key: Key) -> None:
    access_id = installation.versions("Places").data_source.access_id
    delete_data_source(installation.services, key, access_id, "Places", staged_only=False)
    installation.run_all()


def test_a_name_in_any_case_is_its_newest_download(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    older, newest = (downloaded(installation, installation.key) for _ in range(2))
    for name in ("Places", "PLACES"):
        assert get_download(installation.services, installation.key, name) == newest
    assert get_download(installation.services, installation.key, older.id) == older


def test_of_several_data_sources_that_had_a_name_each_key_gets_the_newest_download_that_it_may_see(
    installation: Installation,
) -> None:
    first, second = installation.key, installation.add_key("second")
    installation.load("Places", pipe_upload(1))
    of_first = downloaded(installation, first)
    deleted(installation, first)
    installation.key = second
    installation.load("Places", pipe_upload(1))
    of_second = downloaded(installation, second)

    assert get_download(installation.services, first, "Places").id == of_first.id
    assert get_download(installation.services, second, "Places").id == of_second.id


def test_of_a_data_source_that_is_there_the_present_master_key_gets_the_newest_download_whoever_ordered_it(
    installation: Installation,
) -> None:
    installation.load("Places", pipe_upload(1))
    newest = downloaded(installation, installation.key)
    successor = installation.add_key("successor")
    set_master_key(installation.services, "owner", "Places", "successor")

    assert get_download(installation.services, successor, "Places") == newest
    with pytest.raises(NotAuthorized):
        get_download(installation.services, installation.key, "Places")


def test_downloads_that_the_key_may_not_see_are_told_by_the_name_that_it_sent(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    job = downloaded(installation, installation.key)
    with pytest.raises(NotAuthorized, match="may not see the downloads of places; the master"):
        get_download(installation.services, installation.add_key("colleague"), "places")
    stranger = installation.add_key("stranger", account_name="strangers")
    with pytest.raises(NotAuthorized, match=f"may not see the job {job.id}; its master"):
        get_download(installation.services, stranger, job.id)


def test_what_has_no_downloads_is_not_found(installation: Installation) -> None:
    load = installation.load("Places", pipe_upload(1))
    stranger = installation.add_key("stranger", account_name="strangers")
    for name in ("Places", "Nowhere", new_id(), load.id):
        with pytest.raises(NotFound, match=name):
            get_download(installation.services, installation.key, name)
    downloaded(installation, installation.key)
    with pytest.raises(NotFound):
        get_download(installation.services, stranger, "Places")
