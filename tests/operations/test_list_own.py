"""The list of an account's data sources: searched, sorted, a page at a time."""

from __future__ import annotations

from geostead.model.job import LoadOperation
from geostead.operations.list_own import ListedDataSource, ListOrder, list_own
from geostead.operations.paging import PAGE_SIZE, ListPage
from geostead.operations.reserve_data_source import reserve_data_source
from tests.installations import Installation
from tests.uploads import pipe_upload


def names(page: ListPage[ListedDataSource]) -> list[str]:
    return [each.data_source.name for each in page.listed]


def listed(
    installation: Installation, search: str = "", order: ListOrder = ListOrder.NAME, number: int = 1
) -> ListPage[ListedDataSource]:
    return list_own(installation.services, installation.key.account_id, search, order, number)


def test_all_are_listed_by_name_reserved_staged_and_pending_ones_too(installation: Installation) -> None:
    installation.load("berlin", pipe_upload(5))
    installation.load("Aachen", pipe_upload(2), LoadOperation.COMPLETE_STAGING)
    installation.accept_load("Celle", pipe_upload(1))
    reserve_data_source(installation.services, "owner", "Dessau", "a" * 32)
    page = listed(installation)
    assert names(page) == ["Aachen", "berlin", "Celle", "Dessau"]
    assert [each.shown.entity_count if each.shown else None for each in page.listed] == [2, 5, None, None]
    assert [each.size_bytes is not None for each in page.listed] == [True, True, False, False]
    assert [each.updated_at is not None for each in page.listed] == [True, True, False, False]


def test_they_can_be_sorted_by_entities_and_by_their_last_update(installation: Installation) -> None:
    for name, count in (("a", 1), ("b", 3), ("c", 2)):
        installation.load(name, pipe_upload(count))
        installation.clock.advance(60)
    reserve_data_source(installation.services, "owner", "d", "a" * 32)
    assert names(listed(installation, order=ListOrder.ENTITIES)) == ["b", "c", "a", "d"]
    assert names(listed(installation, order=ListOrder.UPDATED)) == ["c", "b", "a", "d"]


def test_the_search_finds_parts_of_names_in_any_case(installation: Installation) -> None:
    for name in ("ShopsNorth", "ShopsSouth", "Mills"):
        installation.load(name, pipe_upload(1))
    assert names(listed(installation, " shops")) == ["ShopsNorth", "ShopsSouth"]
    assert names(listed(installation, "nowhere")) == []


def test_a_page_beyond_the_last_one_is_the_last(installation: Installation) -> None:
    for number in range(PAGE_SIZE + 2):
        reserve_data_source(installation.services, "owner", f"n{number:03}", f"{number:032x}")
    first, second, beyond = (listed(installation, number=number) for number in (1, 2, 9))
    assert (len(first.listed), first.count, first.page_count) == (PAGE_SIZE, PAGE_SIZE + 2, 2)
    assert names(second) == ["n050", "n051"] == names(beyond)
    assert (beyond.number, listed(installation, number=-3).number) == (2, 1)


def test_a_list_is_there_also_where_a_size_cannot_be_told(installation: Installation) -> None:
    installation.load("Places", pipe_upload(1))
    published = installation.versions("Places").published
    assert published is not None
    installation.services.snapshots.delete(published.snapshot_id)
    assert [each.size_bytes for each in listed(installation).listed] == [None]
