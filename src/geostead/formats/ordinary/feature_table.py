"""The table that the properties of GeoJSON features make."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
import orjson
import pyarrow as pa
import shapely

from geostead.formats.archive import open_data_file
from geostead.formats.base import OpenUpload
from geostead.formats.geojson.features import Features, text_of
from geostead.formats.geojson.geometries import EXPECTED_GEOMETRY, read_geometries
from geostead.formats.geojson.json_objects import JsonObjects
from geostead.formats.geojson.reader import BATCH_ROWS, MAX_CELLS, check_is_wgs_84
from geostead.formats.ordinary.table import TableBlock, name_columns
from geostead.formats.rows.entity_batches import Fault
from geostead.formats.rows.text_columns import shown
from geostead.geo.wkt import Shapes
from geostead.model.limits import Limits

FEATURE_ID = "id of the feature"
"""The name of the column with the ids that stand beside the properties."""
GEOMETRY = "geometry"
_SAMPLE_BYTES = 2**21


class FeatureTable:
    """Implements :class:`geostead.formats.ordinary.table.Table`."""

    def __init__(self, open_upload: OpenUpload, limits: Limits, names: tuple[str, ...] | None = None) -> None:
        """Read features of which the ``names`` are known; None: those of the first ones.

        Where these have no properties there is the column of their ids alone, which may be empty. Raises LoadError.
        """
        self._open_upload = open_upload
        self._limits = limits
        self.names = self._first_names() if names is None else names

    def blocks(self) -> Iterator[TableBlock]:
        """Read the features once, from first to last."""
        max_rows = max(1, min(BATCH_ROWS, MAX_CELLS // max(1, len(self.names))))
        first_row = 0
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            objects = JsonObjects(data.read)
            check_is_wgs_84(objects.members)
            for texts in objects:
                for start in range(0, len(texts), max_rows):
                    block = self._block(texts[start : start + max_rows], first_row)
                    yield block
                    first_row += block.row_count
            check_is_wgs_84(objects.members)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which features rows are: "feature 15"."""
        return {row: f"feature {row + 1}" for row in rows}

    def _block(self, texts: list[bytes], first_row: int) -> TableBlock:
        features = Features(texts)
        members = features.columns()
        nothing = (None,) * len(texts)
        values = (features.ids if name == FEATURE_ID else members.get(name, nothing) for name in self.names)
        columns = tuple(pa.array([text_of(value) or None for value in column], pa.string()) for column in values)
        shapes = read_geometries(features.geometries)
        faults = dict(_geometry_faults(features, shapes)) | features.faults
        return TableBlock(first_row, columns, faults, shapes)

    def _first_names(self) -> tuple[str, ...]:
        with open_data_file(self._open_upload, self._limits.upload_bytes) as data:
            for texts in JsonObjects(data.read, block_bytes=_SAMPLE_BYTES):
                features = Features(texts[:BATCH_ROWS])
                given = dict.fromkeys(name for properties in features.properties for name in properties)
                has_ids = any(id_ is not None for id_ in features.ids)
                name_columns(given)
                names = tuple(name for name in given if name != FEATURE_ID)
                return (FEATURE_ID, *names) if has_ids or not names else names
        return ()


def _geometry_faults(features: Features, shapes: Shapes) -> Iterator[tuple[int, Fault]]:
    for row in np.flatnonzero(shapely.is_missing(shapes)).tolist():
        geometry = features.geometries[row]
        if geometry is not None:
            found = shown(orjson.dumps(geometry)[:400].decode(errors="replace"))
            yield row, Fault(GEOMETRY, found, EXPECTED_GEOMETRY)
