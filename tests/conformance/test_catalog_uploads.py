"""Files that were sent to the console and are not loaded yet, on every backend."""

from dataclasses import replace
from datetime import timedelta

import pytest

from geostead.catalog.base import Catalog
from geostead.catalog.uploads_port import KEPT_FOR
from geostead.model.access import Account
from geostead.model.ids import new_id
from geostead.model.kept_upload import KeptUpload
from geostead.model.person import Person
from tests.builders import NOON


@pytest.fixture
def upload(catalog: Catalog, account: Account) -> KeptUpload:
    person = Person(new_id(), "ada@example.org", "Ada", None, NOON)
    catalog.add_person(person)
    kept = KeptUpload(new_id(), account.id, person.id, "Läden.csv", 2**40, NOON)
    catalog.add_upload(kept)
    return kept


def test_a_kept_upload_is_found_in_its_account_and_in_no_other(
    catalog: Catalog, account: Account, upload: KeptUpload
) -> None:
    assert catalog.find_upload(account.id, upload.id) == upload
    assert catalog.find_upload(new_id(), upload.id) is None
    assert catalog.find_upload(account.id, new_id()) is None


def test_a_kept_upload_that_was_dropped_is_gone_and_may_be_dropped_again(
    catalog: Catalog, account: Account, upload: KeptUpload
) -> None:
    catalog.drop_upload(upload.id)
    catalog.drop_upload(upload.id)
    assert catalog.find_upload(account.id, upload.id) is None
    assert upload.blob not in catalog.used_blobs()


def test_a_kept_upload_needs_its_blob_for_a_day_and_is_forgotten_then(
    catalog: Catalog, account: Account, upload: KeptUpload
) -> None:
    younger = replace(upload, id=new_id(), created_at=NOON + timedelta(microseconds=1))
    catalog.add_upload(younger)
    assert catalog.list_uploads(account.id) == [younger, upload]
    assert catalog.list_uploads(new_id()) == []
    assert {upload.blob, younger.blob} <= catalog.used_blobs()
    catalog.forget_old(NOON + KEPT_FOR)
    assert upload.blob not in catalog.used_blobs()
    assert younger.blob in catalog.used_blobs()
    assert catalog.find_upload(account.id, upload.id) is None
