"""What the names of columns mean, in the languages in which such files are often written."""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

_NOT_A_LETTER = re.compile(r"[^a-z0-9]+")


class Meaning(Enum):
    """What a column is called after."""

    LATITUDE = auto()
    LONGITUDE = auto()
    SHAPE = auto()
    KEY = auto()
    ADDRESS = auto()
    CODE = auto()
    """Digits that count nothing: a postal code is part of an address, too."""


_ADDRESS = (
    "address addressline addressline1 addressline2 fulladdress street streetname streetaddress road housenumber "
    "houseno streetnumber city town village locality municipality district county state province region country "
    "countryregion countryname adresse anschrift strasse str strassenname hausnummer hausnr ort stadt gemeinde kreis "
    "bundesland kanton land rue ville commune pays departement direccion calle ciudad provincia pais indirizzo via "
    "citta comune rua cidade adres straat plaats stad gemeente adress gata"
)
_WORDS = {
    Meaning.LATITUDE: "lat latitude latitud latitudine latdd latdeg latdecimal declat decimallatitude gpslat "
    "geolat breite breitengrad geobreite y ycoord ycoordinate coordy wgs84lat latwgs84 pointy",
    Meaning.LONGITUDE: "lon lng long longitude longitud longitudine longdd londd londeg lngdeg longdecimal declon "
    "decimallongitude gpslon gpslng gpslong geolon geolng geolong lange laenge langengrad laengengrad geolange "
    "geolaenge x xcoord xcoordinate coordx wgs84lon wgs84long lonwgs84 pointx",
    Meaning.SHAPE: "wkt geom geometry thegeom geography shape geo wkbgeometry geomwkt wktgeom",
    Meaning.KEY: "entityid id code key uid uuid guid identifier nr number no num ref recordid objectid fid ogcfid pk "
    "storeid shopid siteid locationid stationid placeid osmid kennung schlussel nummer identifiant clave",
    Meaning.ADDRESS: _ADDRESS,
    Meaning.CODE: "zip zipcode postcode postalcode plz postleitzahl codepostal cp cap codigopostal phone telephone tel "
    "telefon telefonnummer fax mobile handy",
}
_POSTAL = frozenset(
    ["zip", "zipcode", "postcode", "postalcode", "plz", "postleitzahl", "codepostal", "cp", "cap", "codigopostal"]
)
_MEANING = {word: meaning for meaning, words in _WORDS.items() for word in words.split()}


def fold_name(name: str) -> str:
    """Return the letters and digits of a name: lower case, without accents."""
    return _NOT_A_LETTER.sub("", to_ascii(name).lower())


def to_ascii(name: str) -> str:
    """Return a name without accents, and with ss for ß."""
    plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("Ø", "O"))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


def meaning_of(name: str) -> Meaning | None:
    """Return what a column of this name is, None where the name does not tell."""
    return _MEANING.get(fold_name(name))


def is_part_of_address(name: str) -> bool:
    """Tell whether a column of this name is part of an address, postal codes included."""
    return meaning_of(name) is Meaning.ADDRESS or fold_name(name) in _POSTAL
