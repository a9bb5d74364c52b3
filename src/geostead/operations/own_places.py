"""See to it that what an installation keeps its files in belongs to it alone.

``expire`` deletes what the catalog does not name. With another installation's files before it, as when a trial of a
restore is pointed at the store in use, or GEOSTEAD_DATABASE_URL is forgotten, that would be all of them. So every place
names the id that was made with the catalog of its installation, and who has another id is refused, whatever it is that
would be done with the files.

A place that names nobody yet is new, or from before places had owners. It is claimed where it holds no snapshot, or one
that the catalog names; what holds only others' is somebody else's.

A copy of the catalog by the database's own means has the same id: the installation has moved. What ``geostead restore``
puts in has not. After a disaster, :func:`take_over` gives it the places of the one that it replaces, and if that lives
on after all, it is refused from then on, its hourly chores included.
"""

from __future__ import annotations

from collections.abc import Iterable

from geostead.catalog.base import Catalog
from geostead.errors import GeosteadError
from geostead.ownership.base import Place


class PlaceOfAnother(GeosteadError):
    """A place for files belongs to another installation."""

    def __init__(self, place: str, whose: str, installation_id: str) -> None:
        super().__init__(
            f"{place[0].upper()}{place[1:]} {whose}; this catalog is that of {installation_id}. Nothing was changed. "
            "If the place or the catalog is not the one that was meant, correct GEOSTEAD_DATA_DIR, "
            "GEOSTEAD_DATABASE_URL, GEOSTEAD_STORE_URL or GEOSTEAD_ENTITIES_URL; if the other installation is gone for "
            "good and this one replaces it: geostead take-over."
        )


def own_places(catalog: Catalog, places: Iterable[Place]) -> None:
    """Claim the places that are nobody's; return if all are this installation's.

    Raises PlaceOfAnother, and Unavailable where a place does not answer.
    """
    installation_id = catalog.installation_id()
    for place in places:
        owner = place.owner()
        if owner is None:
            _check_unused(catalog, place, installation_id)
            place.claim(installation_id)
            owner = place.owner()
        if owner not in (installation_id, None):
            raise PlaceOfAnother(place.name, f"belongs to the installation {owner}", installation_id)


def places_of_others(catalog: Catalog, places: Iterable[Place]) -> list[Place]:
    """Return the places that :func:`own_places` would refuse."""
    refused = []
    for place in places:
        try:
            own_places(catalog, [place])
        except PlaceOfAnother:
            refused.append(place)
    return refused


def take_over(catalog: Catalog, places: Iterable[Place]) -> None:
    """Make places this installation's, whosever they are."""
    for place in places:
        place.seize(catalog.installation_id())


def _check_unused(catalog: Catalog, place: Place, installation_id: str) -> None:
    found = frozenset(place.snapshot_ids())
    if found and found.isdisjoint(catalog.used_snapshots()):
        raise PlaceOfAnother(
            place.name, f"holds {len(found)} snapshots that this catalog does not know", installation_id
        )
