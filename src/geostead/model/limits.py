"""The limits of an account (http-api.md, section 5). None means no limit."""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields, replace
from typing import Any

MAX_PROPERTIES = 350
MAX_STRING_LENGTH = 2560
MAX_ENTITY_ID_LENGTH = 50
MAX_NAME_LENGTH = 50
DEFAULT_PAGE_SIZE = 25
MAX_PAGE_SIZE = 250


@dataclass(frozen=True, slots=True)
class Limits:
    """What one account may do. Every number may be overridden for one account."""

    jobs_in_process: int | None
    """Jobs pending at once."""
    jobs_per_day: int | None
    """Jobs accepted within 24 hours, aborted ones included."""
    data_sources: int | None
    """Data sources of the account."""
    entities: int
    """Entities in one data source."""
    upload_bytes: int
    """Bytes of one upload, uncompressed."""
    shapes_per_file: int
    """Polygons in one KML or shapefile."""
    points_per_shape: int
    """Points in one geography."""
    query_points: int
    """Points in a query geometry."""

    def override(self, **numbers: int | None) -> Limits:
        """Return these limits with some numbers replaced. Raises TypeError for an unknown name."""
        return replace(self, **numbers)  # type: ignore[arg-type]  # the names are checked by replace

    def to_dict(self) -> dict[str, Any]:
        """Return the limits as plain data, for the catalog."""
        return asdict(self)

    @staticmethod
    def from_dict(data: dict[str, Any]) -> Limits:
        """Read what :meth:`to_dict` wrote; numbers that are missing there are those of ``self-hosted``."""
        known = {field.name for field in fields(Limits)}
        return replace(PROFILES["self-hosted"], **{name: value for name, value in data.items() if name in known})


PROFILES: dict[str, Limits] = {
    "basic": Limits(
        jobs_in_process=2,
        jobs_per_day=50,
        data_sources=5,
        entities=2_500,
        upload_bytes=300 * 2**20,
        shapes_per_file=50,
        points_per_shape=250,
        query_points=250,
    ),
    "enterprise": Limits(
        jobs_in_process=10,
        jobs_per_day=50,
        data_sources=25,
        entities=200_000,
        upload_bytes=300 * 2**20,
        shapes_per_file=200_000,
        points_per_shape=100_000,
        query_points=250,
    ),
    "self-hosted": Limits(
        jobs_in_process=100,
        jobs_per_day=None,
        data_sources=None,
        entities=5_000_000,
        upload_bytes=4 * 2**30,
        shapes_per_file=5_000_000,
        points_per_shape=100_000,
        query_points=10_000,
    ),
}
"""The three profiles of the limits table; ``self-hosted`` is the default."""
