"""Great-circle distances on a sphere (query-language.md, section 4)."""

from __future__ import annotations

import math

import numpy as np
import numpy.typing as npt

EARTH_RADIUS_KM = 6371.0088
"""Mean radius of the Earth, R1 of the IUGG: the sphere of every distance that Geostead states."""

Floats = npt.NDArray[np.float64]


def haversine_km(latitude: float, longitude: float, latitudes: Floats, longitudes: Floats) -> Floats:
    """Return the distances in km from one point to many; all angles in degrees."""
    lat1, lat2 = math.radians(latitude), np.radians(latitudes)
    half_lat = (lat2 - lat1) / 2
    half_lon = np.radians(longitudes - longitude) / 2
    a = np.sin(half_lat) ** 2 + math.cos(lat1) * np.cos(lat2) * np.sin(half_lon) ** 2
    distances: Floats = 2 * EARTH_RADIUS_KM * np.arcsin(np.sqrt(np.minimum(a, 1.0)))
    return distances


def unit_vectors(latitudes: Floats, longitudes: Floats) -> Floats:
    """Return points on the unit sphere, one row (x, y, z) each; angles in degrees.

    The squared distance of two such points, straight through the sphere, grows with their great-circle distance: it
    selects and orders without any trigonometry (:func:`squared_chord` turns a radius into it). One place has one
    vector to the last bit, however it is written: a pole with any longitude, the antimeridian with either sign.
    """
    lat, lon = np.radians(latitudes), np.radians(np.where(longitudes == -180.0, 180.0, longitudes))
    cos_lat = np.where(np.abs(latitudes) == 90.0, 0.0, np.cos(lat))
    return np.column_stack((cos_lat * np.cos(lon), cos_lat * np.sin(lon), np.sin(lat)))


def unit_vector(latitude: float, longitude: float) -> tuple[float, float, float]:
    """Return one point on the unit sphere; angles in degrees."""
    lat, lon = math.radians(latitude), math.radians(longitude)
    cos_lat = math.cos(lat)
    return cos_lat * math.cos(lon), cos_lat * math.sin(lon), math.sin(lat)


def squared_chords(vectors: Floats, origin: tuple[float, float, float]) -> Floats:
    """Return the squared straight distances of points on the unit sphere, a row each, from one of them."""
    offsets = vectors - origin
    chords: Floats = np.vecdot(offsets, offsets)
    return chords


def squared_chord(distance_km: float) -> float:
    """Return the squared straight distance, on the unit sphere, of points that are ``distance_km`` apart.

    Rounded up by 1e-10, far more than unit vectors are inexact and less than distances may differ between engines
    (1e-9, query-language.md section 4), so that a point on the edge of a circle is inside.
    """
    half_angle = min(distance_km / (2 * EARTH_RADIUS_KM), math.pi / 2)
    return 4 * math.sin(half_angle) ** 2 * (1 + 1e-10)
