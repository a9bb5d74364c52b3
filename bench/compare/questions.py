"""Makes what every system of the comparison is asked: many questions of each kind, the same for the same seed."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from bench.places import CATEGORIES, CITIES, WORDS, cities

COUNT = 20_000
"""More than any cache of replies should hold, so that each question is as good as new when it comes round again."""
_POLYGONS = 2_000
_CITY = (0.2, 0.3)
_COUNTRY = (6.0, 8.0)
_PAGE = 250
_RING_CORNERS = 199


@dataclass(frozen=True, slots=True)
class Circle:
    """Places within some kilometres of a point, the nearest first."""

    latitude: float
    longitude: float
    km: float

    def around(self) -> Box:
        """Return the smallest box around the circle."""
        angle = self.km / 6371.0088
        height = math.degrees(angle)
        width = math.degrees(math.asin(math.sin(angle) / math.cos(math.radians(self.latitude))))
        return Box(self.latitude - height, self.longitude - width, self.latitude + height, self.longitude + width)


@dataclass(frozen=True, slots=True)
class Box:
    """Places in a box or on its edge."""

    south: float
    west: float
    north: float
    east: float


@dataclass(frozen=True, slots=True)
class Ring:
    """Places in a polygon of one ring."""

    corners: tuple[tuple[float, float], ...]
    """(longitude, latitude) each; the last is the first."""

    def wkt(self) -> str:
        """Return the polygon as well-known text."""
        return f"POLYGON(({','.join(f'{x:.5f} {y:.5f}' for x, y in self.corners)}))"

    def around(self) -> Box:
        """Return the smallest box around the polygon."""
        longitudes, latitudes = zip(*self.corners, strict=True)
        return Box(min(latitudes), min(longitudes), max(latitudes), max(longitudes))


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, in no system's language. In the order of entity ids unless it says otherwise."""

    work: str
    """Slug of its kind."""
    where: Circle | Box | Ring | None = None
    id: str | None = None
    operator: str | None = None
    """Equality filter, of 500 values."""
    category: str | None = None
    """Equality filter, of ten values."""
    prefix: str | None = None
    """Of the name."""
    by_name: bool = False
    """Whether the order is that of names, then ids."""
    top: int = 25
    skip: int = 0
    count: bool = False
    """Whether the number of all matches is asked for."""
    atom: bool = False
    """Whether the reply is to be Atom, not JSON."""

    def parameters(self) -> dict[str, str]:
        """Return the parameters of the statements of :mod:`bench.compare.sql`."""
        given = {"id": self.id, "operator": self.operator, "category": self.category, "prefix": self.prefix}
        found = {name: value for name, value in given.items() if value is not None}
        found |= {"top": str(self.top), "skip": str(self.skip)}
        match self.where:
            case Circle(latitude, longitude, km):
                return found | {"latitude": f"{latitude:.5f}", "longitude": f"{longitude:.5f}", "km": f"{km:g}"}
            case Box() as box:
                return found | _corners(box)
            case Ring() as ring:
                corners = json.dumps([[round(x, 5), round(y, 5)] for x, y in ring.corners], separators=(",", ":"))
                return found | _corners(ring.around()) | {"polygon": ring.wkt(), "ring": corners}
        return found


def _corners(box: Box) -> dict[str, str]:
    return {side: f"{getattr(box, side):.5f}" for side in ("south", "west", "north", "east")}


@dataclass(frozen=True, slots=True)
class Work:
    """One kind of work."""

    slug: str
    title: str
    make: Callable[[str, np.random.Generator, int], Question]
    """From the slug, chance and the number of entities."""
    most: int = COUNT
    """How many questions at most are made."""

    def questions(self, entities: int, seed: int = 7) -> list[Question]:
        """Return questions that differ from each other as far as the kind allows."""
        random = np.random.default_rng(seed)
        return [self.make(self.slug, random, entities) for _ in range(self.most)]


@lru_cache
def _centres() -> npt.NDArray[np.float64]:
    return cities()


def _somewhere(random: np.random.Generator) -> tuple[float, float]:
    """Return the latitude and longitude of a place in or near a city."""
    latitude, longitude = _centres()[random.integers(0, CITIES)] + random.normal(0, 0.1, 2)
    return round(float(latitude), 5), round(float(longitude), 5)


def _near(km: float, *, in_category: bool = False) -> Callable[[str, np.random.Generator, int], Question]:
    def make(slug: str, random: np.random.Generator, _entities: int) -> Question:
        category = str(random.choice(CATEGORIES)) if in_category else None
        return Question(slug, Circle(*_somewhere(random), km), category=category)

    return make


def _box(size: tuple[float, float], *, count: bool = False) -> Callable[[str, np.random.Generator, int], Question]:
    def make(slug: str, random: np.random.Generator, _entities: int) -> Question:
        latitude, longitude = _somewhere(random)
        south, west = round(latitude - size[0] / 2, 5), round(longitude - size[1] / 2, 5)
        box = Box(south, west, round(south + size[0], 5), round(west + size[1], 5))
        return Question(slug, box, count=count)

    return make


def _by_id(slug: str, random: np.random.Generator, entities: int) -> Question:
    return Question(slug, id=f"P{random.integers(0, entities)}")


def _equals(slug: str, random: np.random.Generator, _entities: int) -> Question:
    return Question(slug, operator=f"Operator {random.integers(0, 500)}")


def _prefix(slug: str, random: np.random.Generator, _entities: int) -> Question:
    return Question(slug, prefix=" ".join(random.choice(WORDS, 3)))


def _ordered(slug: str, random: np.random.Generator, entities: int) -> Question:
    return Question(slug, by_name=True, skip=25 * int(random.integers(0, min(400, entities // 25))))


def _deep(slug: str, random: np.random.Generator, entities: int) -> Question:
    return Question(slug, skip=int(random.integers(entities // 2, entities - 25)))


def _polygon(slug: str, random: np.random.Generator, _entities: int) -> Question:
    """Make a star of 200 points, the closing one included, about as large as a city."""
    latitude, longitude = _somewhere(random)
    angles = np.linspace(0, 2 * np.pi, _RING_CORNERS, endpoint=False)
    radii = random.uniform(0.07, 0.15, _RING_CORNERS)
    x = np.round(longitude + 1.5 * radii * np.cos(angles), 5)
    y = np.round(latitude + radii * np.sin(angles), 5)
    corners = [(float(a), float(b)) for a, b in zip(x, y, strict=True)]
    return Question(slug, Ring((*corners, corners[0])))


def _page(*, atom: bool = False) -> Callable[[str, np.random.Generator, int], Question]:
    """Make full pages from the beginning, so that it is the page that counts, not what is skipped."""

    def make(slug: str, random: np.random.Generator, entities: int) -> Question:
        return Question(slug, top=_PAGE, skip=int(random.integers(0, min(20_000, entities - _PAGE))), atom=atom)

    return make


WORK = (
    Work("nearby-10", "nearby 10 km", _near(10)),
    Work("nearby-50", "nearby 50 km", _near(50)),
    Work("nearby-400", "nearby 400 km", _near(400)),
    Work("nearby-1000", "nearby 1000 km", _near(1000)),
    Work("city-box", "bbox of a city", _box(_CITY)),
    Work("country-box", "bbox of a country, with count", _box(_COUNTRY, count=True)),
    Work("by-id", "by id", _by_id),
    Work("equals", "equality filter", _equals),
    Work("prefix", "prefix filter", _prefix),
    Work("filter-nearby", "filter + nearby 50 km", _near(50, in_category=True)),
    Work("order", "order by a string", _ordered),
    Work("deep-skip", "deep $skip", _deep),
    Work("polygon", "polygon of 200 points", _polygon, most=_POLYGONS),
    Work("page-json", "page of 250, JSON", _page()),
    Work("page-atom", "page of 250, Atom", _page(atom=True)),
)
FILTERED = Work("filter-nearby-1000", "filter + nearby 1000 km", _near(1000, in_category=True), most=400)
"""What is measured within the process only."""
TITLES = {work.slug: work.title for work in WORK}
