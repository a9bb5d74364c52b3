"""What geocoding services tell about a match: what kind of thing it is, and whether all of the address was used.

Each function takes what the service sent for one match and returns its own word for the kind of thing, in lower case,
and whether the match is whole, None where the service does not tell.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from geostead.geocoding.base import Precision

Raw = Mapping[str, Any]
Told = tuple[str, bool | None]

_WORDS = {
    Precision.STREET: "street road route intersection streetint streetname streetmidblock highway crossstreet",
    Precision.POSTAL_CODE: "postcode postalcode postal postalext postalloc postalcodearea postalcodeprefix",
    Precision.CITY: (
        "city town village hamlet locality localadmin borough neighbourhood neighborhood suburb district quarter "
        "municipality municipalitysubdivision place sublocality cityblock citydistrict colloquialarea"
    ),
    Precision.COUNTY: (
        "county macrocounty subregion statedistrict countrysecondarysubdivision countrytertiarysubdivision "
        "administrativearealevel2 administrativearealevel3"
    ),
    Precision.STATE: "state region macroregion province countrysubdivision administrativearealevel1 territory",
    Precision.COUNTRY: "country dependency empire",
}
_KINDS = {word: kind for kind, words in _WORDS.items() for word in words.split()}


def precision_of(word: str) -> Precision:
    """Return what a service's word means; what is no area and no street is a house, a shop, a sight."""
    return _KINDS.get("".join(filter(str.isalnum, word.lower())), Precision.ADDRESS)


def name_of(raw: Raw, address: str) -> str:
    """Return how a match is written; Pelias has a label beside the bare name that geopy takes."""
    return str(raw.get("properties", {}).get("label") or address)


def nominatim(raw: Raw) -> Told:
    """Read a place of Nominatim."""
    return str(raw.get("addresstype") or raw.get("type", "")), None


def photon(raw: Raw) -> Told:
    """Read a feature of Photon."""
    return str(raw["properties"].get("type", "")), None


def pelias(raw: Raw) -> Told:
    """Read a feature of Pelias; a fallback is what was left when the address was not known."""
    told = raw["properties"]
    return str(told.get("layer", "")), told["match_type"] != "fallback" if "match_type" in told else None


def azure(raw: Raw) -> Told:
    """Read a result of Azure Maps or TomTom."""
    return str(raw.get("entityType") or raw.get("type", "")), None


def opencage(raw: Raw) -> Told:
    """Read a result of OpenCage."""
    return str(raw["components"].get("_type", "")), None


def google(raw: Raw) -> Told:
    """Read a result of Google; its types go from the special to the general."""
    words = [str(word) for word in raw["types"] if word != "political"]
    return (words or [""])[0], not raw.get("partial_match", False)


def mapbox(raw: Raw) -> Told:
    """Read a feature of Mapbox; what it calls a district is a county."""
    word = str(raw["place_type"][0])
    return "county" if word == "district" else word, raw.get("relevance", 1) >= 1


def arcgis(raw: Raw) -> Told:
    """Read a candidate of ArcGIS, or the address of a position."""
    told = raw.get("attributes", raw)
    word = str(told.get("Addr_type", ""))
    return str(told.get("Type", "")) or word if word == "Locality" else word, raw.get("score", 100) >= 100
