"""Columns of geographies: well-known text, checked and repaired, to WKB and to the place of each.

Source of the rules: data-formats.md, section 1.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely

from geostead.errors import LimitReached
from geostead.formats.rows.text_columns import find_not_text
from geostead.formats.rows.values import PLAIN_TEXT, Offence, Rows
from geostead.geo.mend import mend
from geostead.geo.whereabouts import are_on_earth, centroids
from geostead.geo.wkt import Shapes, read_wkts

_LITTLE_ENDIAN = 1

Numbers = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Geographies:
    """Geographies, checked."""

    wkb: pa.BinaryArray
    """Two-dimensional, little endian; null where there is none (also for empty ones) and where it is bad."""
    latitudes: Numbers
    """Of the planar centroid; NaN where there is no geography."""
    longitudes: Numbers
    """Of the planar centroid; NaN where there is no geography."""
    repaired: Rows
    """Rows whose polygon was not valid and was repaired."""
    offences: tuple[Offence, ...]


class PolygonCount:
    """Counts the polygons of a file, which may have so many and no more."""

    def __init__(self, maximum: int) -> None:
        self._maximum = maximum
        self._count = 0

    def add(self, count: int) -> None:
        """Count some more. Raises LimitReached."""
        self._count += count
        if self._count > self._maximum:
            raise LimitReached("polygons in one file", self._count, self._maximum)


def read_geographies(texts: pa.StringArray, max_points: int) -> Geographies:
    """Read a column of well-known text. Null and white space are missing."""
    trimmed = pc.utf8_trim_whitespace(texts)
    cells = pc.if_else(pc.equal(trimmed, ""), None, trimmed).to_pylist()
    shapes = read_wkts(cells)
    no_text = find_not_text(texts)
    shapes[no_text] = None
    is_given = np.array([cell is not None for cell in cells], bool)
    unread = np.flatnonzero(is_given & shapely.is_missing(shapes))
    expected = "a geography as well-known text, such as POINT (9.2 48.8) or POLYGON ((…)) with closed rings"
    checked = check_geographies(shapes, max_points)
    offences = (Offence(no_text, PLAIN_TEXT), Offence(unread, expected), *checked.offences)
    return replace(checked, offences=offences)


def check_geographies(shapes: Shapes, max_points: int) -> Geographies:
    """Check two-dimensional geometries, None where there is none; ``shapes`` is changed in place."""
    too_many = np.flatnonzero(shapely.get_num_coordinates(shapes) > max_points)
    outside = np.flatnonzero(~are_on_earth(shapes))
    shapes[too_many] = None
    shapes[outside] = None
    repaired, beyond_repair = _repair(shapes, max_points)
    shapes[shapely.is_empty(shapes)] = None
    longitudes, latitudes = centroids(shapes)
    offences = (
        Offence(too_many, f"a geography of at most {max_points:,} points"),
        Offence(outside, "longitudes from -180 to 180 and latitudes from -90 to 90, longitude first"),
        Offence(beyond_repair, f"a valid polygon, or one that has at most {max_points:,} points when it is repaired"),
    )
    wkb = pa.array(shapely.to_wkb(shapes, byte_order=_LITTLE_ENDIAN), pa.binary())
    return Geographies(wkb, latitudes, longitudes, repaired, offences)


def _repair(shapes: Shapes, max_points: int) -> tuple[Rows, Rows]:
    """Replace what is not valid by what it covers; return the rows where that was done and where it cannot be."""
    invalid = np.flatnonzero(~shapely.is_valid(shapes) & ~shapely.is_missing(shapes))
    given = shapes[invalid]
    for row in invalid.tolist():
        shapes[row] = mend(shapes[row], max_points)
    is_lost, is_new = shapely.is_missing(shapes[invalid]), np.not_equal(given, shapes[invalid])
    return invalid[~is_lost & is_new], invalid[is_lost]
