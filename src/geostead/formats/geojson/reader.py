"""Reads ``geojson``: a FeatureCollection, or one Feature after the other (RFC 7946; data-formats.md, section 7)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import orjson

from geostead.errors import UnreadableUpload
from geostead.formats.archive import open_data_file
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.geojson.features import Features
from geostead.formats.geojson.geometries import type_of
from geostead.formats.geojson.inferred_types import InferredTypes
from geostead.formats.geojson.json_objects import JsonObjects
from geostead.formats.geojson.writer import ENTITY_TYPE_MEMBER
from geostead.formats.gis.declared_type import read_declared_type
from geostead.formats.gis.row_layout import Geometries, RowLayout, declared_layout, infer_layout
from geostead.formats.rows.entity_batches import make_batch
from geostead.formats.rows.text_columns import shown
from geostead.model.limits import Limits

BATCH_ROWS = 20_000
MAX_CELLS = 1_000_000
"""Cells that are made of one batch at most: some 100 MB."""

_WGS_84 = ("crs84", "4326", "4979", "wgs84", "wgs 84")
_POINT = "Point"


class GeoJsonReader:
    """One upload of GeoJSON."""

    def __init__(self, open_upload: OpenUpload, limits: Limits, data_source_name: str) -> None:
        """Read the entity type that the file carries, or else all features, to find it out. Raises LoadError."""
        self._open_upload = open_upload
        self._limits = limits
        self._layout = self._read_layout(data_source_name)
        self.entity_type = self._layout.entity_type

    def batches(self) -> Iterator[EntityBatch]:
        """Read the features once, from first to last, some thousands at a time."""
        first_row = 0
        max_rows = min(BATCH_ROWS, MAX_CELLS // len(self.entity_type.properties))
        for texts in self._texts(max_rows):
            raw = Features(texts).raw_rows(self._layout, first_row)
            yield make_batch(self.entity_type, raw, self._limits.points_per_shape)
            first_row += len(texts)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which features rows are: "feature 15"."""
        return {row: f"feature {row + 1}" for row in rows}

    def _read_layout(self, data_source_name: str) -> RowLayout:
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            declared = JsonObjects(data.read).members.get(ENTITY_TYPE_MEMBER)
        if declared is not None:
            return declared_layout(read_declared_type(declared))
        types = InferredTypes()
        has_ids, geometries = False, Geometries.POINTS
        for texts in self._texts(BATCH_ROWS):
            features = Features(texts)
            for properties in features.properties:
                types.add(properties)
            has_ids = has_ids or any(id_ is not None for id_ in features.ids)
            if not {None, _POINT}.issuperset(map(type_of, features.geometries)):
                geometries = Geometries.ANY
        return infer_layout(data_source_name, types.columns, has_ids=has_ids, geometries=geometries)

    def _texts(self, max_rows: int) -> Iterator[list[bytes]]:
        """Return the texts of the features, at most ``max_rows`` at a time. Raises LimitReached for too many."""
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            objects = JsonObjects(data.read)
            check_is_wgs_84(objects.members)
            count = 0
            for texts in objects:
                count += len(texts)
                self._limits.check_rows(count)
                yield from (texts[start : start + max_rows] for start in range(0, len(texts), max_rows))
            check_is_wgs_84(objects.members)


def check_is_wgs_84(members: Mapping[str, object]) -> None:
    """Raise UnreadableUpload for a ``crs`` (of GeoJSON before RFC 7946) that is something else."""
    crs = members.get("crs")
    if crs is None:
        return
    found = orjson.dumps(crs).decode()
    if not any(name in found.lower() for name in _WGS_84):
        raise UnreadableUpload(
            f"The coordinates of the GeoJSON are not in WGS 84: its crs is {shown(found)}. Convert them to longitude "
            "and latitude (EPSG:4326), as RFC 7946 has it, and leave crs out."
        )
