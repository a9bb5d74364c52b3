"""A data source with a chosen access id, so that old URLs go on working."""

import pytest

from geostead.errors import InvalidParameter, NotFound
from geostead.model.limits import PROFILES
from geostead.operations.create_account import create_account
from geostead.operations.reserve_data_source import reserve_data_source
from geostead.operations.services import Services
from tests.builders import load_of

OLD_ACCESS_ID = "5F0A61D2E93B4C7888D1B2C3E4F50617"


@pytest.fixture(autouse=True)
def _acme(services: Services) -> None:
    create_account(services, "acme", PROFILES["self-hosted"])


def test_the_first_load_finds_the_reserved_access_id(services: Services) -> None:
    data_source = reserve_data_source(services, "acme", "HarbourCafes", OLD_ACCESS_ID)
    assert data_source.access_id == OLD_ACCESS_ID.lower()
    assert data_source.master_key_id is None
    key = services.catalog.list_keys(data_source.account_id)[0]
    job = services.catalog.accept_load(load_of(key, "harbourcafes"))
    assert (job.access_id, job.data_source_name) == (OLD_ACCESS_ID.lower(), "HarbourCafes")


@pytest.mark.parametrize("name", ["a", "x" * 50, "~`!$^_={}-", "0"])
def test_every_name_of_the_contract_can_be_reserved(services: Services, name: str) -> None:
    assert reserve_data_source(services, "acme", name, OLD_ACCESS_ID).name == name


@pytest.mark.parametrize("name", ["", "x" * 51, "a b", "a/b", "a.b", "é", "a\n", "a@b"])
def test_a_name_outside_of_the_contract_is_refused(services: Services, name: str) -> None:
    with pytest.raises(InvalidParameter, match="1 to 50 letters, digits") as refused:
        reserve_data_source(services, "acme", name, OLD_ACCESS_ID)
    assert refused.value.parameter == "name"


@pytest.mark.parametrize("access_id", ["", "ab" * 15, "ab" * 17, "g" * 32, "ab" * 16 + "\n", "{" + "ab" * 15 + "}"])
def test_an_access_id_that_is_not_32_hex_digits_is_refused(services: Services, access_id: str) -> None:
    with pytest.raises(InvalidParameter, match="32 hexadecimal digits") as refused:
        reserve_data_source(services, "acme", "Shops", access_id)
    assert refused.value.parameter == "access_id"


def test_names_and_access_ids_that_are_taken_are_refused(services: Services) -> None:
    reserve_data_source(services, "acme", "Shops", "ab" * 16)
    with pytest.raises(InvalidParameter, match="name: found 'SHOPS'"):
        reserve_data_source(services, "acme", "SHOPS", "cd" * 16)
    with pytest.raises(InvalidParameter, match="access_id"):
        reserve_data_source(services, "acme", "Pubs", "AB" * 16)


def test_an_unknown_account_is_not_found(services: Services) -> None:
    with pytest.raises(NotFound, match="nobody"):
        reserve_data_source(services, "nobody", "Shops", OLD_ACCESS_ID)
