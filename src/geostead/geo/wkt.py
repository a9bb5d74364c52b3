"""Well-known text, read and written. Longitude comes before latitude here, as WKT has it.

Writing is lossless: every coordinate is written with as few digits as give the same double again. (GEOS's own writer
is not: it cuts some numbers at 17 decimals and drops the sign of a negative zero.)
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import accumulate

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import shapely
from shapely.geometry.base import BaseGeometry

Shapes = npt.NDArray[np.object_]
"""Shapely geometries; None where there is none."""

MAX_NESTING = 32
"""How deep geometry collections may be nested. GEOS reads them recursively: depth without end would end the process."""

_MAX_SHOWN = 100
_SRID = re.compile(r"\A\s*+SRID\s*+=\s*+-?\d++\s*+;", re.IGNORECASE)
_FOREIGN = ("x", "linearring", "circular", "curve", "surface", "\0")
"""What GEOS reads and this service does not: hexadecimal numbers, rings alone, curves, the end of a C string."""


def read_wkt(text: str) -> BaseGeometry | None:
    """Read one geometry, in two dimensions: ``SRID=…;``, Z and M are dropped. None if the text is not WKT.

    Point, LineString, Polygon, their Multi forms and GeometryCollection are understood, words in any case. Validity
    and ranges are not checked; numbers that are not finite are refused.
    """
    found: BaseGeometry | None = read_wkts([text])[0]
    return found


def read_wkts(texts: Sequence[str | None]) -> Shapes:
    """Read many geometries as :func:`read_wkt` does; None where a text is None or not WKT."""
    with np.errstate(over="ignore", invalid="ignore"):  # numbers too large for a double, and nan, are found below
        shapes: Shapes = shapely.from_wkt(np.array([_plain(text) for text in texts], dtype=object), on_invalid="ignore")
    shapes[~are_finite(shapes)] = None
    flat: Shapes = shapely.force_2d(shapes)
    return flat


def are_finite(shapes: Shapes) -> npt.NDArray[np.bool_]:
    """Tell for each geometry whether all its numbers are finite; True for None."""
    coordinates, owners = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[owners[~np.isfinite(coordinates).all(axis=1)]] = False
    return finite


def wkt_texts(wkb: pa.BinaryArray) -> pa.StringArray:
    """Write geometries that are given as WKB; nulls stay null. Every coordinate survives bit for bit."""
    return pa.array(write_wkts(shapely.from_wkb(wkb.to_numpy(zero_copy_only=False))), pa.string())


def write_wkts(shapes: Shapes) -> list[str | None]:
    """Write geometries, like ``POLYGON ((0 0, 1 0, 1 1, 0 0))``; Z and M are dropped, None stays None.

    GEOS writes the structure, with zeros for coordinates; the real ones are put in their places.
    """
    if shapely.get_type_id(shapes).tolist() == [0] * len(shapes):
        return _write_points(shapes)
    ends = np.cumsum(shapely.get_num_coordinates(shapes)).tolist()
    pairs = _coordinate_texts(shapes)
    frames = shapely.to_wkt(shapely.transform(shapes, np.zeros_like), rounding_precision=0, trim=True)
    return [
        None if frame is None else frame.replace("0 0", "%s") % tuple(pairs[start:end])
        for frame, start, end in zip(frames, [0, *ends], ends, strict=False)
    ]


def describe_shape(shape: BaseGeometry) -> str:
    """Describe a geometry for a message: its text, or, where that would be long, its kind and number of points."""
    count = shapely.get_num_coordinates(shape)
    return shapely.to_wkt(shape) if count <= _MAX_SHOWN else f"{shape.geom_type.upper()} of {count:,} points"


def _write_points(shapes: Shapes) -> list[str | None]:
    if shapely.is_empty(shapes).any():
        return ["POINT EMPTY" if shape.is_empty else _write_points(np.array([shape]))[0] for shape in shapes]
    return [f"POINT ({pair})" for pair in _coordinate_texts(shapes)]


def _coordinate_texts(shapes: Shapes) -> list[str]:
    """Write all coordinates as ``lon lat``."""
    x, y = shapely.get_coordinates(shapes).T.copy()
    return pc.binary_join_element_wise(pa.array(x).cast(pa.string()), pa.array(y).cast(pa.string()), " ").to_pylist()  # type: ignore[no-any-return]


def _plain(text: str | None) -> str | None:
    """Drop the SRID; return None for a text that GEOS would read and should not."""
    if text is None:
        return None
    if ";" in text:
        text = _SRID.sub("", text, count=1)
    lowered = text.lower()
    if any(word in lowered for word in _FOREIGN):
        return None
    is_suspicious = lowered.count("geometrycollection") > MAX_NESTING  # counting parentheses is slow, this is not
    return None if is_suspicious and _nesting(text) > MAX_NESTING else text


def _nesting(text: str) -> int:
    return max(accumulate((c == "(") - (c == ")") for c in text if c in "()"), default=0)
