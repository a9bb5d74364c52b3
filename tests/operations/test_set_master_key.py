"""The master key is a role that moves from key to key."""

from __future__ import annotations

from datetime import timedelta

import pytest

from geostead.errors import InvalidParameter, NotAuthorized, NotFound
from geostead.operations.create_key import create_key
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.revoke_key import revoke_key
from geostead.operations.set_master_key import set_master_key
from tests.installations import Installation
from tests.uploads import pipe_upload


def test_only_the_new_master_key_may_load_and_the_old_one_may_be_revoked(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    other = installation.add_key("other")

    new = set_master_key(installation.services, "owner", "PLACES", "other")

    assert (new.data_source.name, new.key) == ("Places", other)
    with pytest.raises(NotAuthorized):
        installation.accept_load("Places", pipe_upload(2))
    revoke_key(installation.services, "owner", "master")
    installation.key = other
    installation.load("Places", pipe_upload(2))
    assert len(installation.ids_of(installation.versions("Places").published)) == 2


def test_a_reserved_data_source_can_be_given_its_master_key_before_the_first_load(installation: Installation) -> None:
    reserve_data_source(installation.services, "owner", "Places", "ab" * 16)
    installation.add_key("other")
    set_master_key(installation.services, "owner", "Places", "other")
    with pytest.raises(NotAuthorized):
        installation.accept_load("Places", pipe_upload(1))


def test_a_key_that_will_expire_may_be_the_master_key_and_is_told_as_such(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    until = installation.clock() + timedelta(days=1)
    create_key(installation.services, "owner", "short", expires_at=until)
    assert set_master_key(installation.services, "owner", "Places", "short").key.expires_at == until


def test_a_key_that_opens_nothing_cannot_be_the_master_key(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    create_key(installation.services, "owner", "short", expires_at=installation.clock() + timedelta(days=1))
    create_key(installation.services, "owner", "revoked")
    revoke_key(installation.services, "owner", "revoked")
    installation.clock.advance(86_400)
    for name in ("short", "revoked"):
        with pytest.raises(InvalidParameter, match=f"key: found '{name}'"):
            set_master_key(installation.services, "owner", "Places", name)


def test_what_does_not_exist_is_named(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    installation.add_key("theirs", account_name="other")
    wrong = [("nobody", "Places", "master"), ("owner", "Nowhere", "master"), ("owner", "Places", "theirs")]
    for (account, name, key), named in zip(wrong, ["nobody", "Nowhere", "theirs"], strict=True):
        with pytest.raises(NotFound, match=named):
            set_master_key(installation.services, account, name, key)
