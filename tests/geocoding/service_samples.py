"""What services send for Redmond, as their documentation describes it; values and words are our own."""

from __future__ import annotations

from dataclasses import dataclass

LATITUDE, LONGITUDE = 47.674, -122.1215


@dataclass(frozen=True, slots=True)
class Sample:
    """Replies of one service."""

    city: object
    """To an address, a city that is the whole match."""
    nothing: object
    """To an address that is not known."""
    around: object
    """To a position."""
    nowhere: object
    """To a position where nothing is."""


def _nominatim(kind: str) -> dict[str, object]:
    return {"lat": str(LATITUDE), "lon": str(LONGITUDE), "display_name": "Redmond, Washington", "addresstype": kind}


def _feature(**properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": {"coordinates": [LONGITUDE, LATITUDE]}, "properties": properties}


def _collection(*features: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)}


def _azure(results: list[object]) -> dict[str, object]:
    return {"summary": {"numResults": len(results)}, "results": results}


_PHOTON = _collection(_feature(name="Redmond", state="Washington", type="city"))
_PELIAS = _collection(_feature(name="Redmond", label="Redmond, WA, USA", layer="locality", match_type="exact"))
_AZURE_CITY = {
    "type": "Geography",
    "entityType": "Municipality",
    "address": {"freeformAddress": "Redmond, WA"},
    "position": {"lat": LATITUDE, "lon": LONGITUDE},
}
_AZURE_AROUND = {
    "addresses": [
        {
            "entityType": "Municipality",
            "address": {"freeformAddress": "Redmond, WA"},
            "position": f"{LATITUDE},{LONGITUDE}",
        }
    ]
}
_AZURE = Sample(_azure([_AZURE_CITY]), _azure([]), _AZURE_AROUND, {"addresses": []})
_OPENCAGE_STATUS = {"code": 200, "message": "OK"}
_OPENCAGE = {
    "status": _OPENCAGE_STATUS,
    "results": [
        {
            "formatted": "Redmond, WA",
            "components": {"_type": "city"},
            "geometry": {"lat": LATITUDE, "lng": LONGITUDE},
        }
    ],
}
_OPENCAGE_NONE = {"status": _OPENCAGE_STATUS, "results": []}
_GOOGLE = {
    "status": "OK",
    "results": [
        {
            "formatted_address": "Redmond, WA, USA",
            "types": ["locality", "political"],
            "geometry": {"location": {"lat": LATITUDE, "lng": LONGITUDE}},
        }
    ],
}
_GOOGLE_NONE = {"status": "ZERO_RESULTS", "results": []}
_MAPBOX = _collection(
    {
        "place_name": "Redmond, Washington",
        "place_type": ["place"],
        "relevance": 1,
        "geometry": {"coordinates": [LONGITUDE, LATITUDE]},
    }
)
_POINT = {"x": LONGITUDE, "y": LATITUDE}
_LOCALITY = {"Addr_type": "Locality", "Type": "City", "LongLabel": "Redmond, WA, USA"}
_ARCGIS = Sample(
    {"candidates": [{"address": "Redmond, WA", "location": _POINT, "score": 100, "attributes": _LOCALITY}]},
    {"candidates": []},
    {"address": _LOCALITY, "location": _POINT},
    {"error": {"code": 400, "details": ["Unable to find address for the specified location."]}},
)

SAMPLES = {
    "nominatim": Sample([_nominatim("city")], [], _nominatim("city"), {"error": "Unable to geocode"}),
    "photon": Sample(_PHOTON, _collection(), _PHOTON, _collection()),
    "pelias": Sample(_PELIAS, _collection(), _PELIAS, _collection()),
    "geocode-earth": Sample(_PELIAS, _collection(), _PELIAS, _collection()),
    "azure": _AZURE,
    "tomtom": _AZURE,
    "opencage": Sample(_OPENCAGE, _OPENCAGE_NONE, _OPENCAGE, _OPENCAGE_NONE),
    "google": Sample(_GOOGLE, _GOOGLE_NONE, _GOOGLE, _GOOGLE_NONE),
    "mapbox": Sample(_MAPBOX, _collection(), _MAPBOX, _collection()),
    "arcgis": _ARCGIS,
}
