"""Geometries that a process handed over as well-known binary, and what is wrong with some of them."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import shapely

from geostead.formats.rows.entity_batches import Fault
from geostead.formats.rows.text_columns import shown
from geostead.geo.wkt import Shapes, are_finite, describe_shape


def read_shapes(name: str, wkb: pa.BinaryArray) -> tuple[Shapes, dict[int, Fault]]:
    """Return two-dimensional shapes, None where there is none or a bad one, and the faults of the bad ones.

    ``name`` is the property to blame.
    """
    with np.errstate(invalid="ignore"):  # about numbers that are none: they are found below
        shapes: Shapes = shapely.force_2d(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False), on_invalid="ignore"))
    unread = np.flatnonzero(shapely.is_missing(shapes) & wkb.is_valid().to_numpy(zero_copy_only=False))
    nowhere = np.flatnonzero(~are_finite(shapes))
    expected = "a geometry of points, lines or polygons, not damaged"
    faults = {row: Fault(name, "something else", expected) for row in unread.tolist()}
    for row in nowhere.tolist():
        found = shown(describe_shape(shapes[row]))
        faults[row] = Fault(name, found, "coordinates that are numbers and have a place in WGS 84")
    shapes[nowhere] = None
    return shapes, faults
