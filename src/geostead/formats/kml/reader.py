"""Reads ``kml``, plain, gzipped or as KMZ (data-formats.md, section 4)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pyarrow as pa
import shapely

from geostead.errors import UnreadableUpload
from geostead.formats.archive import choose_kml, open_data_file
from geostead.formats.base import EntityBatch, OpenUpload
from geostead.formats.gis.attributes import ENTITY_ID, declare_attributes, declare_entity_type
from geostead.formats.gis.legal_names import make_legal
from geostead.formats.kml.placemarks import DESCRIPTION, NAME, KmlPlacemarks, Placemark
from geostead.formats.kml.survey import KmlSurvey
from geostead.formats.kml.walk import EXPECTED, KmlWalk, place_of
from geostead.formats.rows.entity_batches import RawRows, make_batch
from geostead.formats.rows.geographies import PolygonCount
from geostead.formats.xml.stream import feed, make_parser
from geostead.model.entity_type import EdmType, Property
from geostead.model.limits import Limits

BATCH_ROWS = 20_000
BATCH_BYTES = 2**23
_MAX_PLACEMARK_BYTES = 2**26


class KmlReader:
    """One upload of KML, which is read twice: for the properties, and for the rows."""

    def __init__(self, open_upload: OpenUpload, limits: Limits, data_source_name: str) -> None:
        """Find the properties. Raises LoadError where it is not KML."""
        self._open_upload = open_upload
        self._limits = limits
        survey = KmlSurvey()
        for _ in self._walk(survey):
            pass
        self._first_number = survey.greatest_number + 1
        declared = declare_attributes(survey.types.items(), (NAME, DESCRIPTION))
        self._properties = dict(zip(survey.types, declared, strict=True))
        own = (Property(NAME, EdmType.STRING), Property(DESCRIPTION, EdmType.STRING))
        self.entity_type = declare_entity_type(make_legal(data_source_name), (*own, *declared))

    def batches(self) -> Iterator[EntityBatch]:
        """Read the Placemarks once, from first to last, some ten thousand at a time."""
        row_count = 0
        polygons = PolygonCount(self._limits.shapes_per_file)
        for placemarks in self._read_placemarks():
            polygons.add(sum(placemark.polygon_count for placemark in placemarks))
            yield make_batch(self.entity_type, self._make_rows(row_count, placemarks), self._limits.points_per_shape)
            row_count += len(placemarks)

    def locate(self, rows: Iterable[int]) -> dict[int, str]:
        """Say which Placemarks rows are: "placemark 15"."""
        return {row: place_of(row) for row in rows}

    def _walk(self, walk: KmlWalk) -> Iterator[int]:
        """Read the file to its end; after each piece return its size in bytes."""
        parser = make_parser(with_namespaces=False)
        walk.attach(parser)
        with open_data_file(self._open_upload, self._limits.upload_bytes, choose_kml) as data:
            for piece_size in feed(parser, data, lambda: walk.place, EXPECTED):
                self._limits.check_rows(walk.placemark_count)
                yield piece_size

    def _read_placemarks(self) -> Iterator[list[Placemark]]:
        placemarks = KmlPlacemarks(self._properties, self._limits.points_per_shape)
        size = 0
        for piece_size in self._walk(placemarks):
            size += piece_size
            if len(placemarks.finished) >= BATCH_ROWS or (placemarks.finished and size >= BATCH_BYTES):
                size = 0
                yield placemarks.take()
            if size > _MAX_PLACEMARK_BYTES and placemarks.placemark_depth:
                raise UnreadableUpload(f"{placemarks.place} is longer than {_MAX_PLACEMARK_BYTES // 2**20} MB.")
        if placemarks.finished:
            yield placemarks.take()

    def _make_rows(self, first_row: int, placemarks: Sequence[Placemark]) -> RawRows:
        names = (NAME, DESCRIPTION, *(p.name for p in self._properties.values()))
        texts = {name: pa.array([p.values.get(name) for p in placemarks], pa.string()) for name in names}
        ids = [p.given_id or str(number) for number, p in enumerate(placemarks, self._first_number + first_row)]
        shapes = shapely.from_wkb(np.array([p.wkb for p in placemarks], dtype=object))
        faults = {row: p.fault for row, p in enumerate(placemarks) if p.fault}
        return RawRows(first_row, {ENTITY_ID: pa.array(ids, pa.string()), **texts}, faults, shapes=shapes)
