"""Under which name requests are counted."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import pytest

from geostead.model.data_source import DataSource
from geostead.operations.recorded_uses import RecordedUses
from geostead.operations.services import Services
from tests.http.door import Door, World

API = "/REST/v1"
LONG_S = 3600.0


@dataclass
class Counting:
    """A door whose requests are counted."""

    door: Door
    uses: RecordedUses
    account_id: str

    def names(self) -> dict[str, str]:
        """Return what has been counted so far: the names of data sources by operation."""
        self.uses.write()
        self.uses.write()
        services = self.door.services
        counts = services.catalog.usage_counts(self.account_id, services.now().date())
        return {count.operation: count.data_source_name for count in counts}


@pytest.fixture
def counting(services: Services, world: World) -> Iterator[Counting]:
    uses = RecordedUses(services.catalog, services.now, write_s=LONG_S)
    yield Counting(Door(replace(services, uses=uses)), uses, world.key("master").account_id)
    uses.close()


@pytest.mark.parametrize("said", ["Other", "x" * 51, "%00", "=cmd%7C0"])
def test_a_name_that_only_stands_in_the_parameters_is_not_counted(
    counting: Counting, places: DataSource, said: str
) -> None:
    assert places.name == "Places"
    assert counting.door.get(f"{API}/data?key=master&dataSourceName={said}").status_code == 200
    assert counting.door.get(f"{API}/data/$metadata?key=master&name={said}").status_code == 200
    assert set(counting.names().values()) == {""}


def test_requests_about_a_data_source_are_counted_under_its_own_spelling(
    counting: Counting, places: DataSource
) -> None:
    base, query = f"{API}/data/{places.access_id}/pLACES", "key=master&dataSourceName=Other"
    urls = {
        "getDataSource": f"{base}?{query}",
        "getMetadata": f"{base}/$metadata?{query}",
        "queryEntities": f"{base}/Cafes?{query}",
        "getEntity": f"{base}/Cafes('1')?{query}",
        "updateDataSource": f"{base}/$updateDataSource?{query}&setPublic=1",
        "startDownload": f"{API}/Dataflows/DataSourceDownload/{places.access_id}/pLACES?{query}",
        "getDownload": f"{API}/Dataflows/DataSourceDownload/pLACES?{query}",
    }
    for url in urls.values():
        assert counting.door.get(url).is_success
    assert set(counting.names().values()) == {"Places"}


def test_a_load_is_counted_under_the_name_of_what_it_loads(counting: Counting, places: DataSource) -> None:
    sent = "key=master&dataSourceName=pLACES&loadOperation=complete&input=csv"
    assert counting.door.post(f"{API}/Dataflows/LoadDataSource?{sent}").status_code == 201
    assert list(counting.names().values()) == [places.name]


def test_what_was_refused_is_not_counted(counting: Counting) -> None:
    assert counting.door.get(f"{API}/data/0123/Nowhere?key=master").status_code == 404
    assert counting.names() == {}
