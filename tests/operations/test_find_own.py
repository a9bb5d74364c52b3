"""A data source as members of its account find it, and the key in whose name they act."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geostead.errors import NotFound
from geostead.model.access import Key, digest_of
from geostead.model.ids import new_id
from geostead.model.job import JobStatus, LoadOperation
from geostead.operations.find_own import find_own
from geostead.operations.publish_staged import publish_staged
from geostead.operations.reserve_data_source import reserve_data_source
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_it_is_found_in_any_case_with_its_keys(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    own = find_own(installation.services, installation.key.account_id, "PLACES")
    assert (own.data_source.name, own.acting_key(), own.query) == ("Places", installation.key, None)


def test_what_another_account_has_does_not_exist(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    other = installation.add_key("stranger", account_name="others")
    with pytest.raises(NotFound, match="no data source Places"):
        find_own(installation.services, other.account_id, "Places")


def test_a_member_acts_also_where_the_master_key_has_expired(installation: Installation) -> None:
    staged = installation.load("Places", pipe_upload(1), LoadOperation.COMPLETE_STAGING)
    services, now = installation.services, installation.clock()
    short = Key(new_id(), installation.key.account_id, "short", digest_of("short"), now, now + timedelta(days=1))
    services.catalog.add_key(short)
    services.catalog.set_master_key(short.account_id, "Places", "short", now)
    installation.clock.advance(2 * 86_400)
    key = find_own(services, short.account_id, "Places").acting_key()
    assert (key.name, key.is_live(installation.clock())) == ("short", False)

    job = publish_staged(services, key, staged.access_id, "Places", made_by="editor@example.com")

    installation.run_all()
    assert (installation.job(job.id).status, job.made_by) == (JobStatus.COMPLETED, "editor@example.com")


def test_one_that_is_only_reserved_has_no_key_to_act_with(installation: Installation) -> None:
    reserve_data_source(installation.services, "owner", "Later", "a" * 32)
    own = find_own(installation.services, installation.key.account_id, "Later")
    assert own.versions.every == ()
    with pytest.raises(NotFound, match="only reserved"):
        own.acting_key()
