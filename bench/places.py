"""Makes what benchmarks load: clustered places with 25 properties, the same for the same seed."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.csv

ENTITY_TYPE = "Place"
CITIES = 400
WORDS = np.array(["north", "harbour", "old town", "market", "station", "garden", "museum", "bridge", "mill", "tower"])
CATEGORIES = np.array(["cafe", "bakery", "bank", "school", "pharmacy", "hotel", "garage", "library", "cinema", "shop"])


def cities(seed: int = 1) -> npt.NDArray[np.float64]:
    """Return the centres of the clusters, (latitude, longitude) each: a continent's worth."""
    random = np.random.default_rng(seed)
    return np.column_stack((random.uniform(36, 62, CITIES), random.uniform(-9, 30, CITIES)))


def write_places(path: Path, count: int, seed: int = 1) -> None:
    """Write ``count`` places with 25 properties as a csv upload (200,000 make about 60 MB)."""
    _write(path, _places(count, np.random.default_rng(seed), cities(seed)))


def write_changes(path: Path, count: int, places: int, seed: int) -> None:
    """Write ``count`` changes of what :func:`write_places` wrote, as a csv upload: a tenth deletes, a tenth adds."""
    random = np.random.default_rng(seed)
    table = _places(count, random, cities())
    known = random.choice(places, count, replace=False)
    turn = np.arange(count) % 10
    ids = pa.array(_texts("P", np.where(turn == 1, known + places, known)))
    table = table.set_column(0, "EntityID", ids)
    _write(path, table.append_column("__deleteEntity", pa.array(turn == 0)))


def _write(path: Path, table: pa.Table) -> None:
    declared = ",".join(
        f"{name}({_EDM[field.type]})" for name, field in zip(table.column_names, table.schema, strict=True)
    )
    with path.open("wb") as file:
        file.write(f"Bing Spatial Data Services, 1.0, {ENTITY_TYPE}\n".encode())
        file.write(declared.replace("EntityID(Edm.String)", "EntityID(Edm.String,primaryKey)").encode() + b"\n")
        pyarrow.csv.write_csv(table, file, pyarrow.csv.WriteOptions(include_header=False, quoting_style="needed"))


_EDM = {pa.string(): "Edm.String", pa.int64(): "Edm.Int64", pa.float64(): "Edm.Double", pa.bool_(): "Edm.Boolean"}


def _places(count: int, random: np.random.Generator, centres: npt.NDArray[np.float64]) -> pa.Table:
    # Large cities have more places than small ones: the first of 400 about forty times the median.
    weights = 1.0 / np.arange(1, CITIES + 1)
    city = random.choice(CITIES, count, p=weights / weights.sum())
    spread = random.normal(0, 0.15, (count, 2))
    latitude = np.round((centres[city, 0] + spread[:, 0]).clip(-90, 90), 6)
    longitude = np.round((centres[city, 1] + spread[:, 1]).clip(-180, 180), 6)
    numbers = {f"Number{i}": random.integers(0, 10 ** (2 + i), count) for i in range(1, 5)}
    ratios = {f"Ratio{i}": np.round(random.normal(0, 10.0**i, count), 4) for i in range(1, 4)}
    flags = {f"Flag{i}": random.random(count) < i / 5 for i in range(1, 4)}
    return pa.table(
        {
            "EntityID": _texts("P", random.permutation(count)),
            "Name": _joined(random, count, 3),
            "Category": CATEGORIES[random.integers(0, len(CATEGORIES), count)],
            "City": _texts("City ", city),
            "Street": _joined(random, count, 2),
            "HouseNumber": random.integers(1, 200, count).astype(str),
            "PostalCode": _texts("", random.integers(10_000, 99_999, count)),
            "Phone": _texts("+00 ", random.integers(10**8, 10**9, count)),
            "Website": _texts("https://places.example/", random.integers(0, 10**7, count)),
            "Opening": WORDS[random.integers(0, len(WORDS), count)],
            "Remark": _joined(random, count, 8),
            "Operator": _texts("Operator ", random.integers(0, 500, count)),
            "Latitude": latitude,
            "Longitude": longitude,
            "Brand": np.where(random.random(count) < 0.7, "", _texts("Brand ", random.integers(0, 80, count))),
            **numbers,
            **ratios,
            **flags,
        }
    )


def _texts(prefix: str, numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.str_]:
    return np.char.add(prefix, numbers.astype(str))


def _joined(random: np.random.Generator, count: int, words: int) -> npt.NDArray[np.str_]:
    text = WORDS[random.integers(0, len(WORDS), count)]
    for _ in range(words - 1):
        text = np.char.add(np.char.add(text, " "), WORDS[random.integers(0, len(WORDS), count)])
    return np.char.add(text, np.char.add(" ", random.integers(0, 1000, count).astype(str)))
